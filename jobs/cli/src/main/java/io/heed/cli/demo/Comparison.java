package io.heed.cli.demo;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.heed.sim.ListHealthTruth;
import io.heed.sim.Truth;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The truth of a run beside the figures in ClickHouse.
 *
 * @param figures every figure that was compared
 */
record Comparison(List<Figure> figures) {
  /** One figure by both accounts. */
  record Figure(String table, String what, long truth, @JsonProperty("clickhouse") long seen) {
    boolean agrees() {
      return truth == seen;
    }
  }

  /**
   * Queries ClickHouse for all figures.
   *
   * @param withListHealth whether list health counts this run and nothing else
   */
  static Comparison of(Truth.Summary truth, Results results, boolean withListHealth)
      throws SQLException {
    List<Figure> figures = new ArrayList<>();
    addAll(figures, "events", truth.events(), results.events());
    addAll(figures, "events, late", truth.late(), results.late());
    addAll(figures, "dead_letter", truth.deadLetters(), results.deadLetters());
    if (withListHealth) {
      addListHealth(figures, truth.listHealth(), results.listHealth());
    }
    return new Comparison(figures);
  }

  private static void addAll(
      List<Figure> figures, String table, Map<String, Long> truth, Map<String, Long> seen) {
    TreeSet<String> names = new TreeSet<>(truth.keySet());
    names.addAll(seen.keySet());
    for (String name : names) {
      figures.add(
          new Figure(table, name, truth.getOrDefault(name, 0L), seen.getOrDefault(name, 0L)));
    }
  }

  private static void addListHealth(
      List<Figure> figures, List<ListHealthTruth.Row> truth, List<ListHealthTruth.Row> seen) {
    Map<String, ListHealthTruth.Row> byPlace = new HashMap<>();
    seen.forEach(row -> byPlace.put(place(row), row));
    for (ListHealthTruth.Row row : truth) {
      add(figures, row, byPlace.remove(place(row)));
    }
    byPlace.values().forEach(row -> add(figures, null, row));
  }

  private static String place(ListHealthTruth.Row row) {
    return row.campaignId().isEmpty()
        ? "list '" + row.listId() + "'"
        : "list '" + row.listId() + "', campaign " + row.campaignId();
  }

  private static void add(
      List<Figure> figures, ListHealthTruth.Row truth, ListHealthTruth.Row seen) {
    String place = place(truth == null ? seen : truth);
    Map<String, Long> expected = truth == null ? Map.of() : truth.metrics();
    Map<String, Long> found = seen == null ? Map.of() : seen.metrics();
    (truth == null ? found : expected)
        .keySet()
        .forEach(
            metric ->
                figures.add(
                    new Figure(
                        "list_health",
                        place + ", " + metric,
                        expected.getOrDefault(metric, 0L),
                        found.getOrDefault(metric, 0L))));
  }

  boolean agrees() {
    return figures.stream().allMatch(Figure::agrees);
  }

  List<Figure> differences() {
    return figures.stream().filter(figure -> !figure.agrees()).toList();
  }

  /** The figures of one table. */
  List<Figure> of(String table) {
    return figures.stream().filter(figure -> figure.table().equals(table)).toList();
  }

  /** Sum over a table, by ClickHouse's account. */
  long seen(String table) {
    return of(table).stream().mapToLong(Figure::seen).sum();
  }
}
