package io.heed.flink.warehouse;

import io.heed.core.model.Event;
import io.heed.core.model.Topic;
import io.heed.flink.streaming.JobOptions;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The driver alone, on the job's own rows and batches: what the job's speed is held against. */
public final class DriverBaseline {
  private DriverBaseline() {}

  /**
   * Inserts events from memory into table {@code events}, which is made if it is missing.
   *
   * @return how long inserting took, nanoseconds
   */
  public static long insert(JobOptions options, List<? extends Event> events) throws SQLException {
    Database database = new Database(options);
    Migrations.apply(database);
    List<List<Row>> batches = batches(options, events);
    try (TableInserter inserter = new TableInserter(database, Table.ALL.get("events"))) {
      long start = System.nanoTime();
      for (List<Row> batch : batches) {
        inserter.insert(batch);
      }
      return System.nanoTime() - start;
    }
  }

  private static List<List<Row>> batches(JobOptions options, List<? extends Event> events) {
    Map<Class<?>, String> topics =
        Topic.events().stream()
            .collect(Collectors.toMap(Topic::type, options.topicNames()::of, (a, b) -> a));
    Function<Integer, Row> row =
        i -> {
          Event event = events.get(i);
          String topic = topics.get(event.getClass());
          return new Row(event, topic, 0, i, event.eventTime(), false, null);
        };
    List<List<Row>> batches = new ArrayList<>();
    for (int i = 0; i < events.size(); i++) {
      if (i % WarehouseWriter.MAX_ROWS == 0) {
        batches.add(new ArrayList<>());
      }
      batches.get(batches.size() - 1).add(row.apply(i));
    }
    return batches;
  }
}
