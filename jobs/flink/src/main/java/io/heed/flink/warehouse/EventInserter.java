package io.heed.flink.warehouse;

import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Inserts events so that one that comes again with a time in another hour counts once, as it first
 * came in Kafka. The table itself makes one of what lies in one hour.
 *
 * <p>A batch registers its places before its rows are in, and looks afterwards for batches that
 * were registered beside it. So of two batches that hold the same event at least the one that looks
 * last sees the rows of both, however they interleave; and a batch that is tried again comes to the
 * same. What earlier batches brought is found before, so that rows that do not count are not
 * inserted.
 */
final class EventInserter implements RowInserter {
  private final RowInserter inserter;
  private final EventPlaces places;

  EventInserter(Database database, Table events) throws SQLException {
    this(database, new TableInserter(database, events));
  }

  /**
   * @param inserter of the rows themselves; closed with this one
   */
  EventInserter(Database database, RowInserter inserter) throws SQLException {
    this.inserter = inserter;
    try {
      this.places = new EventPlaces(database);
    } catch (SQLException | RuntimeException | Error e) {
      inserter.close();
      throw e;
    }
  }

  @Override
  public void insert(List<Row> rows) throws SQLException {
    long batch = places.register(rows);
    Set<EventPlaces.Identity> known = places.moved(batch, rows);
    inserter.insert(known.isEmpty() ? rows : counting(rows, known));
    Set<EventPlaces.Identity> moved = new HashSet<>(known);
    moved.addAll(places.meanwhile(batch, rows));
    if (!moved.isEmpty()) {
      places.supersede(moved);
    }
  }

  /** Without those that lie behind another that counts. */
  private List<Row> counting(List<Row> rows, Set<EventPlaces.Identity> known) throws SQLException {
    Map<EventPlaces.Identity, Long> best = places.best(known);
    for (Row row : rows) {
      best.computeIfPresent(
          EventPlaces.Identity.of(row), (id, stored) -> Math.max(stored, row.precedence()));
    }
    return rows.stream()
        .filter(row -> row.precedence() >= best.getOrDefault(EventPlaces.Identity.of(row), 0L))
        .toList();
  }

  @Override
  public void close() throws SQLException {
    try (places) {
      inserter.close();
    }
  }
}
