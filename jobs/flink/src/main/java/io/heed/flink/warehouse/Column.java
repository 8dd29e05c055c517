package io.heed.flink.warehouse;

import io.heed.core.model.RecordShape.Component;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A column of a table and where its values come from.
 *
 * <p>An absent text is empty, an absent number is NULL where 0 could be taken for a measurement.
 * Columns are no stricter than the codec: what the codec lets through is brought into the column's
 * range, since a row that the database refuses would stop the job.
 *
 * @param name as in the record's JSON
 * @param type as ClickHouse writes it, {@code LowCardinality} left out: how a column is stored is
 *     the migrations' matter
 * @param absent value for records that do not have the field
 * @param value of a row
 */
record Column(String name, String type, Object absent, Function<Row, Object> value) {
  private static final String INSTANT = "DateTime64(3, 'UTC')";

  /** The years that DateTime64 knows. */
  private static final long FIRST_MILLIS = Instant.parse("1900-01-01T00:00:00Z").toEpochMilli();

  private static final long LAST_MILLIS = Instant.parse("2299-12-31T23:59:59Z").toEpochMilli();

  private static final int DIGITS = 18;
  private static final int SCALE = 12;
  private static final BigDecimal LARGEST = BigDecimal.ONE.scaleByPowerOfTen(DIGITS - SCALE);

  /** The column of a record's component. */
  static Column of(Component component) {
    boolean nullable = !component.type().isPrimitive();
    return switch (component.kind()) {
      case TEXT -> column(component, "String", "", value -> value);
      case ENUM -> column(component, "String", "", value -> ((Enum<?>) value).name());
      case INTEGER -> {
        if (component.isInstant()) {
          yield nullable
              ? column(component, "Nullable(" + INSTANT + ")", null, Column::instant)
              : column(component, INSTANT, Instant.EPOCH, Column::instant);
        }
        String type = component.is32Bit() ? "Int32" : "Int64";
        yield nullable
            ? column(component, "Nullable(" + type + ")", null, value -> value)
            : column(component, type, 0, value -> value);
      }
      case BOOLEAN -> column(component, "Bool", false, value -> value);
      case DOUBLE ->
          nullable
              ? column(component, "Nullable(Float64)", null, value -> value)
              : column(component, "Float64", 0.0, value -> value);
      case DECIMAL ->
          column(
              component,
              "Decimal(%d, %d)".formatted(DIGITS, SCALE),
              BigDecimal.ZERO,
              Column::decimal);
      case TEXTS -> column(component, "Array(String)", List.of(), value -> value);
      case ENUMS -> column(component, "Array(String)", List.of(), Column::names);
      case RECORD, RECORDS, SHARES, FREE ->
          throw new IllegalArgumentException("no column holds " + component.name());
    };
  }

  private static Column column(
      Component component, String type, Object absent, UnaryOperator<Object> convert) {
    Function<Object, Object> getter = component.getter();
    return new Column(
        component.name(),
        type,
        absent,
        row -> {
          Object value = getter.apply(row.content());
          return value == null ? absent : convert.apply(value);
        });
  }

  static Column text(String name, Function<Row, Object> value) {
    return new Column(name, "String", "", value);
  }

  static Column number(String name, String type, Function<Row, Object> value) {
    return new Column(name, type, 0, value);
  }

  static Column instant(String name, Function<Row, Long> millis) {
    return new Column(name, INSTANT, Instant.EPOCH, row -> instant(millis.apply(row)));
  }

  static Column names(String name, Function<Row, List<?>> constants) {
    return new Column(name, "Array(String)", List.of(), row -> names(constants.apply(row)));
  }

  private static Object instant(Object millis) {
    return Instant.ofEpochMilli(Math.max(FIRST_MILLIS, Math.min(LAST_MILLIS, (Long) millis)));
  }

  /** Judges by the digits first: rounding writes all of them out, and 1e999999999 has many. */
  private static Object decimal(Object value) {
    BigDecimal decimal = (BigDecimal) value;
    long digitsBeforePoint = (long) decimal.precision() - decimal.scale();
    if (decimal.signum() == 0 || digitsBeforePoint < -SCALE) {
      return BigDecimal.ZERO;
    }
    BigDecimal largest = LARGEST.subtract(BigDecimal.ONE.movePointLeft(SCALE));
    if (digitsBeforePoint > DIGITS - SCALE) {
      return decimal.signum() > 0 ? largest : largest.negate();
    }
    return decimal.setScale(SCALE, RoundingMode.HALF_EVEN).min(largest).max(largest.negate());
  }

  private static Object names(Object constants) {
    return ((List<?>) constants).stream().map(constant -> ((Enum<?>) constant).name()).toList();
  }
}
