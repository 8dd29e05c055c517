package io.heed.flink.warehouse;

import io.heed.core.codec.Hash64;
import io.heed.core.model.Event;
import io.heed.core.model.Topic;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;

/**
 * In which hours events lie: finds those that came with times in more than one hour, and supersedes
 * all of them but the first in Kafka.
 *
 * <p>Places are kept by a hash of the identity. Two events of one hash only cause a look-up that
 * finds nothing to do.
 */
final class EventPlaces implements AutoCloseable {
  /** Identities of one statement, which the server must be able to parse. */
  private static final int CHUNK = 500;

  private static final Map<Class<?>, String> TYPES =
      Topic.events().stream().collect(Collectors.toUnmodifiableMap(Topic::type, Topic::shortName));

  private static final String MOVED =
      """
      SELECT hash FROM event_place
      WHERE hash IN (SELECT hash FROM event_arrival WHERE batch = %d)
      GROUP BY hash HAVING min(hour) != max(hour)""";

  /**
   * The same among the batches since shortly before this one: their numbers are the clocks' of
   * their writers. Cheap, for these are few.
   */
  private static final String MEANWHILE =
      """
      SELECT hash FROM event_arrival
      WHERE batch >= %1$d - 60000000 AND hash IN (SELECT hash FROM event_arrival WHERE batch = %1$d)
      GROUP BY hash HAVING min(hour) != max(hour)""";

  /** One row an hour of each event, with the highest precedence of those that count. */
  private static final String VERSIONS =
      """
      SELECT *, max(if(gone = 0, place, 0)) OVER (PARTITION BY event_type, event_id) AS best
      FROM
      (
          SELECT
              event_type,
              event_id,
              argMax(event_time, precedence) AS at,
              argMax(recipient_id, precedence) AS recipient,
              argMax(superseded, precedence) AS gone,
              max(precedence) AS place
          FROM events_versions
          WHERE (event_type, event_id) IN (%s)
              AND toStartOfHour(event_time) IN (SELECT hour FROM event_place WHERE hash IN (%s))
          GROUP BY event_type, event_id, toStartOfHour(event_time)
      )""";

  /** Below the precedence of what holds, which may lie beside it in tables without hours. */
  private static final String SUPERSEDE =
      """
      INSERT INTO events_versions (event_type, event_id, event_time, recipient_id, precedence, superseded)
      SELECT event_type, event_id, at, recipient, best - 1, 1 FROM (%s) WHERE place < best""";

  private final Connection connection;
  private final PreparedStatement arrive;

  /** What makes an event the same. */
  record Identity(String eventType, String eventId) {
    static Identity of(Row row) {
      Event event = (Event) row.content();
      return new Identity(TYPES.get(event.getClass()), event.eventId());
    }

    /** 48 bits, which take less room than 64 when they are sorted. */
    long hash() {
      return Hash64.of(eventType + '|' + eventId) >>> 16;
    }

    private String sql() {
      byte[] id = eventId.getBytes(StandardCharsets.UTF_8);
      return "('%s', unhex('%s'))".formatted(eventType, HexFormat.of().formatHex(id));
    }
  }

  EventPlaces(Database database) throws SQLException {
    this.connection = database.connect();
    try {
      this.arrive = connection.prepareStatement("INSERT INTO event_arrival VALUES (?, ?, ?)");
    } catch (SQLException | RuntimeException | Error e) {
      connection.close();
      throw e;
    }
  }

  /**
   * Notes where events lie.
   *
   * @return the batch's number
   */
  long register(List<Row> rows) throws SQLException {
    long batch = 1_000 * System.currentTimeMillis() + ThreadLocalRandom.current().nextInt(1_000);
    for (Row row : rows) {
      long eventTime = ((Event) row.content()).eventTime();
      arrive.setObject(1, batch);
      arrive.setObject(2, Identity.of(row).hash());
      arrive.setObject(3, Instant.ofEpochMilli(eventTime).truncatedTo(ChronoUnit.HOURS));
      arrive.addBatch();
    }
    arrive.executeBatch();
    return batch;
  }

  /** Which of a batch's events lie in more than one hour, as far as is known. */
  Set<Identity> moved(long batch, List<Row> rows) throws SQLException {
    return found(MOVED.formatted(batch), rows);
  }

  /**
   * Which of a batch's events lie in more than one hour by batches that were registered beside it.
   */
  Set<Identity> meanwhile(long batch, List<Row> rows) throws SQLException {
    return found(MEANWHILE.formatted(batch), rows);
  }

  private Set<Identity> found(String query, List<Row> rows) throws SQLException {
    Set<Long> hashes = new HashSet<>();
    try (Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery(query)) {
      while (found.next()) {
        hashes.add(found.getLong(1));
      }
    }
    return hashes.isEmpty()
        ? Set.of()
        : rows.stream()
            .map(Identity::of)
            .filter(id -> hashes.contains(id.hash()))
            .collect(Collectors.toUnmodifiableSet());
  }

  /** The highest precedence that each event has among the rows that count; 0 without one. */
  Map<Identity, Long> best(Collection<Identity> events) throws SQLException {
    Map<Identity, Long> best = new HashMap<>();
    events.forEach(event -> best.put(event, 0L));
    try (Statement statement = connection.createStatement()) {
      for (String versions : versions(events)) {
        try (ResultSet row =
            statement.executeQuery("SELECT event_type, event_id, best FROM (" + versions + ")")) {
          while (row.next()) {
            best.put(new Identity(row.getString(1), row.getString(2)), row.getLong(3));
          }
        }
      }
    }
    return best;
  }

  /**
   * Takes every row of these events but the best out of what readers see. Also where that is done:
   * a database that died meanwhile may not have passed it on to the tables that follow.
   */
  void supersede(Collection<Identity> events) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String versions : versions(events)) {
        statement.execute(SUPERSEDE.formatted(versions));
      }
    }
  }

  private static List<String> versions(Collection<Identity> events) {
    List<Identity> all = List.copyOf(events);
    List<String> queries = new ArrayList<>();
    for (int i = 0; i < all.size(); i += CHUNK) {
      List<Identity> chunk = all.subList(i, Math.min(all.size(), i + CHUNK));
      queries.add(
          VERSIONS.formatted(
              chunk.stream().map(Identity::sql).collect(Collectors.joining(", ")),
              chunk.stream().map(id -> "" + id.hash()).collect(Collectors.joining(", "))));
    }
    return queries;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
