package io.heed.core.hours;

import java.time.DayOfWeek;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Allowed hours by local date: of one region, or of a policy. A day that has rows, none of which
 * fits, is closed; a date before the first row or after the last is open.
 */
final class HoursRule {
  /** No rule holds on that date. */
  static final long OPEN = pack(0, 24 * 60);

  /** Nothing is allowed on that date. */
  static final long CLOSED = pack(0, 0);

  /**
   * One row.
   *
   * @param weekdays bit per weekday, Monday is bit 0; 0 for a row of holidays
   * @param fromMinute minute of the local day from which messages are allowed
   * @param toMinute minute of the local day from which they no longer are; equal to {@code
   *     fromMinute}: never
   * @param fromDay epoch day from which the row holds
   * @param toDay epoch day from which it no longer holds
   */
  record Row(int weekdays, int fromMinute, int toMinute, long fromDay, long toDay) {
    boolean holdsOn(long day) {
      return day >= fromDay && day < toDay;
    }
  }

  private final List<Row> rows;
  private final Set<Long> holidays;

  HoursRule(List<Row> rows, Set<Long> holidays) {
    this.rows = List.copyOf(rows);
    this.holidays = holidays;
  }

  /** The same hours on every day. */
  static HoursRule everyDay(int fromMinute, int toMinute) {
    return new HoursRule(
        List.of(new Row(0x7f, fromMinute, toMinute, Long.MIN_VALUE, Long.MAX_VALUE)), Set.of());
  }

  /** The allowed minutes of a local date, packed; see {@link #from} and {@link #to}. */
  long on(long day) {
    boolean holiday = holidays.contains(day);
    if (holiday) {
      long minutes = on(day, 0);
      if (minutes >= 0) {
        return minutes;
      }
    }
    boolean anyHolds = false;
    for (Row row : rows) {
      anyHolds |= row.holdsOn(day);
    }
    if (!anyHolds) {
      return OPEN;
    }
    long minutes = on(day, 1 << BusinessDays.weekday(day));
    return minutes < 0 ? CLOSED : minutes;
  }

  /** What all rows of a weekday (0: of holidays) allow together; -1 if there is none. */
  private long on(long day, int weekday) {
    int from = -1;
    int to = 24 * 60;
    for (Row row : rows) {
      boolean fits = weekday == 0 ? row.weekdays() == 0 : (row.weekdays() & weekday) != 0;
      if (fits && row.holdsOn(day)) {
        from = Math.max(from, row.fromMinute());
        to = Math.min(to, row.toMinute());
      }
    }
    return from < 0 ? -1 : from < to ? pack(from, to) : CLOSED;
  }

  private static long pack(int from, int to) {
    return ((long) from << 16) | to;
  }

  static long from(long minutes) {
    return minutes >> 16;
  }

  static long to(long minutes) {
    return minutes & 0xffff;
  }

  /** Reads {@code MON}, {@code MON-SAT} or {@code HOLIDAY} as a row's weekdays. */
  static int weekdays(String days) {
    if (days.equals("HOLIDAY")) {
      return 0;
    }
    List<Integer> ends = new ArrayList<>();
    for (String day : days.split("-", -1)) {
      ends.add(weekday(day));
    }
    int mask = 0;
    for (int day = ends.get(0); day <= ends.get(ends.size() - 1); day++) {
      mask |= 1 << day;
    }
    return mask;
  }

  private static int weekday(String shortName) {
    for (DayOfWeek day : DayOfWeek.values()) {
      if (day.name().startsWith(shortName)) {
        return day.ordinal();
      }
    }
    throw new IllegalArgumentException("no weekday " + shortName);
  }

  /** Reads {@code 08:00}, also {@code 24:00}, as a minute of the day. */
  static int minute(String time) {
    String[] parts = time.split(":", -1);
    return Integer.parseInt(parts[0]) * 60 + Integer.parseInt(parts[1]);
  }

  /** Epoch day of a date; {@code orElse} without one. */
  static long day(String date, long orElse) {
    return date.isEmpty() ? orElse : LocalDate.parse(date).toEpochDay();
  }
}
