package io.heed.preview;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes the SQL of a dashboard's file ready to run: expands the macros of {@code
 * grafana-clickhouse-datasource} as the plugin does, and puts the values of variables in.
 *
 * <p>The SQL comes from the files alone. What comes from a URL is a variable's value, and it gets
 * into SQL either as a quoted, escaped text ({@code ${name:singlequote}}) or, as it stands, only if
 * it is one of the constants that the file itself lists.
 */
final class Query {
  /** The value that stands for all options of a variable. */
  static final String ALL = "$__all";

  private static final Pattern MACRO = Pattern.compile("\\$__(\\w+)(\\(\\))?");
  private static final Pattern VARIABLE =
      Pattern.compile("\\$\\{(\\w+)(?::(\\w+))?}|\\$(?!__)(\\w+)|\\[\\[(\\w+)]]");
  private static final Pattern PERIOD = Pattern.compile("'?(\\d{1,6})(s|m|h|d)'?");

  /** Steps that an axis can have, in seconds. */
  private static final long[] STEPS = {
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200,
    86_400, 172_800, 604_800, 2_592_000
  };

  /**
   * The values of one variable.
   *
   * @param values chosen ones; {@link #ALL} alone for all
   * @param options what {@link #ALL} stands for
   * @param constants texts that may stand in SQL unquoted, since the file lists them itself
   */
  record Values(List<String> values, List<String> options, Set<String> constants) {
    boolean all() {
      return values.contains(ALL);
    }

    List<String> chosen() {
      return all() ? options : values;
    }
  }

  private final TimeRange range;
  private final long stepSeconds;
  private final Map<String, Values> variables;

  /**
   * @param stepSeconds width of a point on the time axis
   * @param variables by name
   */
  Query(TimeRange range, long stepSeconds, Map<String, Values> variables) {
    this.range = range;
    this.stepSeconds = stepSeconds;
    this.variables = variables;
  }

  /** A round step that gives at most so many points, but no shorter than {@code least}. */
  static long stepSeconds(TimeRange range, int points, Duration least) {
    long wanted =
        Math.max(
            least.toSeconds(), (range.toSeconds() - range.fromSeconds()) / Math.max(1, points));
    for (long step : STEPS) {
      if (step >= wanted) {
        return step;
      }
    }
    return STEPS[STEPS.length - 1];
  }

  /** A length of time such as {@code 30s}, {@code 1h}, {@code 7d}. */
  static Duration period(String text) {
    Matcher matcher = PERIOD.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException("'" + text + "' is no period such as 30s, 5m, 1h, 1d");
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "s" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMinutes(number);
      case "h" -> Duration.ofHours(number);
      default -> Duration.ofDays(number);
    };
  }

  /**
   * SQL without macros and variables.
   *
   * @throws IllegalArgumentException for a macro or a variable that nobody knows, or a value that
   *     may not stand where it is wanted
   */
  String expand(String sql) {
    return interpolate(expandMacros(sql));
  }

  private String expandMacros(String sql) {
    StringBuilder out = new StringBuilder();
    Matcher matcher = MACRO.matcher(sql);
    int at = 0;
    while (matcher.find(at)) {
      out.append(sql, at, matcher.start());
      List<String> arguments = List.of();
      int end = matcher.end();
      if (end < sql.length() && sql.charAt(end) == '(') {
        int close = closing(sql, end);
        arguments = arguments(sql.substring(end + 1, close));
        end = close + 1;
      }
      out.append(macro(matcher.group(1), arguments));
      at = end;
    }
    return out.append(sql.substring(at)).toString();
  }

  private String macro(String name, List<String> arguments) {
    long from = range.fromSeconds();
    long to = range.toSeconds();
    return switch (name) {
      case "fromTime" -> "toDateTime(" + from + ")";
      case "toTime" -> "toDateTime(" + to + ")";
      case "fromTime_ms" -> "fromUnixTimestamp64Milli(" + range.from().toEpochMilli() + ")";
      case "toTime_ms" -> "fromUnixTimestamp64Milli(" + range.to().toEpochMilli() + ")";
      case "interval_s" -> Long.toString(stepSeconds);
      case "timeFilter" -> {
        String c = one(name, arguments);
        yield "%s >= toDateTime(%d) AND %s <= toDateTime(%d)".formatted(c, from, c, to);
      }
      case "timeFilter_ms" -> {
        String c = one(name, arguments);
        yield "%s >= fromUnixTimestamp64Milli(%d) AND %s <= fromUnixTimestamp64Milli(%d)"
            .formatted(c, range.from().toEpochMilli(), c, range.to().toEpochMilli());
      }
      case "dateFilter" -> {
        String c = one(name, arguments);
        yield "%s >= toDate('%s') AND %s <= toDate('%s')".formatted(c, date(from), c, date(to));
      }
      case "timeInterval" ->
          "toStartOfInterval(toDateTime(%s), INTERVAL %d second)"
              .formatted(one(name, arguments), stepSeconds);
      case "timeInterval_ms" ->
          "toStartOfInterval(toDateTime64(%s, 3), INTERVAL %d millisecond)"
              .formatted(one(name, arguments), stepSeconds * 1_000);
      case "timeGroup" -> {
        expect(name, arguments, 2);
        yield "toStartOfInterval(toDateTime(%s), INTERVAL %d second)"
            .formatted(arguments.get(0), period(arguments.get(1)).toSeconds());
      }
      case "conditionalAll" -> {
        expect(name, arguments, 2);
        String variable = arguments.get(1).replaceAll("[${}]|:\\w+", "");
        yield values(variable).all() ? "1=1" : arguments.get(0);
      }
      default -> throw new IllegalArgumentException("unknown macro $__" + name);
    };
  }

  private String interpolate(String sql) {
    Matcher matcher = VARIABLE.matcher(sql);
    StringBuilder out = new StringBuilder();
    while (matcher.find()) {
      String name =
          matcher.group(1) != null
              ? matcher.group(1)
              : matcher.group(3) != null ? matcher.group(3) : matcher.group(4);
      matcher.appendReplacement(
          out, Matcher.quoteReplacement(value(name, matcher.group(2), values(name))));
    }
    return matcher.appendTail(out).toString();
  }

  private static String value(String name, String format, Values values) {
    if ("singlequote".equals(format)) {
      List<String> quoted = values.chosen().stream().map(Query::quote).toList();
      // An empty list is no SQL, but nothing is chosen out of nothing.
      return quoted.isEmpty() ? "NULL" : String.join(",", quoted);
    }
    if (format != null) {
      throw new IllegalArgumentException(
          "${" + name + ":" + format + "}: only the format singlequote is known");
    }
    for (String value : values.chosen()) {
      if (!values.constants().contains(value)) {
        throw new IllegalArgumentException(
            "variable " + name + ": '" + value + "' is none of its constants");
      }
    }
    return String.join(",", values.chosen());
  }

  /** A text as a literal of ClickHouse. */
  static String quote(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }

  private Values values(String name) {
    Values values = variables.get(name);
    if (values == null) {
      throw new IllegalArgumentException("unknown variable " + name);
    }
    return values;
  }

  private static LocalDate date(long epochSeconds) {
    return LocalDate.ofInstant(Instant.ofEpochSecond(epochSeconds), ZoneOffset.UTC);
  }

  private static String one(String name, List<String> arguments) {
    expect(name, arguments, 1);
    return arguments.get(0);
  }

  private static void expect(String name, List<String> arguments, int count) {
    if (arguments.size() != count) {
      throw new IllegalArgumentException(
          "$__%s takes %d arguments, not %d".formatted(name, count, arguments.size()));
    }
  }

  private static int closing(String sql, int open) {
    int depth = 0;
    boolean text = false;
    for (int i = open; i < sql.length(); i++) {
      char c = sql.charAt(i);
      if (c == '\'') {
        text = !text;
      } else if (!text && c == '(') {
        depth++;
      } else if (!text && c == ')' && --depth == 0) {
        return i;
      }
    }
    throw new IllegalArgumentException("a macro's parenthesis is not closed: " + sql);
  }

  private static List<String> arguments(String text) {
    List<String> arguments = new ArrayList<>();
    int depth = 0;
    boolean quoted = false;
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\'') {
        quoted = !quoted;
      } else if (!quoted && (c == '(' || c == '[')) {
        depth++;
      } else if (!quoted && (c == ')' || c == ']')) {
        depth--;
      } else if (!quoted && depth == 0 && c == ',') {
        arguments.add(text.substring(start, i).strip());
        start = i + 1;
      }
    }
    String last = text.substring(start).strip();
    if (!last.isEmpty() || !arguments.isEmpty()) {
      arguments.add(last);
    }
    return arguments;
  }
}
