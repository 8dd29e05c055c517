package io.heed.core.statistics;

/**
 * The evidence that the counts of this moment give about the effect of arm B against arm A. Valid
 * at every look: under the null hypothesis "the effect is δ" the chance that {@code logE(δ)} ever
 * reaches {@code ln(1/α)} is at most α.
 */
public interface ConfidenceSequence {
  /** The effect that fits the counts best; NaN while there are none. */
  double estimate();

  /** The log e-value against the null hypothesis that the effect is {@code nullEffect}. */
  double logE(double nullEffect);

  /** All effects that are not excluded at level {@code alpha}. */
  Interval interval(double alpha);

  /** True if {@link #interval} at that level leaves the effect out. */
  default boolean excludes(double effect, double alpha) {
    return logE(effect) >= -Math.log(alpha);
  }

  /**
   * The intersection of an earlier interval with this one. Finding an interval costs dozens of
   * evaluations; while both earlier ends are still possible it cannot be narrower, which costs two.
   */
  default Interval tighten(Interval earlier, double alpha) {
    boolean bounded = Double.isFinite(earlier.lower()) && Double.isFinite(earlier.upper());
    return bounded && !excludes(earlier.lower(), alpha) && !excludes(earlier.upper(), alpha)
        ? earlier
        : earlier.intersect(interval(alpha));
  }
}
