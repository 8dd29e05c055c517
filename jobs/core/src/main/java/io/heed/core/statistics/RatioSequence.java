package io.heed.core.statistics;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.math3.analysis.UnivariateFunction;
import org.apache.commons.math3.analysis.solvers.PegasusSolver;
import org.apache.commons.math3.optim.MaxEval;
import org.apache.commons.math3.optim.nonlinear.scalar.GoalType;
import org.apache.commons.math3.optim.univariate.BrentOptimizer;
import org.apache.commons.math3.optim.univariate.SearchInterval;
import org.apache.commons.math3.optim.univariate.UnivariateObjectiveFunction;

/**
 * The confidence sequence of a ratio of rates: all r₀ that the mixture does not exclude. Effects
 * are relative, ratio − 1.
 */
public final class RatioSequence implements ConfidenceSequence {
  /** An end farther from the best ratio than this factor (e³ = 20) is reported as unbounded. */
  private static final double LOG_REACH = 3;

  private static final double LOG_RATIO_ACCURACY = 1e-9;

  /** Of the square root of a log e-value: some 1e-8 standard errors of the log ratio. */
  private static final double ROOT_ACCURACY = 1e-8;

  private static final double MINIMUM_ACCURACY = 1e-3;
  private static final int MAX_EVALUATIONS = 200;

  private final RatioMixture mixture;
  private final List<Stratum<BinaryCounts>> blocks;
  private final double boundaryLogE;
  private BlockSummary summary;
  private boolean estimated;
  private double estimate;

  /** The evidence of these blocks about the ratio of the rates. */
  public RatioSequence(RatioMixture mixture, List<Stratum<BinaryCounts>> blocks) {
    this(mixture, blocks, mixture.logE(blocks));
  }

  /**
   * The same, where a process has added the blocks up already.
   *
   * @param boundaryLogE of the blocks against the boundary
   */
  public RatioSequence(
      RatioMixture mixture, List<Stratum<BinaryCounts>> blocks, double boundaryLogE) {
    this.mixture = mixture;
    this.blocks = List.copyOf(blocks);
    this.boundaryLogE = boundaryLogE;
  }

  /**
   * Mantel and Haenszel's ratio over the blocks, minus one: counts are never pooled over blocks,
   * which may differ in base rate and in allocation at once (Simpson's paradox).
   */
  @Override
  public double estimate() {
    if (!estimated) {
      estimate = weightedSuccesses(false, 0) / weightedSuccesses(true, 0) - 1;
      estimated = true;
    }
    return estimate;
  }

  @Override
  public double logE(double nullEffect) {
    if (nullEffect == mixture.boundaryRatio() - 1) {
      return boundaryLogE;
    }
    if (nullEffect <= -1) {
      return impossible(blocks.stream().anyMatch(s -> s.b().successes() > 0));
    }
    if (nullEffect == Double.POSITIVE_INFINITY) {
      return impossible(blocks.stream().anyMatch(s -> s.a().successes() > 0));
    }
    return summary().logE(1 + nullEffect);
  }

  private BlockSummary summary() {
    if (summary == null) {
      summary = new BlockSummary(mixture, blocks);
    }
    return summary;
  }

  /** One success rules out a rate of zero, its absence is no evidence. */
  private static double impossible(boolean contradicted) {
    return contradicted ? Double.POSITIVE_INFINITY : 0;
  }

  @Override
  public Interval interval(double alpha) {
    return interval(alpha, true, true);
  }

  /** An end that is still possible is not looked for: this interval reaches beyond it. */
  @Override
  public Interval tighten(Interval earlier, double alpha) {
    if (earlier.contains(0) && excludes(0, alpha)) {
      return earlier.intersect(interval(alpha));
    }
    boolean lower = excludes(earlier.lower(), alpha);
    boolean upper = excludes(earlier.upper(), alpha);
    return lower || upper ? earlier.intersect(interval(alpha, lower, upper)) : earlier;
  }

  /** The interval; an end that is not requested is unbounded. */
  private Interval interval(double alpha, boolean findLower, boolean findUpper) {
    double threshold = -Math.log(alpha);
    Map<Double, Double> known = new HashMap<>();
    UnivariateFunction excess =
        logRatio -> known.computeIfAbsent(logRatio, this::logEAtLogRatio) - threshold;
    double step = Math.sqrt(1 / weightedSuccesses(true, 0.5) + 1 / weightedSuccesses(false, 0.5));
    double best = minimum(excess, step);
    double depth = Math.max(0, -excess.value(best));
    // Where a parabola would leave it, and a little beyond.
    double reach = 1.1 * step * Math.sqrt(2 * depth);

    // Starting beyond 1, or stopping short of it, keeps the interval in agreement with the test of
    // no effect also where the mixture would have a second dip.
    boolean oneExcluded = excess.value(0) >= 0;
    double lower = Double.NEGATIVE_INFINITY;
    double upper = Double.POSITIVE_INFINITY;
    if (findLower) {
      double inside = oneExcluded ? best : Math.min(best, 0);
      double first = Math.max(step, inside - best + reach);
      lower = end(excess, depth, inside, best - LOG_REACH, -first);
      lower = oneExcluded && best > 0 ? Math.max(lower, Double.MIN_VALUE) : lower;
    }
    if (findUpper) {
      double inside = oneExcluded ? best : Math.max(best, 0);
      double first = Math.max(step, best - inside + reach);
      upper = end(excess, depth, inside, best + LOG_REACH, first);
      upper = oneExcluded && best < 0 ? Math.min(upper, -Double.MIN_VALUE) : upper;
    }
    return new Interval(Math.expm1(lower), Math.expm1(upper));
  }

  private double logEAtLogRatio(double logRatio) {
    return logRatio == 0 ? logE(0) : summary().logE(Math.exp(logRatio));
  }

  /** The log ratio that is excluded least. */
  private double minimum(UnivariateFunction excess, double step) {
    double start = Math.log(weightedSuccesses(false, 0.5)) - Math.log(weightedSuccesses(true, 0.5));
    boolean precise = 8 * step < LOG_REACH;
    if (precise && excess.value(start) < 0) {
      return start;
    }
    double reach = precise ? 4 * step : LOG_REACH;
    return new BrentOptimizer(MINIMUM_ACCURACY, MINIMUM_ACCURACY * step)
        .optimize(
            GoalType.MINIMIZE,
            new UnivariateObjectiveFunction(excess),
            new SearchInterval(start - reach, start + reach, start),
            new MaxEval(MAX_EVALUATIONS))
        .getPoint();
  }

  /**
   * Where the excess leaves the negative on the way from {@code inside} to {@code limit}. A log
   * e-value is nearly a parabola, so its root is sought in its square root, which is nearly a line.
   *
   * @param depth of the excess at its lowest
   */
  private static double end(
      UnivariateFunction excess, double depth, double inside, double limit, double firstStep) {
    UnivariateFunction line =
        x -> Math.sqrt(Math.max(0, excess.value(x) + depth)) - Math.sqrt(depth);
    double step = firstStep;
    double from = inside;
    double to = inside;
    while (to != limit) {
      from = to;
      to = step < 0 ? Math.max(to + step, limit) : Math.min(to + step, limit);
      if (excess.value(to) >= 0) {
        return excess.value(from) >= 0
            ? from
            : new PegasusSolver(LOG_RATIO_ACCURACY, LOG_RATIO_ACCURACY, ROOT_ACCURACY)
                .solve(MAX_EVALUATIONS, line, Math.min(from, to), Math.max(from, to));
      }
      step *= 2;
    }
    return step < 0 ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
  }

  /** Successes of an arm, weighted by the other arm's share of each block. */
  private double weightedSuccesses(boolean ofA, double plus) {
    double sum = plus;
    for (int i = 0; i < blocks.size(); i++) {
      Stratum<BinaryCounts> block = blocks.get(i);
      long units = block.recipients();
      if (units > 0) {
        BinaryCounts arm = ofA ? block.a() : block.b();
        BinaryCounts other = ofA ? block.b() : block.a();
        sum += (double) arm.successes() * other.recipients() / units;
      }
    }
    return sum;
  }
}
