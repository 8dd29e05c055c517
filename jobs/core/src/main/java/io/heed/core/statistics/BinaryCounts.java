package io.heed.core.statistics;

/**
 * Matured recipients of one arm and how many of them had the outcome.
 *
 * @param recipients matured recipients
 * @param successes recipients with the outcome, at most {@code recipients}
 */
public record BinaryCounts(long recipients, long successes) implements MetricCounts {
  /** Nothing counted yet. */
  public static final BinaryCounts ZERO = new BinaryCounts(0, 0);

  /**
   * @throws IllegalArgumentException unless 0 ≤ successes ≤ recipients
   */
  public BinaryCounts {
    if (successes < 0 || successes > recipients) {
      throw new IllegalArgumentException(
          "successes = " + successes + " must be between 0 and recipients = " + recipients);
    }
  }

  /** Recipients without the outcome. */
  public long failures() {
    return recipients - successes;
  }

  /** Both together. */
  public BinaryCounts plus(BinaryCounts other) {
    return new BinaryCounts(
        Math.addExact(recipients, other.recipients), Math.addExact(successes, other.successes));
  }

  /** What remains after {@code other} is taken back, for restated facts. */
  public BinaryCounts minus(BinaryCounts other) {
    return new BinaryCounts(recipients - other.recipients, successes - other.successes);
  }
}
