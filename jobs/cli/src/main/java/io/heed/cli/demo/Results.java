package io.heed.cli.demo;

import io.heed.sim.ListHealthTruth;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;

/** The figures of one run in ClickHouse. */
final class Results {
  private static final int UNKNOWN_TABLE = 60;

  private final Warehouse warehouse;
  private final String recipientPrefix;
  private final String lettersOfThisRun;

  /**
   * @param warehouse whose database is the deployment's
   * @param recipientPrefix what the ids of this run's people begin with
   * @param begin where each partition ended before the run
   */
  Results(Warehouse warehouse, String recipientPrefix, Map<TopicPartition, Long> begin) {
    this.warehouse = warehouse;
    this.recipientPrefix = recipientPrefix;
    this.lettersOfThisRun =
        begin.entrySet().stream()
            .map(
                entry ->
                    "(topic = '%s' AND partition = %d AND offset >= %d)"
                        .formatted(
                            entry.getKey().topic(), entry.getKey().partition(), entry.getValue()))
            .collect(Collectors.joining(" OR ", "(", ")"));
  }

  /** Events by type. */
  Map<String, Long> events() throws SQLException {
    return counts(
        "SELECT event_type, count() FROM events WHERE startsWith(recipient_id, ?)"
            + " GROUP BY event_type",
        recipientPrefix);
  }

  /** Those of the events that came from beyond the horizon, by type. */
  Map<String, Long> late() throws SQLException {
    return counts(
        "SELECT event_type, countIf(late = 1) AS n FROM events"
            + " WHERE startsWith(recipient_id, ?) GROUP BY event_type HAVING n > 0",
        recipientPrefix);
  }

  /** Dead letters by event type. */
  Map<String, Long> deadLetters() throws SQLException {
    return counts(
        "SELECT arrayElement(splitByChar('.', topic), -1), count() FROM dead_letter WHERE "
            + lettersOfThisRun
            + " GROUP BY 1");
  }

  /** List health of all days, in order of list and campaign. */
  List<ListHealthTruth.Row> listHealth() throws SQLException {
    return query(
        "SELECT list_id, campaign_id, sum(sends), sum(delivered), sum(undelivered), sum(clicks),"
            + " sum(clickers), sum(scanner_clicks), sum(replies), sum(opt_outs), sum(complaints),"
            + " sum(opt_ins), sum(cost_micros) FROM list_health WHERE window_seconds = 86400"
            + " GROUP BY list_id, campaign_id ORDER BY list_id, campaign_id",
        row ->
            new ListHealthTruth.Row(
                row.getString(1),
                row.getString(2),
                row.getLong(3),
                row.getLong(4),
                row.getLong(5),
                row.getLong(6),
                row.getLong(7),
                row.getLong(8),
                row.getLong(9),
                row.getLong(10),
                row.getLong(11),
                row.getLong(12),
                row.getLong(13)));
  }

  /** Decisions by topic and state. */
  Map<String, Long> decisions() throws SQLException {
    return counts("SELECT concat(topic, ' ', state), count() FROM decision GROUP BY 1");
  }

  private Map<String, Long> counts(String sql, String... parameters) throws SQLException {
    Map<String, Long> counts = new TreeMap<>();
    query(sql, row -> counts.put(row.getString(1), row.getLong(2)), parameters);
    return counts;
  }

  @FunctionalInterface
  private interface RowReader<T> {
    T read(ResultSet row) throws SQLException;
  }

  /** The rows of a query; none as long as the warehouse has not made the table. */
  private <T> List<T> query(String sql, RowReader<T> reader, String... parameters)
      throws SQLException {
    List<T> rows = new ArrayList<>();
    try (Connection connection = warehouse.connect();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setString(i + 1, parameters[i]);
      }
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          rows.add(reader.read(result));
        }
      }
    } catch (SQLException e) {
      if (e.getErrorCode() != UNKNOWN_TABLE) {
        throw e;
      }
    }
    return rows;
  }
}
