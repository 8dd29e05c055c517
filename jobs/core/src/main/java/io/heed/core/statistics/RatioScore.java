package io.heed.core.statistics;

import java.util.List;
import org.apache.commons.math3.analysis.UnivariateFunction;
import org.apache.commons.math3.analysis.solvers.BrentSolver;

/**
 * The score test of a ratio of rates: the statistic of a planned list's looks. For "no effect" it
 * is the z-test of two proportions with pooled variance.
 *
 * <pre>
 * z(r₀) = Σ w (p_b − r₀ p_a) / √( Σ w² ( r₀² θ(1−θ)/n_a + r₀θ(1−r₀θ)/n_b ) )
 * </pre>
 *
 * over epochs with w = n_a n_b / n and θ the constrained maximum likelihood estimate ({@link
 * NullRates}). The interval inverts the test, so the two cannot disagree.
 *
 * <p>Source: Miettinen and Nurminen, "Comparative analysis of two rates" (1985).
 *
 * @param strata the pair's counts per epoch
 */
public record RatioScore(List<Stratum<BinaryCounts>> strata) implements LookStatistic {
  private static final double LOG_RATIO_ACCURACY = 1e-11;
  private static final int MAX_EVALUATIONS = 200;

  /** Ratios beyond e^±10 are reported as unbounded. */
  private static final double LOG_REACH = 10;

  /** Copies the strata. */
  public RatioScore {
    strata = List.copyOf(strata);
  }

  @Override
  public double estimate() {
    return weightedRate(true) / weightedRate(false) - 1;
  }

  private double weightedRate(boolean ofB) {
    double sum = 0;
    for (Stratum<BinaryCounts> stratum : strata) {
      BinaryCounts arm = ofB ? stratum.b() : stratum.a();
      if (arm.recipients() > 0) {
        sum += stratum.mantelHaenszelWeight() * arm.successes() / arm.recipients();
      }
    }
    return sum;
  }

  @Override
  public double z(double nullEffect) {
    double ratio = 1 + nullEffect;
    double score = 0;
    double variance = 0;
    for (Stratum<BinaryCounts> stratum : strata) {
      double w = stratum.mantelHaenszelWeight();
      if (w == 0) {
        continue;
      }
      BinaryCounts a = stratum.a();
      BinaryCounts b = stratum.b();
      double n = stratum.recipients();
      double rateA =
          NullRates.rateA(
              ratio, (a.successes() + b.successes()) / n, a.failures() / n, b.failures() / n);
      double rateB = ratio * rateA;
      score +=
          w * ((double) b.successes() / b.recipients() - ratio * a.successes() / a.recipients());
      variance +=
          w
              * w
              * (ratio * ratio * rateA * (1 - rateA) / a.recipients()
                  + rateB * (1 - rateB) / b.recipients());
    }
    return variance > 0 ? score / Math.sqrt(variance) : Double.NaN;
  }

  @Override
  public Interval interval(double criticalValue) {
    double center = Math.log1p(estimate());
    if (!Double.isFinite(center)) {
      return new Interval(-1, Double.POSITIVE_INFINITY);
    }
    return new Interval(
        end(center, -LOG_REACH, logRatio -> z(Math.expm1(logRatio)) - criticalValue),
        end(center, LOG_REACH, logRatio -> z(Math.expm1(logRatio)) + criticalValue));
  }

  private static double end(double center, double reach, UnivariateFunction excess) {
    double limit = center + reach;
    if (Math.signum(excess.value(center)) * Math.signum(excess.value(limit)) >= 0) {
      return reach < 0 ? -1 : Double.POSITIVE_INFINITY;
    }
    return Math.expm1(
        new BrentSolver(LOG_RATIO_ACCURACY, LOG_RATIO_ACCURACY)
            .solve(MAX_EVALUATIONS, excess, Math.min(center, limit), Math.max(center, limit)));
  }
}
