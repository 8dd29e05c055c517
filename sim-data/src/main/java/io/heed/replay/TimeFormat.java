package io.heed.replay;

import io.heed.core.config.ConfigNode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.WeekFields;
import java.util.Locale;

/**
 * How a column tells an instant.
 *
 * @param formatter of dates and times; null for numbers
 * @param millisPerUnit of a number since the epoch
 * @param zone of what has no offset of its own
 * @param example of what is allowed
 */
record TimeFormat(DateTimeFormatter formatter, int millisPerUnit, ZoneId zone, String example) {
  private static final String ALLOWED =
      "iso, epoch-seconds, epoch-millis, year-week, or a pattern such as dd/MM/yyyy HH:mm";

  private static final DateTimeFormatter ISO =
      new DateTimeFormatterBuilder()
          .append(DateTimeFormatter.ISO_LOCAL_DATE)
          .optionalStart()
          .appendLiteral('T')
          .append(DateTimeFormatter.ISO_LOCAL_TIME)
          .optionalStart()
          .appendOffsetId()
          .toFormatter(Locale.ROOT);

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
      formatter = DateTimeFormatter.ofPattern(format, Locale.ENGLISH);
    } catch (IllegalArgumentException e) {
      time.required("format").error(e.getMessage(), ALLOWED);
    }
    return new TimeFormat(formatter, 0, zone, "a time in the format " + format);
  }

  /** The instant in epoch milliseconds. */
  long parse(Value column, String text) throws RowException {
    try {
      if (formatter != null) {
        String given = formatter == ISO ? text.replace(' ', 'T') : text;
        return millis(
            formatter.parseBest(given, OffsetDateTime::from, LocalDateTime::from, LocalDate::from));
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

  private long millis(TemporalAccessor parsed) {
    if (parsed instanceof OffsetDateTime time) {
      return time.toInstant().toEpochMilli();
    }
    LocalDateTime local =
        parsed instanceof LocalDate date ? date.atStartOfDay() : (LocalDateTime) parsed;
    return local.atZone(zone).toInstant().toEpochMilli();
  }
}
