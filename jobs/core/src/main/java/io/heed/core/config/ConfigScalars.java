package io.heed.core.config;

import io.heed.core.model.Field;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Scalars of a configuration file as values; null for a text that is not allowed. */
final class ConfigScalars {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,9}(ms|s|m|h|d|w)){1,8}");
  private static final Pattern DURATION_PART = Pattern.compile("(\\d+)(ms|s|m|h|d|w)");
  private static final Pattern INTEGER = Pattern.compile("[-+]?\\d[\\d_]*");
  // Exponents are left out: 1e999999999 is a short text and a very long number.
  private static final Pattern DECIMAL =
      Pattern.compile("[-+]?(\\d{1,30}(\\.\\d{0,30})?|\\.\\d{1,30})");
  private static final int MICROS_SCALE = 6;
  private static final BigDecimal MOST_MONEY = BigDecimal.valueOf(Field.MICROS, MICROS_SCALE);
  private static final int LONGEST_INTEGER = 40;

  static final String EXAMPLES_OF_DURATION = "a duration such as 90s, 30m, 24h, 5d, 2w, 1h30m";

  private ConfigScalars() {}

  static BigDecimal decimal(String value) {
    return DECIMAL.matcher(value).matches() ? new BigDecimal(value) : null;
  }

  static Boolean bool(String value) {
    return switch (value) {
      case "true", "True", "TRUE" -> true;
      case "false", "False", "FALSE" -> false;
      default -> null;
    };
  }

  static Long integer(String value, long min, long max) {
    if (!INTEGER.matcher(value).matches() || value.length() > LONGEST_INTEGER) {
      return null;
    }
    BigInteger integer = new BigInteger(value.replace("_", "").replace("+", ""));
    boolean fits =
        integer.compareTo(BigInteger.valueOf(min)) >= 0
            && integer.compareTo(BigInteger.valueOf(max)) <= 0;
    return fits ? integer.longValue() : null;
  }

  static Long micros(String value) {
    BigDecimal amount = decimal(value);
    try {
      return amount == null || amount.signum() < 0 || amount.compareTo(MOST_MONEY) > 0
          ? null
          : amount.movePointRight(MICROS_SCALE).longValueExact();
    } catch (ArithmeticException e) {
      return null;
    }
  }

  static Duration duration(String value) {
    if (!DURATION.matcher(value).matches()) {
      return null;
    }
    Duration sum = Duration.ZERO;
    Matcher part = DURATION_PART.matcher(value);
    while (part.find()) {
      long amount = Long.parseLong(part.group(1));
      sum =
          sum.plus(
              switch (part.group(2)) {
                case "ms" -> Duration.ofMillis(amount);
                case "s" -> Duration.ofSeconds(amount);
                case "m" -> Duration.ofMinutes(amount);
                case "h" -> Duration.ofHours(amount);
                case "d" -> Duration.ofDays(amount);
                default -> Duration.ofDays(7 * amount);
              });
    }
    return sum;
  }

  /** The way a duration is written in a file. */
  static String format(Duration duration) {
    if (duration.isZero()) {
      return "0s";
    }
    StringBuilder text = new StringBuilder();
    append(text, duration.toDays(), "d");
    append(text, duration.toHoursPart(), "h");
    append(text, duration.toMinutesPart(), "m");
    append(text, duration.toSecondsPart(), "s");
    append(text, duration.toMillisPart(), "ms");
    return text.toString();
  }

  private static void append(StringBuilder text, long amount, String unit) {
    if (amount != 0) {
      text.append(amount).append(unit);
    }
  }

  static String range(long min, long max) {
    if (min == Long.MIN_VALUE && max == Long.MAX_VALUE) {
      return "";
    }
    return max == Long.MAX_VALUE ? " from " + min + " on" : " from " + min + " to " + max;
  }
}
