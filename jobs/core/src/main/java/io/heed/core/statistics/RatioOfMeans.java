package io.heed.core.statistics;

import java.util.List;

/**
 * The asymptotic confidence sequence of a ratio of ratios of means: {@link MeanSequence} on the
 * logarithm of {@link RatioEffect}. Effects are relative.
 *
 * @param log the sequence of the difference of the logarithms
 */
public record RatioOfMeans(MeanSequence log) implements ConfidenceSequence {
  /** The sequence over the given epochs, with the rate R of {@link MeanSequence}. */
  public static RatioOfMeans of(List<Stratum<MeanCounts>> strata, double rate) {
    return new RatioOfMeans(new MeanSequence(RatioEffect.of(strata).log(), rate));
  }

  @Override
  public double estimate() {
    return Math.expm1(log.estimate());
  }

  @Override
  public double logE(double nullEffect) {
    return log.logE(Math.log1p(nullEffect));
  }

  @Override
  public Interval interval(double alpha) {
    return RatioEffect.relative(log.interval(alpha));
  }
}
