package io.heed.flink.warehouse;

import io.heed.flink.streaming.Input;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** The rows of the warehouse, for tests of other packages. */
public final class TestingColumns {
  private static final Map<Class<?>, List<Function<Row, Object>>> VALUES =
      new ConcurrentHashMap<>();

  private TestingColumns() {}

  /** Makes every value of the row that a readable record becomes. */
  public static List<Object> make(Input input) {
    Table table = Table.of(input.content());
    if (table == null) {
      return List.of();
    }
    Row row = Row.of(input, input.topic().baseName());
    List<Function<Row, Object>> values =
        VALUES.computeIfAbsent(
            input.content().getClass(),
            type -> List.of(table.values(List.copyOf(table.columnTypes().keySet())).get(type)));
    return values.stream().map(value -> value.apply(row)).toList();
  }
}
