package io.heed.preview;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The range of a page.
 *
 * @param from start, inclusive
 * @param to end, inclusive
 */
public record TimeRange(Instant from, Instant to) {
  private static final Pattern RELATIVE =
      Pattern.compile("now(?:([-+])(\\d{1,6})([smhdwMy]))?(?:/([smhdwMy]))?");
  private static final Pattern MILLIS = Pattern.compile("\\d{1,15}");

  /**
   * @throws IllegalArgumentException if it ends before it starts
   */
  public TimeRange {
    if (to.isBefore(from)) {
      throw new IllegalArgumentException("to lies before from");
    }
  }

  /**
   * Reads both ends as Grafana writes them: epoch milliseconds, or relative such as {@code
   * now-30d}, {@code now-1d/d}.
   *
   * @throws IllegalArgumentException with what is allowed
   */
  public static TimeRange parse(String from, String to, Instant now) {
    return new TimeRange(instant(from, now), instant(to, now));
  }

  private static Instant instant(String text, Instant now) {
    if (MILLIS.matcher(text).matches()) {
      return Instant.ofEpochMilli(Long.parseLong(text));
    }
    Matcher relative = RELATIVE.matcher(text);
    if (!relative.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is no instant: epoch milliseconds or now-30d, now-1d/d are allowed");
    }
    ZonedDateTime time = now.atZone(ZoneOffset.UTC);
    if (relative.group(1) != null) {
      long amount = Long.parseLong(relative.group(1) + relative.group(2));
      time = time.plus(amount, unit(relative.group(3)));
    }
    return relative.group(4) == null ? time.toInstant() : floor(time, relative.group(4));
  }

  private static ChronoUnit unit(String letter) {
    return switch (letter) {
      case "s" -> ChronoUnit.SECONDS;
      case "m" -> ChronoUnit.MINUTES;
      case "h" -> ChronoUnit.HOURS;
      case "d" -> ChronoUnit.DAYS;
      case "w" -> ChronoUnit.WEEKS;
      case "M" -> ChronoUnit.MONTHS;
      default -> ChronoUnit.YEARS;
    };
  }

  private static Instant floor(ZonedDateTime time, String letter) {
    ZonedDateTime day = time.truncatedTo(ChronoUnit.DAYS);
    return switch (letter) {
      case "w" -> day.minusDays(day.getDayOfWeek().getValue() - 1L).toInstant();
      case "M" -> day.withDayOfMonth(1).toInstant();
      case "y" -> day.withDayOfYear(1).toInstant();
      default -> time.truncatedTo(unit(letter)).toInstant();
    };
  }

  /** Start in epoch seconds, as the data source's macros take it. */
  long fromSeconds() {
    return from.getEpochSecond();
  }

  /** End in epoch seconds. */
  long toSeconds() {
    return to.getEpochSecond();
  }
}
