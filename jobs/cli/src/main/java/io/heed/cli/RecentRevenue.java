package io.heed.cli;

import io.heed.core.experiments.Metric;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/** What buyers brought lately: where a cap on revenue belongs, before a test starts. */
final class RecentRevenue {
  /** Per buyer and stretch of the metric's length, of the newest 28 days. */
  private static final String QUANTILE =
      """
      WITH (SELECT max(event_time) FROM events WHERE event_type = 'conversion') AS newest
      SELECT count(), quantileExact(0.99)(brought) / 1e6
      FROM
        (SELECT sum(if(kind = 'REFUND', -revenue_micros, revenue_micros)) AS brought
         FROM events
         WHERE event_type = 'conversion' AND event_time > newest - INTERVAL 28 DAY
           AND (kind = 'REFUND' OR has(splitByChar(',', ?), kind))
         GROUP BY recipient_id,
           intDiv(toUnixTimestamp64Milli(newest) - toUnixTimestamp64Milli(event_time), toInt64(?))
         HAVING brought > 0)
      """;

  /** The 99th per cent of fewer buyers is the luck of one. */
  private static final long LEAST_BUYERS = 1_000;

  private RecentRevenue() {}

  /** The cap that the newest days suggest for a metric of revenue without one, as text. */
  static List<String> cap(Connection warehouse, Metric metric) throws SQLException {
    boolean money = metric.type() == Metric.Type.REVENUE;
    if (!money || metric.capMicros() != Long.MAX_VALUE) {
      return List.of();
    }
    try (PreparedStatement query = warehouse.prepareStatement(QUANTILE)) {
      query.setString(1, String.join(",", metric.kinds().stream().map(Enum::name).toList()));
      query.setLong(2, metric.windowMillis());
      try (ResultSet row = query.executeQuery()) {
        row.next();
        long buyers = row.getLong(1);
        return List.of(
            "",
            buyers < LEAST_BUYERS
                ? "Revenue has no cap_value, and %,d buyers in 28 days are too few to find one by."
                    .formatted(buyers)
                : "Revenue has no cap_value. 99 %% of %,d buyers brought at most cap_value: %.2f"
                    .formatted(buyers, row.getDouble(2)));
      }
    }
  }
}
