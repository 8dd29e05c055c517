package io.heed.core.experiments;

import io.heed.core.statistics.Direction;

/**
 * What a metric counts, of the recipient and not of one message: what happens within the window
 * after the first exposure counts, whichever message caused it, so that every arm is measured
 * alike.
 */
public enum MetricEvent {
  /** A click that no link scanner made, or a visit that no message caused. */
  CLICK(Direction.HIGHER, 0.05, true),
  /** A reply of any kind. */
  REPLY(Direction.HIGHER, 0.01, false),
  /** A revocation, in any way, recognised replies included. */
  OPT_OUT(Direction.LOWER, 0.005, false),
  /** A revocation by complaint. */
  COMPLAINT(Direction.LOWER, 0.0005, false),
  /** A conversion of the metric's kinds, or the revenue of these. */
  CONVERSION(Direction.HIGHER, 0.02, true),
  /** A message that the carrier delivered. */
  DELIVERY(Direction.HIGHER, 0.95, false);

  private final Direction better;
  private final double typicalRate;
  private final boolean withoutMessage;

  MetricEvent(Direction better, double typicalRate, boolean withoutMessage) {
    this.better = better;
    this.typicalRate = typicalRate;
    this.withoutMessage = withoutMessage;
  }

  /** Which rates are better. */
  public Direction better() {
    return better;
  }

  /** The expected rate where the file gives none: it tunes, it does not decide. */
  public double typicalRate() {
    return typicalRate;
  }

  /**
   * Whether it happens to recipients who get no message: only then a hold-out is a fair control.
   */
  public boolean withoutMessage() {
    return withoutMessage;
  }

  /** As it stands in files, such as {@code opt-out}. */
  public String fileName() {
    return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }
}
