package io.heed.replay;

import static java.util.stream.Collectors.toUnmodifiableSet;

import io.heed.core.config.ConfigNode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.format.TextStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalQueries;
import java.time.temporal.WeekFields;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * How a column gives an instant.
 *
 * @param formatter of dates and times; null for numbers
 * @param millisPerUnit of a number since the epoch
 * @param zone of what has no offset of its own
 * @param example of what is allowed
 */
record TimeFormat(DateTimeFormatter formatter, int millisPerUnit, ZoneId zone, String example) {
  private static final String ALLOWED =
      "iso, epoch-seconds, epoch-millis, year-week, or a pattern such as dd/MM/yyyy HH:mm";

  private static final Pattern LITERAL_OR_ZONE = Pattern.compile("'[^']*'|z+");

  /** What an abbreviation means that several places have: CST is Chicago before Shanghai. */
  private static final Set<ZoneId> COMMON_ZONES =
      Stream.of(
              "America/New_York",
              "America/Chicago",
              "America/Denver",
              "America/Los_Angeles",
              "America/Anchorage",
              "Pacific/Honolulu",
              "Europe/London",
              "Europe/Paris")
          .map(ZoneId::of)
          .collect(toUnmodifiableSet());

  private static final DateTimeFormatter ISO =
      new DateTimeFormatterBuilder()
          .append(DateTimeFormatter.ISO_LOCAL_DATE)
          .optionalStart()
          .appendLiteral('T')
          .append(DateTimeFormatter.ISO_LOCAL_TIME)
          .optionalStart()
          .appendOffsetId()
          .toFormatter(Locale.ROOT)
          .withResolverStyle(ResolverStyle.STRICT);

  /** The weeks of strftime's %U: the first one starts with the year's first Sunday. */
  private static final WeekFields WEEKS = WeekFields.of(DayOfWeek.SUNDAY, 7);

  private static final DateTimeFormatter YEAR_WEEK =
      new DateTimeFormatterBuilder()
          .appendValue(ChronoField.YEAR, 4)
          .appendValue(WEEKS.weekOfYear(), 2)
          .parseDefaulting(WEEKS.dayOfWeek(), 1)
          .toFormatter(Locale.ROOT);

  static TimeFormat read(ConfigNode time) {
    ZoneId zone = time.optional("zone").map(ConfigNode::timeZone).orElse(ZoneOffset.UTC);
    String format = time.optional("format").map(ConfigNode::text).orElse("iso");
    return switch (format) {
      case "iso" -> new TimeFormat(ISO, 0, zone, "2026-03-01T09:00:00Z or 2026-03-01");
      case "epoch-seconds" -> new TimeFormat(null, 1_000, zone, "seconds since 1970");
      case "epoch-millis" -> new TimeFormat(null, 1, zone, "milliseconds since 1970");
      case "year-week" -> new TimeFormat(YEAR_WEEK, 0, zone, "a year and its week such as 201446");
      default -> pattern(format, zone, time);
    };
  }

  private static TimeFormat pattern(String format, ZoneId zone, ConfigNode time) {
    DateTimeFormatter formatter = ISO;
    try {
      String letters = withoutLiterals(format);
      // The year of an era would need its era; nobody means that by yyyy.
      formatter = formatter(withYears(format));
      if (letters.matches(".*[hK].*") && letters.indexOf('a') < 0) {
        time.required("format")
            .error("hours to 12 without AM or PM", "HH for hours to 24, or an a for AM and PM");
      }
    } catch (IllegalArgumentException e) {
      time.required("format").error(e.getMessage(), ALLOWED);
    }
    return new TimeFormat(formatter, 0, zone, "a time that exists, in the format " + format);
  }

  private static DateTimeFormatter formatter(String pattern) {
    DateTimeFormatterBuilder builder = new DateTimeFormatterBuilder().parseCaseInsensitive();
    Matcher zone = LITERAL_OR_ZONE.matcher(pattern);
    int end = 0;
    while (zone.find()) {
      if (zone.group().startsWith("z")) {
        builder.appendPattern(pattern.substring(end, zone.start()));
        boolean full = zone.group().length() > 3;
        builder.appendZoneText(full ? TextStyle.FULL : TextStyle.SHORT, COMMON_ZONES);
        end = zone.end();
      }
    }
    return builder
        .appendPattern(pattern.substring(end))
        .toFormatter(Locale.ENGLISH)
        .withResolverStyle(ResolverStyle.STRICT);
  }

  private static String withoutLiterals(String format) {
    return format.replaceAll("'[^']*'", "");
  }

  /** The pattern with u, the proleptic year, for y, outside of literals. */
  private static String withYears(String format) {
    StringBuilder pattern = new StringBuilder(format.length());
    boolean literal = false;
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      literal ^= c == '\'';
      pattern.append(!literal && c == 'y' ? 'u' : c);
    }
    return pattern.toString();
  }

  /** The instant in epoch milliseconds. */
  long parse(Value column, String text) throws RowException {
    try {
      if (formatter != null) {
        String given = formatter == ISO ? text.replace(' ', 'T') : text;
        return millis(formatter.parse(given));
      }
      return Value.decimal(column, text)
          .multiply(BigDecimal.valueOf(millisPerUnit))
          .setScale(0, RoundingMode.FLOOR)
          .longValueExact();
    } catch (DateTimeException | ArithmeticException e) {
      throw new RowException(
          column.reads(),
          text.isEmpty() ? "empty" : "'" + RowException.shorten(text) + "'",
          example);
    }
  }

  /** The instant of what was parsed: a time with or without its zone, or a date alone. */
  private long millis(TemporalAccessor parsed) {
    LocalTime time = parsed.query(TemporalQueries.localTime());
    if (time == null && hasPartOfTime(parsed)) {
      throw new DateTimeException("a time of which the hour is not known");
    }
    ZoneId own = parsed.query(TemporalQueries.zone());
    ZoneId valid = own == null ? zone : own;
    LocalDate date = LocalDate.from(parsed);
    if (time == null) {
      return date.atStartOfDay(valid).toInstant().toEpochMilli();
    }
    LocalDateTime local = date.atTime(time);
    if (valid.getRules().getValidOffsets(local).isEmpty()) {
      throw new DateTimeException("clocks were put forward over this time");
    }
    // An offset beside a zone says which of two equal times is meant.
    return parsed.isSupported(ChronoField.INSTANT_SECONDS)
        ? Instant.from(parsed).toEpochMilli()
        : local.atZone(valid).toInstant().toEpochMilli();
  }

  private static boolean hasPartOfTime(TemporalAccessor parsed) {
    return parsed.isSupported(ChronoField.HOUR_OF_AMPM)
        || parsed.isSupported(ChronoField.CLOCK_HOUR_OF_AMPM)
        || parsed.isSupported(ChronoField.MINUTE_OF_HOUR);
  }
}
