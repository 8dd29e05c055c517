package io.heed.cli.explain;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.heed.core.config.ConfigException;
import io.heed.core.experiments.ExperimentConfig;
import io.heed.core.experiments.ExperimentForecast;
import io.heed.core.experiments.ExperimentReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Why the decision about an experiment stands: what was tested, what was measured, what it was
 * decided by, and how the estimate became sharper over time.
 */
final class ExperimentAccount implements Explanation {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String MONEY = "PER_RECIPIENT";

  /** A p-value of the sample ratio below this is alerted. */
  private static final double ALERTED = 0.01;

  private static final int PLOT_ROWS = 24;
  private static final int PLOT_COLUMNS = 61;

  private static final String DECISION =
      """
      SELECT argMax(payload, seq)
      FROM decision WHERE endsWith(topic, 'sms.decision.experiment') AND key = ?
      HAVING count() > 0
      """;

  private static final String NEWEST =
      """
      SELECT metric, variant_id, recipients, successes, mean, effect, effect_lower, effect_upper,
             p_value, max(effect_scale = 'PER_RECIPIENT') OVER (PARTITION BY metric) AS money
      FROM experiment_result
      WHERE experiment_id = ? AND evaluated_at =
        (SELECT max(evaluated_at) FROM experiment_result WHERE experiment_id = ?)
      ORDER BY metric, variant_id
      """;

  private static final String PATH =
      """
      SELECT variant_id, toUnixTimestamp64Milli(evaluated_at) AS at, effect_lower, effect,
             effect_upper, recipients
      FROM experiment_result
      WHERE experiment_id = ? AND metric = ? AND effect IS NOT NULL
      ORDER BY variant_id, evaluated_at
      """;

  private final Path configuration;

  /**
   * Accounts of experiments.
   *
   * @param configuration directory whose {@code experiments} say what was tested
   */
  ExperimentAccount(Path configuration) {
    this.configuration = configuration;
  }

  /** One evaluation of one arm, in per cent or units of money; NaN where an end is unbounded. */
  record Point(long at, double lower, double effect, double upper, long recipients) {}

  @Override
  public List<String> of(Connection warehouse, String id) throws SQLException {
    JsonNode decision = decision(warehouse, id);
    if (decision == null) {
      return List.of();
    }
    List<String> lines = new ArrayList<>(summary(decision));
    ExperimentConfig config = config(id);
    if (config == null) {
      lines.add("");
      lines.add("No file of it in " + configuration + " says what was tested: see --config.");
    } else {
      lines.addAll(2, tested(config));
    }
    if (decision.path("sample_ratio_p_value").asDouble(1) < ALERTED) {
      lines.add("");
      lines.addAll(SplitDiagnosis.of(warehouse, id));
    }
    lines.add("");
    lines.add("What was seen, at the newest evaluation; effects are against the control:");
    lines.addAll(results(warehouse, id));
    if (decision.path("final").asBoolean()) {
      lines.add("An effect at a decision is optimistic: the test ended because it was large.");
      lines.addAll(shrunk(decision));
    }
    String metric = decision.path("tested").path("metric").asText();
    List<String> segments = Breakdown.of(warehouse, id);
    if (!segments.isEmpty()) {
      lines.add("");
      lines.addAll(segments);
    }
    boolean money = decision.path("variants").findValuesAsText("effect_scale").contains(MONEY);
    for (Map.Entry<String, List<Point>> arm :
        paths(warehouse, id, metric, money ? 1e-6 : 100).entrySet()) {
      lines.add("");
      lines.add(
          "Effect of " + arm.getKey() + " on " + metric + " over time ([ interval ], * estimate):");
      lines.addAll(plot(arm.getValue(), money ? "" : " %"));
    }
    return lines;
  }

  /** The effects on the primary metric, corrected for that. */
  static List<String> shrunk(JsonNode decision) {
    List<String> lines = new ArrayList<>();
    for (JsonNode variant : decision.path("variants")) {
      if (variant.has("effect_shrunk")) {
        boolean money = variant.path("effect_scale").asText().equals(MONEY);
        double effect = variant.path("effect_shrunk").asDouble();
        lines.add(
            "  %s, shrunk towards none by what the test was planned for: %s"
                .formatted(
                    variant.path("variant_id").asText(),
                    money
                        ? "%+.4f per recipient".formatted(effect * 1e-6)
                        : "%+.1f %%".formatted(100 * effect)));
      }
    }
    return lines;
  }

  /** The file of an experiment; null without one that can be read. */
  private ExperimentConfig config(String id) {
    try (Stream<Path> files = Files.list(configuration.resolve("experiments"))) {
      for (Path file : files.sorted().toList()) {
        try {
          ExperimentConfig config = ExperimentReader.parse(file.toString(), Files.readString(file));
          if (config.id().equals(id)) {
            return config;
          }
        } catch (ConfigException e) {
          // Checking files is another command's work.
        }
      }
    } catch (IOException e) {
      // The same as no file: the decision is explained without it.
    }
    return null;
  }

  /** What an experiment's file says. */
  static List<String> tested(ExperimentConfig config) {
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add("What was tested, for %s: %s".formatted(config.owner(), config.hypothesis()));
    ExperimentForecast.rules(config).forEach(line -> lines.add("  " + line));
    return lines;
  }

  /** The state of an experiment in words. */
  static List<String> summary(JsonNode decision) {
    List<String> lines = new ArrayList<>();
    String state = decision.path("state").asText();
    String winner = decision.path("winner_variant_id").asText("");
    lines.add(
        "Experiment %s: %s%s since %s%s"
            .formatted(
                decision.path("experiment_id").asText(),
                state,
                winner.isEmpty() ? "" : " " + winner,
                instant(decision.path("decided_at").asLong()),
                decision.path("final").asBoolean() ? ", for good" : ""));
    decision
        .path("reasons")
        .forEach(reason -> lines.add("  " + meaning(reason.asText(), decision)));
    lines.add("");
    lines.add(
        "Epoch %d from %s; new recipients get:"
            .formatted(
                decision.path("epoch").asInt(), instant(decision.path("effective_from").asLong())));
    decision
        .path("allocation")
        .properties()
        .forEach(
            share ->
                lines.add(
                    "  %-24s %6.2f %%"
                        .formatted(share.getKey(), 100 * share.getValue().asDouble())));
    lines.add("");
    lines.add(
        "Sample ratio: p = %s. Seen in two variants: %d. Configuration %s."
            .formatted(
                number(decision.path("sample_ratio_p_value").asDouble(1)),
                decision.path("contaminated").asLong(),
                decision.path("config_hash").asText()));
    JsonNode held = decision.path("held_by");
    if (held.isObject()) {
      lines.add(
          "%s has won, but waits until guardrail %s is shown not to be worse: about %,d more recipients."
              .formatted(
                  held.path("variant_id").asText(),
                  held.path("guardrail").asText(),
                  held.path("recipients_missing").asLong()));
    }
    decision
        .path("not_shown")
        .forEach(what -> lines.add("Not shown by the horizon: " + what.asText() + "."));
    for (JsonNode guardrail : decision.path("guardrails")) {
      lines.add(
          "Guardrail %s in %s: %s (p of harm %s)"
              .formatted(
                  guardrail.path("metric").asText(),
                  guardrail.path("variant_id").asText(),
                  guardrail.path("harmed").asBoolean()
                      ? "HARM SHOWN"
                      : guardrail.path("non_inferior").asBoolean()
                          ? "shown not to be worse"
                          : "nothing shown yet",
                  number(guardrail.path("p_value").asDouble(1))));
    }
    return lines;
  }

  private static String meaning(String reason, JsonNode decision) {
    return switch (reason) {
      case "COLLECTING" -> "Still collecting: no sequence has excluded what it must exclude.";
      case "EVIDENCE_FOR_WINNER" -> winning(decision);
      case "EVIDENCE_OF_EQUIVALENCE" ->
          "The interval lies within the equivalence margin: as good as no difference.";
      case "FUTILE" ->
          "No effect of the planned size: it is unlikely to be reached. That is not equality.";
      case "GUARDRAIL_BREACHED" -> "A guardrail has shown harm beyond its margin.";
      case "SAMPLE_RATIO_MISMATCH" ->
          "The arms do not get the recipients that the weights promise: the split is broken.";
      case "CONTAMINATED" -> "More than 5 % of the recipients were seen in two variants.";
      case "HORIZON_REACHED" -> "The horizon was reached without a result.";
      default -> reason;
    };
  }

  private static String winning(JsonNode decision) {
    JsonNode tested = decision.path("tested");
    if (!tested.has("margin")) {
      return "The interval of every other arm lies wholly on its losing side, and the guardrails allow it.";
    }
    boolean control = tested.path("control_variant_id").equals(decision.path("winner_variant_id"));
    String margin = "%.4g %%".formatted(100 * tested.path("margin").asDouble());
    return control
        ? "Every variant is shown to be worse than the control by more than " + margin + "."
        : "It is shown to be worse than the control by less than "
            + margin
            + ", and the guardrails allow it.";
  }

  private static List<String> results(Connection warehouse, String id) throws SQLException {
    List<String> lines = new ArrayList<>();
    lines.add(
        "  %-14s %-18s %10s %10s %10s  %-34s %9s"
            .formatted("metric", "variant", "recipients", "successes", "mean", "effect", "p"));
    try (PreparedStatement statement = warehouse.prepareStatement(NEWEST)) {
      statement.setString(1, id);
      statement.setString(2, id);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          boolean relative = rows.getInt(10) == 0;
          double p = nullable(rows, 9);
          lines.add(
              "  %-14s %-18s %,10d %,10d %10s  %-34s %9s"
                  .formatted(
                      rows.getString(1),
                      rows.getString(2),
                      rows.getLong(3),
                      rows.getLong(4),
                      relative
                          ? "%.4g %%".formatted(100 * rows.getDouble(5))
                          : "%.4g".formatted(rows.getDouble(5) / 1e6),
                      effect(relative, nullable(rows, 6), nullable(rows, 7), nullable(rows, 8)),
                      Double.isNaN(p) ? "" : number(p))
                  .stripTrailing());
        }
      }
    }
    return lines;
  }

  static String effect(boolean relative, double effect, double lower, double upper) {
    if (Double.isNaN(effect)) {
      return "";
    }
    double scale = relative ? 100 : 1e-6;
    String unit = relative ? " %" : "";
    return "%+.4g%s [%s, %s]"
        .formatted(
            scale * effect,
            unit,
            Double.isNaN(lower) ? "-∞" : "%+.4g".formatted(scale * lower),
            Double.isNaN(upper) ? "∞" : "%+.4g".formatted(scale * upper));
  }

  private static Map<String, List<Point>> paths(
      Connection warehouse, String id, String metric, double scale) throws SQLException {
    Map<String, List<Point>> paths = new LinkedHashMap<>();
    try (PreparedStatement statement = warehouse.prepareStatement(PATH)) {
      statement.setString(1, id);
      statement.setString(2, metric);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          paths
              .computeIfAbsent(rows.getString(1), variant -> new ArrayList<>())
              .add(
                  new Point(
                      rows.getLong(2),
                      scale * nullable(rows, 3),
                      scale * nullable(rows, 4),
                      scale * nullable(rows, 5),
                      rows.getLong(6)));
        }
      }
    }
    return paths;
  }

  /** A confidence sequence as text: time downwards, effect to the right, {@code |} at no effect. */
  static List<String> plot(List<Point> path, String unit) {
    Point last = path.get(path.size() - 1);
    double reach = 0;
    for (Point point : path) {
      if (point.at() >= path.get(path.size() / 4).at()) {
        reach = Math.max(reach, Math.abs(bounded(point.effect(), 0)));
        reach = Math.max(reach, Math.abs(bounded(point.lower(), 0)));
        reach = Math.max(reach, Math.abs(bounded(point.upper(), 0)));
      }
    }
    double scale = reach == 0 ? 1 : reach;
    List<String> lines = new ArrayList<>();
    int rows = Math.min(PLOT_ROWS, path.size());
    for (int row = 0; row < rows; row++) {
      int index = rows == 1 ? 0 : row * (path.size() - 1) / (rows - 1);
      Point point = path.get(index);
      char[] line = " ".repeat(PLOT_COLUMNS).toCharArray();
      int low = column(bounded(point.lower(), -scale), scale);
      int high = column(bounded(point.upper(), scale), scale);
      for (int c = low; c <= high; c++) {
        line[c] = '-';
      }
      line[column(0, scale)] = '|';
      line[low] = Double.isNaN(point.lower()) ? '<' : '[';
      line[high] = Double.isNaN(point.upper()) ? '>' : ']';
      line[column(point.effect(), scale)] = '*';
      lines.add(
          "  %s %,10d  %s"
              .formatted(instant(point.at()), point.recipients(), new String(line))
              .stripTrailing());
    }
    lines.add(
        "  %s %10s  no effect is at |, the edges are at ±%s%s"
            .formatted(" ".repeat(instant(last.at()).length()), "recipients", number(scale), unit));
    return lines;
  }

  private static double bounded(double value, double orElse) {
    return Double.isNaN(value) ? orElse : value;
  }

  private static int column(double value, double scale) {
    double part = (Math.max(-scale, Math.min(scale, value)) / scale + 1) / 2;
    return (int) Math.round(part * (PLOT_COLUMNS - 1));
  }

  private static JsonNode decision(Connection warehouse, String id) throws SQLException {
    try (PreparedStatement statement = warehouse.prepareStatement(DECISION)) {
      statement.setString(1, id);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? JSON.readTree(rows.getString(1)) : null;
      }
    } catch (JsonProcessingException e) {
      throw new SQLException("a decision is not JSON", e);
    }
  }

  static double nullable(ResultSet rows, int column) throws SQLException {
    double value = rows.getDouble(column);
    return rows.wasNull() ? Double.NaN : value;
  }

  static String number(double value) {
    return "%.3g".formatted(value);
  }

  private static String instant(long millis) {
    return Instant.ofEpochMilli(millis).truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
