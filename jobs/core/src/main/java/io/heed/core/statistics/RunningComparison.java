package io.heed.core.statistics;

import io.heed.core.model.EffectScale;

/**
 * What has been concluded about one pair of arms so far: the smallest p-value and the intersection
 * of all intervals. Both only ever move one way, so what was excluded once stays excluded.
 *
 * @param logP the natural logarithm of the running p-value, at most 0
 * @param interval the running intersection
 */
public record RunningComparison(double logP, Interval interval) {
  /** Before the first look at a comparison of that scale. */
  public static RunningComparison start(EffectScale scale) {
    double lowest = scale == EffectScale.RELATIVE ? -1 : Double.NEGATIVE_INFINITY;
    return new RunningComparison(0, new Interval(lowest, Double.POSITIVE_INFINITY));
  }

  /** After one more look at a sequence that is tested at level {@code alpha}. */
  public RunningComparison with(ConfidenceSequence now, double alpha) {
    return with(-now.logE(0), now.tighten(interval, alpha));
  }

  /** After one more look with that p-value and interval. */
  public RunningComparison with(double logPNow, Interval now) {
    return new RunningComparison(Math.min(logP, logPNow), interval.intersect(now));
  }

  /** The running p-value, multiplied by the number of comparisons that share the level. */
  public double pValue(int comparisons) {
    return Math.min(1, comparisons * Math.exp(logP));
  }
}
