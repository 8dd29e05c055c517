package io.heed.replay;

import io.heed.core.config.ConfigNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How a mapping finds one instant of a journey: from an origin, by a fixed step and a random delay,
 * neither of them negative.
 *
 * @param column the origin, where it is a column; else null
 * @param format of the column
 * @param after index of the earlier time that is the origin; -1 for the base
 * @param plusMillis the fixed step
 * @param meanMillis of an exponential delay, or 0 for one that is uniform
 * @param withinMillis the delay lies below it
 */
record TimeRule(
    String name,
    Value column,
    TimeFormat format,
    int after,
    long plusMillis,
    long meanMillis,
    long withinMillis) {
  private static final int BASE = -1;
  private static final Duration LEAST = Duration.ofMillis(1);
  private static final Duration MOST = Duration.ofDays(3_660);

  static TimeRule read(String name, ConfigNode node, List<String> earlier, Names names) {
    Value column = null;
    TimeFormat format = null;
    int after = BASE;
    if (node.has("column")) {
      column = Value.template(node.required("column"), names);
      format = TimeFormat.read(node);
    } else {
      List<String> origins = new ArrayList<>(earlier);
      origins.add("base");
      after = earlier.indexOf(node.required("after").oneOf(origins));
    }
    long plus = node.optional("plus").map(TimeRule::millis).orElse(0L);
    if (node.has("exponential")) {
      long mean = node.required("exponential").duration(LEAST, MOST).toMillis();
      return new TimeRule(name, column, format, after, plus, mean, millis(node.required("within")));
    }
    long uniform = node.optional("uniform").map(TimeRule::millis).orElse(0L);
    return new TimeRule(name, column, format, after, plus, 0, uniform);
  }

  private static long millis(ConfigNode node) {
    return node.duration(LEAST, MOST).toMillis();
  }

  /** Whether it counts from a time of the same journey. */
  boolean isRelative() {
    return column == null && after != BASE;
  }

  boolean countsFromBase() {
    return column == null && after == BASE;
  }

  boolean isExponential() {
    return meanMillis > 0;
  }

  /** Instant of the origin, for a rule that is not relative. */
  long origin(Scope scope) throws RowException {
    return column == null ? scope.base : format.parse(column, column.in(scope));
  }

  /**
   * What comes on top of the origin.
   *
   * @param position uniform in [0, 1)
   */
  long delayMillis(double position) {
    return plusMillis + (long) (isExponential() ? exponential(position) : position * withinMillis);
  }

  /**
   * The inverse distribution function of an exponential that is cut off at {@code withinMillis}.
   * Strict, so that every machine finds the same millisecond.
   */
  private double exponential(double position) {
    double mass = -StrictMath.expm1(-(double) withinMillis / meanMillis);
    return Math.min((double) (withinMillis - 1), -meanMillis * StrictMath.log1p(-position * mass));
  }

  /** The longest that {@link #delayMillis} can be. */
  long longestDelayMillis() {
    return plusMillis + withinMillis;
  }
}
