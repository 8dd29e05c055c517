package io.heed.cli.explain;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.heed.core.gate.Optimise;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What the optimizer of a list earns against its control, and whether it still decides. */
final class OptimizerAccount implements Explanation {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final double MICROS = 1e6;

  private static final String DECISION =
      """
      SELECT payload FROM decision_newest
      WHERE endsWith(topic, 'sms.decision.experiment') AND key = ?
      """;

  private static final String LIFT =
      """
      SELECT metric, recipients, holdout_recipients, mean, holdout_mean, effect, effect_lower,
             effect_upper
      FROM incremental_lift
      WHERE experiment_id = ? AND metric IN ('net_value', 'opt_out', 'revenue', 'converting')
      ORDER BY evaluated_at DESC LIMIT 1 BY metric
      """;

  @Override
  public List<String> of(Connection warehouse, String id) throws SQLException {
    if (!Optimise.isKey(id)) {
      return List.of();
    }
    List<String> lines = new ArrayList<>();
    try (PreparedStatement query = warehouse.prepareStatement(DECISION)) {
      query.setString(1, id);
      try (ResultSet row = query.executeQuery()) {
        if (row.next()) {
          lines.add("The optimizer of list " + Optimise.listOf(id));
          lines.add("  " + state(JSON.readTree(row.getString(1))));
        }
      } catch (JsonProcessingException e) {
        throw new SQLException("a decision is not JSON", e);
      }
    }
    if (lines.isEmpty()) {
      return lines;
    }
    lines.add("");
    lines.add(
        "Per recipient, those it decides for against the control (95 %, valid at every look)");
    try (PreparedStatement query = warehouse.prepareStatement(LIFT)) {
      query.setString(1, id);
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          lines.add("  " + metric(row));
        }
      }
    }
    return lines;
  }

  private static String state(JsonNode decision) {
    Instant at = Instant.ofEpochMilli(decision.path("effective_from").asLong());
    return decision.path("state").asText().equals("STOPPED_HARM")
        ? "STOPPED_HARM: from " + at + " on plain caps decide; another salt begins again"
        : "%s since %s".formatted(decision.path("state").asText(), at);
  }

  private static String metric(ResultSet row) throws SQLException {
    String metric = row.getString("metric");
    boolean money = metric.equals("net_value") || metric.equals("revenue");
    double unit = money ? 1 / MICROS : 100;
    double effect = row.getDouble("effect");
    String shown =
        row.wasNull()
            ? "not known yet"
            : "%+.4f (%s to %s)"
                .formatted(
                    effect * unit, end(row, "effect_lower", unit), end(row, "effect_upper", unit));
    return "%s%s: %.4f against %.4f, difference %s; %d and %d people"
        .formatted(
            metric.replace('_', ' '),
            money ? "" : ", %",
            row.getDouble("mean") * unit,
            row.getDouble("holdout_mean") * unit,
            shown,
            row.getLong("recipients"),
            row.getLong("holdout_recipients"));
  }

  private static String end(ResultSet row, String column, double unit) throws SQLException {
    double value = row.getDouble(column);
    return row.wasNull() ? "unbounded" : "%+.4f".formatted(value * unit);
  }
}
