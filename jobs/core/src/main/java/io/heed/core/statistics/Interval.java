package io.heed.core.statistics;

/**
 * A closed interval of effects.
 *
 * @param lower its lower end; the lowest possible effect where the data exclude nothing below
 * @param upper its upper end; infinity where the data exclude nothing above
 */
public record Interval(double lower, double upper) {
  /**
   * @throws IllegalArgumentException unless lower ≤ upper
   */
  public Interval {
    if (!(lower <= upper)) {
      throw new IllegalArgumentException("lower = " + lower + " must not exceed upper = " + upper);
    }
  }

  /** True if the effect lies in the interval, ends included. */
  public boolean contains(double effect) {
    return lower <= effect && effect <= upper;
  }

  /** True if this interval lies strictly inside ±margin. */
  public boolean isWithin(double margin) {
    return -margin < lower && upper < margin;
  }

  /**
   * What both have in common. Where they have nothing in common (the effect has drifted), the end
   * of this interval nearest to the other: what was excluded stays excluded.
   */
  public Interval intersect(Interval other) {
    double low = Math.min(Math.max(lower, other.lower), upper);
    double high = Math.max(Math.min(upper, other.upper), lower);
    return new Interval(low, high);
  }
}
