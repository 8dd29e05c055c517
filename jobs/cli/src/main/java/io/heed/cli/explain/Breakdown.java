package io.heed.cli.explain;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * An experiment's primary metric by list, region, carrier, and new or old subscriber: where its
 * effect may differ. Never decides.
 */
final class Breakdown {
  /** Of a dimension. */
  private static final int SHOWN = 5;

  private static final String SEGMENTS =
      """
      SELECT dimension, segment, variant_id, recipients + control_recipients AS people,
             effect_scale = 'RELATIVE', effect, effect_lower, effect_upper, p_differs, comparisons
      FROM experiment_breakdown(experiment = '%s')
      WHERE effect IS NOT NULL
      ORDER BY ifNull(p_differs, 2), people DESC, dimension, segment, variant_id
      LIMIT %d BY dimension
      """;

  private Breakdown() {}

  /** The segments in words, those that differ most first; nothing where there are none. */
  static List<String> of(Connection warehouse, String experiment) throws SQLException {
    List<String> lines = new ArrayList<>();
    String name = experiment.replace("\\", "\\\\").replace("'", "\\'");
    try (PreparedStatement statement = warehouse.prepareStatement(SEGMENTS.formatted(name, SHOWN));
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        if (lines.isEmpty()) {
          long comparisons = rows.getLong(10);
          lines.add("By segment, those that differ most first. This never decides: intervals and");
          lines.add(
              "p-values hold for one look at all %,d comparisons; a segment that stands out is an"
                  .formatted(comparisons));
          lines.add("idea for a test of its own.");
          lines.add(
              "  %-10s %-20s %-18s %10s  %-34s %9s"
                  .formatted("by", "", "variant", "recipients", "effect", "p differs"));
        }
        double p = ExperimentAccount.nullable(rows, 9);
        lines.add(
            "  %-10s %-20s %-18s %,10d  %-34s %9s"
                .formatted(
                    rows.getString(1),
                    rows.getString(2),
                    rows.getString(3),
                    rows.getLong(4),
                    ExperimentAccount.effect(
                        rows.getBoolean(5),
                        rows.getDouble(6),
                        rows.getDouble(7),
                        rows.getDouble(8)),
                    Double.isNaN(p) ? "" : ExperimentAccount.number(p))
                .stripTrailing());
      }
    }
    return lines;
  }
}
