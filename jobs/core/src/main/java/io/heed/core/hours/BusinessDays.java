package io.heed.core.hours;

import java.util.Set;

/** Counts business days of the federal government of the United States, in UTC. */
public final class BusinessDays {
  /** Within so many a revocation must be honoured: 47 CFR 64.1200(a)(10). */
  private static final int REVOCATION_DAYS = 10;

  private static final long DAY_MILLIS = 86_400_000L;
  private static final Set<Long> HOLIDAYS = Holidays.of("US");

  private BusinessDays() {}

  /**
   * The last instant at which a revocation must be honoured: the same time of day, ten days later
   * that are neither weekends nor federal holidays.
   */
  public static long honourBy(long revokedAt) {
    long day = Math.floorDiv(revokedAt, DAY_MILLIS);
    for (int counted = 0; counted < REVOCATION_DAYS; ) {
      day++;
      if (weekday(day) < 5 && !HOLIDAYS.contains(day)) {
        counted++;
      }
    }
    return day * DAY_MILLIS + Math.floorMod(revokedAt, DAY_MILLIS);
  }

  /** Monday is 0. 1970-01-01 was a Thursday. */
  static int weekday(long epochDay) {
    return (int) Math.floorMod(epochDay + 3, 7L);
  }
}
