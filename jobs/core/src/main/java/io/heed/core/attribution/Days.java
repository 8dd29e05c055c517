package io.heed.core.attribution;

/** Days of UTC as numbers since 1970. */
public final class Days {
  public static final long MILLIS = 86_400_000L;

  private Days() {}

  /** The day in which an instant lies. */
  public static int of(long instant) {
    return (int) Math.floorDiv(instant, MILLIS);
  }

  /** The instant at which a day closes, the first of the next day. */
  public static long end(int day) {
    return (day + 1L) * MILLIS;
  }
}
