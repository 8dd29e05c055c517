package io.heed.core.gate;

import java.time.Duration;

/**
 * Settings.
 *
 * @param reservationMillis how long an ALLOW holds its slot
 * @param horizonMillis how long messages are kept, in event time
 * @param rememberMillis how long an answer is kept after it has expired
 */
public record GateSettings(long reservationMillis, long horizonMillis, long rememberMillis) {
  /** The defaults. */
  public static final GateSettings DEFAULTS =
      new GateSettings(
          Duration.ofMinutes(10).toMillis(),
          Duration.ofDays(35).toMillis(),
          // Less than a day after a message its answer is forgotten when the daily cap lapses.
          Duration.ofHours(23).toMillis());
}
