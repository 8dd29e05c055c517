package io.heed.flink.warehouse;

import io.heed.flink.streaming.WarehouseRetention;
import io.heed.flink.streaming.WarehouseRetention.Kind;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the tables' TTL what {@code --keep} wants, where it is not yet. Rollups, the newest
 * decisions and what the consent ledger is made of have none. Statements may run twice, by two
 * tasks at once.
 */
final class TableTtl {
  private static final Logger LOG = LoggerFactory.getLogger(TableTtl.class);

  /**
   * Not REMOVE TTL, which is an error where there is none. Longer would pass DateTime's last year.
   */
  private static final int FOR_EVER_DAYS = 18_250;

  /** Tables of a kind and the instant by which their rows expire. */
  private static final Map<Kind, Map<String, String>> TABLES =
      Map.of(
          Kind.EVENTS,
          Map.of("events_versions", "toDateTime(event_time)", "event_place", "hour"),
          Kind.DECISIONS,
          Map.of("decision_versions", "toDateTime(decided_at)", "verdict_hour", "hour"),
          Kind.DEAD_LETTERS,
          Map.of("dead_letter_versions", "toDateTime(appended_at)"));

  private TableTtl() {}

  static void apply(Database database, WarehouseRetention retention) throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      Map<String, Integer> current = current(statement);
      for (Kind kind : Kind.values()) {
        int days = retention.days().getOrDefault(kind, 0);
        if (days != current.getOrDefault(kind.text(), 0)) {
          for (Map.Entry<String, String> table : TABLES.get(kind).entrySet()) {
            statement.execute(
                "ALTER TABLE %s MODIFY TTL %s + INTERVAL %d DAY"
                    .formatted(table.getKey(), table.getValue(), days == 0 ? FOR_EVER_DAYS : days));
          }
          statement.execute(
              "INSERT INTO retention_versions SELECT '%s', %d, now64(3)"
                  .formatted(kind.text(), days));
          LOG.info("{} are kept {}", kind.text(), days == 0 ? "for ever" : days + " days");
        }
      }
    }
  }

  private static Map<String, Integer> current(Statement statement) throws SQLException {
    Map<String, Integer> days = new HashMap<>();
    try (ResultSet row = statement.executeQuery("SELECT name, days FROM retention")) {
      while (row.next()) {
        days.put(row.getString(1), row.getInt(2));
      }
    }
    return days;
  }
}
