package io.heed.cli;

import io.heed.core.attribution.LiftForecast.Outcomes;
import io.heed.core.experiments.Audience;
import io.heed.core.experiments.Metric;
import io.heed.core.statistics.MeanEffect;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What buyers brought lately: where a cap on revenue belongs, and what to plan a lift by. */
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

  /**
   * Of the people who were texted on some lists in the newest 28 days: how many there are, and per
   * stretch of a window what those who bought brought.
   */
  private static final String PER_PERSON =
      """
      WITH
        (SELECT max(event_time) FROM events WHERE event_type = 'conversion') AS newest,
        texted AS
          (SELECT DISTINCT recipient_id FROM events
           WHERE event_type = 'send' AND category = 'PROMOTIONAL'
             AND event_time > newest - INTERVAL 28 DAY AND %s)
      SELECT (SELECT count() FROM texted), count(), avg(brought) / 1e6, stddevPop(brought) / 1e6
      FROM
        (SELECT sum(if(kind = 'REFUND', -revenue_micros, revenue_micros)) AS brought
         FROM events
         WHERE event_type = 'conversion' AND event_time > newest - INTERVAL 28 DAY
           AND recipient_id IN texted
         GROUP BY recipient_id,
           intDiv(toUnixTimestamp64Milli(newest) - toUnixTimestamp64Milli(event_time), toInt64(?))
         HAVING brought > 0)
      """;

  private static final Duration RECENT = Duration.ofDays(28);

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

  /**
   * What the people of some lists brought lately, per window.
   *
   * @throws UserError if too few of them bought to say
   */
  static Outcomes perPerson(Connection warehouse, Audience audience, Duration window)
      throws SQLException {
    List<String> parameters = new ArrayList<>();
    String sql = PER_PERSON.formatted(RecentReach.condition(audience, parameters));
    try (PreparedStatement query = warehouse.prepareStatement(sql)) {
      for (int i = 0; i < parameters.size(); i++) {
        query.setString(i + 1, parameters.get(i));
      }
      query.setLong(parameters.size() + 1, window.toMillis());
      try (ResultSet row = query.executeQuery()) {
        row.next();
        double windows =
            row.getLong(1) * Math.max(1, (double) RECENT.toMillis() / window.toMillis());
        if (row.getLong(2) < MeanEffect.MINIMUM_SUCCESSES) {
          throw new UserError(
              "%,d buyers in the newest 28 days are too few to plan by: name --buyers and --order-value"
                  .formatted(row.getLong(2)));
        }
        return new Outcomes(
            Math.min(1, row.getLong(2) / windows), row.getDouble(3), row.getDouble(4));
      }
    }
  }
}
