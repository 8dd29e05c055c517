package io.heed.core.listhealth;

import java.util.function.LongConsumer;

/**
 * Opt-outs of a scope that is no list: such an opt-out closes nothing that is ever sent, since
 * scopes are compared as written. Judged an hour after the hour of the opt-out, so that a list's
 * first send may arrive after it.
 */
final class UnknownScopes {
  /** The bucket that says that the list has been texted, at whatever time. */
  static final long TEXTED = 0;

  private static final long JUDGED_AFTER_MILLIS = 2 * RowDeltas.HOUR_MILLIS;

  private UnknownScopes() {}

  /** Keeps no more of a list than that it has been texted. */
  static void count(Watched watched) {
    if (texted(watched)) {
      watched.buckets = 1;
      watched.first[0] = 1;
    }
  }

  static long nextLook(Watched watched) {
    if (texted(watched)) {
      return Long.MAX_VALUE;
    }
    if (watched.buckets > 0) {
      return watched.start[0] + JUDGED_AFTER_MILLIS;
    }
    return watched.mark == Long.MIN_VALUE
        ? Long.MAX_VALUE
        : watched.mark + RowDeltas.DAY_MILLIS + JUDGED_AFTER_MILLIS;
  }

  /**
   * Judges the hours that are due.
   *
   * @param found takes the UTC day of an opt-out, once per day
   * @return false if there is nothing more to remember
   */
  static boolean look(Watched watched, long now, LongConsumer found) {
    if (texted(watched)) {
      return true;
    }
    while (watched.buckets > 0 && watched.start[0] + JUDGED_AFTER_MILLIS <= now) {
      long day = RowDeltas.windowStart(watched.start[0], RowDeltas.DAY);
      if (day > watched.mark) {
        watched.mark = day;
        found.accept(day);
      }
      watched.expire(watched.start[0] + 1);
    }
    return watched.buckets > 0 || now < watched.mark + RowDeltas.DAY_MILLIS + JUDGED_AFTER_MILLIS;
  }

  private static boolean texted(Watched watched) {
    return watched.buckets > 0 && watched.start[0] == TEXTED;
  }
}
