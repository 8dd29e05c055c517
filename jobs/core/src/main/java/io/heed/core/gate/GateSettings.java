package io.heed.core.gate;

import java.time.Duration;

/**
 * Settings.
 *
 * @param reservationMillis how long an ALLOW holds its slot
 * @param horizonMillis how long messages are kept, in event time
 * @param retainMillis how long a verdict is kept after it has expired
 */
public record GateSettings(long reservationMillis, long horizonMillis, long retainMillis) {
  /** The defaults. */
  public static final GateSettings DEFAULTS =
      new GateSettings(
          Duration.ofMinutes(10).toMillis(),
          Duration.ofDays(35).toMillis(),
          // Less than a day, so that a verdict has expired when the daily cap of its message
          // lapses.
          Duration.ofHours(23).toMillis());
}
