package io.heed.core.optimizer;

/**
 * What the optimizer decides about one request, with the figures that it decided by.
 *
 * @param allowed whether the message may go
 * @param cause why
 * @param propensity probability of this verdict, 1 where chance had no part
 * @param brings net margin less cost of the message, micros
 * @param hazard probability that the person leaves because of it
 * @param worthMicros value of the subscriber if the message waits, micros
 * @param gainMicros what the message adds: brings + (1 - hazard) x value after - value if it waits
 */
public record ValueVerdict(
    boolean allowed,
    Cause cause,
    double propensity,
    double brings,
    double hazard,
    double worthMicros,
    double gainMicros) {
  /** Why a verdict is what it is. */
  public enum Cause {
    /** The model is not ready: plain caps decide. */
    NO_MODEL,
    /** The first share of a campaign. */
    PILOT,
    /** The campaign's pilot is not in yet. */
    PILOT_PENDING,
    /** Worth its place. */
    WANTED,
    /** Worth its place, and withheld by chance. */
    WITHHELD,
    /** Not worth its place. */
    UNWANTED,
    /** Not worth its place, and sent by chance. */
    EXPLORED
  }
}
