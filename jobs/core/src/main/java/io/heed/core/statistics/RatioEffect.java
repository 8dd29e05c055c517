package io.heed.core.statistics;

import java.util.List;

/**
 * The ratio of two arms' ratios of means, such as revenue per click, minus one: relative, by the
 * delta method on the logarithm. {@link MeanCounts} hold the numerator as value and the denominator
 * as covariate.
 *
 * <p>Per epoch and arm {@code R = Σy/Σx}, and the relative residuals {@code e = (y − R x)/ȳ} have
 * mean 0 and variance s²; {@code var(ln R) = s²/n}. Of the pooled variance (as of {@link
 * MeanEffect}) and that of each arm by itself the larger counts: arms that differ in their
 * denominators differ in s², too. Epochs are combined by inverse variance.
 *
 * <p>Source: Deng, Knoblich and Lu, "Applying the delta method in metric analytics" (2018).
 *
 * @param log the difference of the logarithms, with its standard error
 */
public record RatioEffect(MeanEffect log) implements LookStatistic {
  /** The effect over the given epochs. */
  public static RatioEffect of(List<Stratum<MeanCounts>> strata) {
    double precision = 0;
    double weighted = 0;
    long recipients = 0;
    for (Stratum<MeanCounts> stratum : strata) {
      MeanCounts a = stratum.a();
      MeanCounts b = stratum.b();
      if (Math.min(a.successes(), b.successes()) < MeanEffect.MINIMUM_SUCCESSES
          || !(ratio(a) > 0 && ratio(b) > 0)) {
        continue;
      }
      double squaresA = relativeSquares(a);
      double squaresB = relativeSquares(b);
      if (squaresA > 0 && squaresB > 0) {
        double na = a.recipients();
        double nb = b.recipients();
        double pooled = (squaresA + squaresB) / (na + nb - 2) * (1 / na + 1 / nb);
        double apart = squaresA / (na - 1) / na + squaresB / (nb - 1) / nb;
        double variance = Math.max(pooled, apart);
        precision += 1 / variance;
        weighted += Math.log(ratio(b) / ratio(a)) / variance;
        recipients += stratum.recipients();
      }
    }
    return new RatioEffect(
        recipients == 0
            ? new MeanEffect(Double.NaN, Double.NaN, 0)
            : new MeanEffect(weighted / precision, Math.sqrt(1 / precision), recipients));
  }

  private static double ratio(MeanCounts arm) {
    return arm.sumMicros().doubleValue() / arm.covariateSumMicros().doubleValue();
  }

  /** Σe². */
  private static double relativeSquares(MeanCounts arm) {
    double mean = arm.sumMicros().doubleValue() / arm.recipients();
    return MeanEffect.adjustedSquares(arm, ratio(arm)) / (mean * mean);
  }

  @Override
  public double estimate() {
    return Math.expm1(log.estimate());
  }

  @Override
  public double z(double nullEffect) {
    return log.z(Math.log1p(nullEffect));
  }

  @Override
  public Interval interval(double criticalValue) {
    return relative(log.interval(criticalValue));
  }

  static Interval relative(Interval ofLogs) {
    return new Interval(Math.expm1(ofLogs.lower()), Math.expm1(ofLogs.upper()));
  }
}
