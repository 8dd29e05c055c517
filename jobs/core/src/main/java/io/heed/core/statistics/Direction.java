package io.heed.core.statistics;

/** Which values of a metric are better. */
public enum Direction {
  /** More is better: clicks, conversions, revenue. */
  HIGHER(1),
  /** Less is better: opt-outs, complaints. */
  LOWER(-1);

  private final int sign;

  Direction(int sign) {
    this.sign = sign;
  }

  /** +1 if an effect above 0 is an improvement, −1 if it is a loss. */
  public int sign() {
    return sign;
  }
}
