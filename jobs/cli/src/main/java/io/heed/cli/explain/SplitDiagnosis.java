package io.heed.cli.explain;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Where the split of an experiment is off: by list, region, carrier, campaign and hour. */
final class SplitDiagnosis {
  private static final int WORST = 10;

  private static final String WORST_SEGMENTS =
      """
      SELECT dimension, segment, recipients, variant_id, observed_recipients, expected_recipients,
             chi_square, ifNull(chi_square_elsewhere, nan), ifNull(heterogeneity, nan), arms
      FROM sample_ratio_by_segment(experiment = '%s')
      ORDER BY chi_square DESC, dimension, segment
      LIMIT %d
      """;

  /**
   * One segment.
   *
   * @param variant the variant that is furthest from its share, with its recipients
   * @param elsewhere chi-square of all other segments of the dimension together; NaN without one
   * @param heterogeneity chi-square of the segment against the others; NaN without one
   */
  record Segment(
      String dimension,
      String name,
      long recipients,
      String variant,
      long observed,
      double expected,
      double chiSquare,
      double elsewhere,
      double heterogeneity,
      int arms) {

    /**
     * Whether the fault is in this segment only: the others fit the shares (at about 1 %), and are
     * clearly not like it (at about 0.1 %, since the worst of many segments is looked at).
     */
    private boolean isAlone() {
      int freedom = arms - 1;
      double deviation = Math.sqrt(2.0 * freedom);
      return elsewhere < freedom + 2.6 * deviation + 3
          && heterogeneity > freedom + 4 * deviation + 5;
    }
  }

  private SplitDiagnosis() {}

  /** The worst segments in words; nothing where no message has gone out. */
  static List<String> of(Connection warehouse, String experiment) throws SQLException {
    String name = experiment.replace("\\", "\\\\").replace("'", "\\'");
    List<Segment> segments = new ArrayList<>();
    try (PreparedStatement statement =
            warehouse.prepareStatement(WORST_SEGMENTS.formatted(name, WORST));
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        segments.add(
            new Segment(
                rows.getString(1),
                rows.getString(2),
                rows.getLong(3),
                rows.getString(4),
                rows.getLong(5),
                rows.getDouble(6),
                rows.getDouble(7),
                rows.getDouble(8),
                rows.getDouble(9),
                rows.getInt(10)));
      }
    }
    return lines(segments);
  }

  static List<String> lines(List<Segment> segments) {
    List<String> lines = new ArrayList<>();
    if (segments.isEmpty()) {
      return lines;
    }
    lines.add("Where the split is off, by the first message of each recipient:");
    Segment worst = segments.get(0);
    Segment alone = segments.stream().filter(Segment::isAlone).findFirst().orElse(null);
    lines.add(
        alone == null
            ? "  It is off everywhere, most in %s %s: look at how recipients are assigned."
                .formatted(worst.dimension, worst.name)
            : "  Worst is %s %s: everything else together is as the shares promise."
                .formatted(alone.dimension, alone.name));
    lines.add(
        "  %-10s %-28s %10s  %-18s %10s %10s %10s"
            .formatted("by", "", "recipients", "variant", "has", "expected", "chi-square"));
    for (Segment each : segments) {
      lines.add(
          "  %-10s %-28s %,10d  %-18s %,10d %,10.0f %10.1f"
              .formatted(
                  each.dimension,
                  each.name,
                  each.recipients,
                  each.variant,
                  each.observed,
                  each.expected,
                  each.chiSquare));
    }
    return lines;
  }
}
