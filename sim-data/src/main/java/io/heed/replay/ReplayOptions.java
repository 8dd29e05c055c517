package io.heed.replay;

import java.time.Instant;
import java.util.Map;
import java.util.Set;

/**
 * What is replayed of a file, and how.
 *
 * @param where of each named column, the values of the rows to take; empty for all rows
 * @param groups how many groups to take, the first ones by name; 0 for all
 * @param base the instant that invented times count from; null for the mapping's
 * @param now events must not lie behind it
 * @param sortBytes memory for sorting rows; what exceeds it goes to temporary files
 */
public record ReplayOptions(
    Map<String, Set<String>> where, int groups, Instant base, Instant now, long sortBytes) {
  private static final long SORT_BYTES = 128L << 20;

  /** All rows, as the mapping says. */
  public static ReplayOptions at(Instant now) {
    return new ReplayOptions(Map.of(), 0, null, now, SORT_BYTES);
  }

  public ReplayOptions withWhere(Map<String, Set<String>> values) {
    return new ReplayOptions(values, groups, base, now, sortBytes);
  }

  public ReplayOptions withGroups(int count) {
    return new ReplayOptions(where, count, base, now, sortBytes);
  }

  public ReplayOptions withBase(Instant instant) {
    return new ReplayOptions(where, groups, instant, now, sortBytes);
  }

  public ReplayOptions withSortBytes(long bytes) {
    return new ReplayOptions(where, groups, base, now, bytes);
  }
}
