package io.heed.flink.warehouse;

import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Inserts events so that one that comes again with a time in another hour counts once, as it first
 * came in Kafka. The table itself makes one of what lies in one hour.
 *
 * <p>A batch registers its places before it looks for others', and what it finds is superseded
 * after its rows are in. So of two batches that hold the same event at least the one that ends last
 * sees both, however they interleave; and a batch that is tried again comes to the same.
 */
final class EventInserter implements RowInserter {
  private final TableInserter inserter;
  private final EventPlaces places;

  EventInserter(Database database, Table events) throws SQLException {
    this.inserter = new TableInserter(database, events);
    try {
      this.places = new EventPlaces(database);
    } catch (SQLException | RuntimeException | Error e) {
      inserter.close();
      throw e;
    }
  }

  @Override
  public void insert(List<Row> rows) throws SQLException {
    Set<EventPlaces.Identity> moved = places.register(rows);
    if (moved.isEmpty()) {
      inserter.insert(rows);
      return;
    }
    Map<EventPlaces.Identity, Long> best = places.best(moved);
    for (Row row : rows) {
      best.computeIfPresent(
          EventPlaces.Identity.of(row), (id, stored) -> Math.max(stored, row.precedence()));
    }
    inserter.insert(
        rows.stream()
            .filter(row -> row.precedence() >= best.getOrDefault(EventPlaces.Identity.of(row), 0L))
            .collect(Collectors.toList()));
    places.supersede(moved);
  }

  @Override
  public void close() throws SQLException {
    try (places) {
      inserter.close();
    }
  }
}
