package io.heed.cli.demo;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.heed.sim.ListHealthTruth;
import io.heed.sim.Truth;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a run came to.
 *
 * @param decisions by topic and state
 * @param whole whether the topics hold this run and nothing from before
 */
record Summary(
    Truth.Summary truth, Comparison comparison, Map<String, Long> decisions, boolean whole) {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();
  private static final int TOP = 5;
  private static final int DIFFERENCES = 20;

  /** Whether results and truth are the same, and no text went out against a decision. */
  boolean agrees() {
    return comparison.agrees() && truth.sendsAgainstADecision() == 0;
  }

  void write(Path file) throws IOException {
    Map<String, Object> content = new LinkedHashMap<>();
    content.put("agrees", agrees());
    content.put("scenario", truth.scenario());
    content.put("seed", truth.seed());
    content.put("run", truth.run());
    content.put("events", counts("events"));
    content.put("late", counts("events, late"));
    content.put("dead_letters", counts("dead_letter"));
    content.put("sends_on_request", truth.sendsOnRequest());
    content.put("sends_against_a_decision", truth.sendsAgainstADecision());
    content.put("decisions", decisions);
    content.put("figures_compared", comparison.figures().size());
    content.put("differences", comparison.differences());
    Files.write(file, JSON.writeValueAsBytes(content));
  }

  private Map<String, Long> counts(String table) {
    Map<String, Long> counts = new LinkedHashMap<>();
    comparison.of(table).forEach(figure -> counts.put(figure.what(), figure.seen()));
    return counts;
  }

  void print(PrintWriter out) {
    out.printf("%n%-26s%14s%14s%n", "Events", "published", "in ClickHouse");
    comparison.of("events").forEach(figure -> print(out, figure.what(), figure));
    total(out, "events in all", "events");
    total(out, "of them, too late to count", "events, late");
    total(out, "dead letters", "dead_letter");
    printLists(out);
    printDecisions(out);
    printVerdict(out);
    out.flush();
  }

  private static void print(PrintWriter out, String what, Comparison.Figure figure) {
    row(out, "  " + what, figure.truth(), figure.seen());
  }

  private void total(PrintWriter out, String what, String table) {
    long published = comparison.of(table).stream().mapToLong(Comparison.Figure::truth).sum();
    row(out, what, published, comparison.seen(table));
  }

  private static void row(PrintWriter out, String what, long published, long seen) {
    out.printf(
        Locale.ROOT, "%-26s%,14d%,14d%s%n", what, published, seen, published == seen ? "" : "  !");
  }

  private void printLists(PrintWriter out) {
    out.printf(
        "%n%-26s%10s%11s%9s%10s%12s%n",
        "Lists and top campaigns", "sends", "delivered", "clicks", "opt-outs", "opt-out %");
    truth.listHealth().stream()
        .filter(row -> row.campaignId().isEmpty() && !row.listId().isEmpty())
        .sorted(Comparator.comparingLong(ListHealthTruth.Row::sends).reversed())
        .forEach(row -> printHealth(out, row.listId(), row));
    truth.listHealth().stream()
        .filter(row -> !row.campaignId().isEmpty())
        .sorted(Comparator.comparingLong(ListHealthTruth.Row::sends).reversed())
        .limit(TOP)
        .forEach(row -> printHealth(out, "  " + row.campaignId(), row));
  }

  private static void printHealth(PrintWriter out, String name, ListHealthTruth.Row row) {
    out.printf(
        Locale.ROOT,
        "%-26s%,10d%,11d%,9d%,10d%11.2f%%%n",
        name,
        row.sends(),
        row.delivered(),
        row.clicks(),
        row.optOuts(),
        row.sends() == 0 ? 0 : 100.0 * row.optOuts() / row.sends());
  }

  private void printDecisions(PrintWriter out) {
    if (!decisions.isEmpty()) {
      out.printf("%nDecisions%n");
      decisions.forEach((what, count) -> out.printf(Locale.ROOT, "  %-38s%,12d%n", what, count));
      out.printf(
          Locale.ROOT,
          "%,d texts were sent on request, %d against a decision%n",
          truth.sendsOnRequest(),
          truth.sendsAgainstADecision());
    }
  }

  private void printVerdict(PrintWriter out) {
    out.println();
    List<Comparison.Figure> differences = comparison.differences();
    if (differences.isEmpty()) {
      out.printf(
          "ClickHouse and the truth agree in all %d figures%s%n",
          comparison.figures().size(),
          comparison.of("list_health").isEmpty() ? "" : ", list health included");
    } else {
      out.printf("ClickHouse and the truth differ in %d figures:%n", differences.size());
      differences.stream()
          .limit(DIFFERENCES)
          .forEach(
              f ->
                  out.printf(
                      Locale.ROOT,
                      "  %s, %s: truth %,d, ClickHouse %,d%n",
                      f.table(),
                      f.what(),
                      f.truth(),
                      f.seen()));
    }
    if (!whole) {
      out.println("The topics hold records of earlier runs as well: only this run's events count");
    }
  }
}
