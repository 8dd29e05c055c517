package io.heed.preview;

import com.fasterxml.jackson.databind.JsonNode;
import io.heed.preview.Query.Values;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The variables of one dashboard as a page has set them. */
final class Variables {
  /**
   * One variable for a page.
   *
   * @param options that can be chosen, {@link Query#ALL} first where the file allows it
   */
  record Resolved(
      String name, String label, boolean multi, List<Option> options, List<String> chosen) {}

  /** One option: what is shown, and what it stands for. */
  record Option(String text, String value) {}

  private final ClickHouse clickHouse;

  Variables(ClickHouse clickHouse) {
    this.clickHouse = clickHouse;
  }

  /**
   * Resolves the variables in the order of the file, so that a later one may use an earlier one.
   *
   * @param given values by name, as the URL gives them. What is no option is ignored where several
   *     may be chosen, and where the options follow another variable, which may just have changed.
   *     Else it stays, as in Grafana: a link to something unknown must not show something else
   * @param values is filled with what queries need
   */
  List<Resolved> resolve(
      JsonNode dashboard,
      TimeRange range,
      Map<String, List<String>> given,
      Map<String, Values> values)
      throws IOException, InterruptedException {
    List<Resolved> resolved = new ArrayList<>();
    for (JsonNode variable : Dashboards.variables(dashboard)) {
      String name = variable.path("name").asText();
      List<Option> options = options(variable, range, values);
      if (options == null) {
        continue;
      }
      Set<String> known = new LinkedHashSet<>(options.stream().map(Option::value).toList());
      boolean includeAll = variable.path("includeAll").asBoolean();
      List<Option> shown = new ArrayList<>();
      if (includeAll) {
        shown.add(new Option("All", Query.ALL));
      }
      shown.addAll(options);
      List<String> chosen = chosen(variable, known, includeAll, given.get(name));
      for (String value : chosen) {
        if (!value.equals(Query.ALL) && !known.contains(value)) {
          shown.add(new Option(value + " (unknown)", value));
        }
      }
      boolean constants = !variable.path("type").asText().equals("query");
      values.put(
          name, new Values(chosen, List.copyOf(known), constants ? Set.copyOf(known) : Set.of()));
      if (variable.path("hide").asInt() != 2) {
        String label = variable.path("label").asText("");
        resolved.add(
            new Resolved(
                name,
                label.isEmpty() ? name : label,
                variable.path("multi").asBoolean(),
                shown,
                chosen));
      }
    }
    return resolved;
  }

  private List<Option> options(JsonNode variable, TimeRange range, Map<String, Values> values)
      throws IOException, InterruptedException {
    switch (variable.path("type").asText()) {
      case "query" -> {
        JsonNode query = variable.path("query");
        String sql = query.isTextual() ? query.asText() : query.path("rawSql").asText();
        JsonNode result = clickHouse.query(new Query(range, 3_600, values).expand(sql));
        List<Option> options = new ArrayList<>();
        for (JsonNode row : result.path("data")) {
          options.add(new Option(row.path(0).asText(), row.path(row.size() - 1).asText()));
        }
        return options;
      }
      case "custom", "interval", "constant" -> {
        Map<String, Option> options = new LinkedHashMap<>();
        for (String item : variable.path("query").asText().split(",", -1)) {
          String text = item.strip();
          int colon = text.indexOf(" : ");
          String value = colon < 0 ? text : text.substring(colon + 3).strip();
          options.put(
              value, new Option(colon < 0 ? text : text.substring(0, colon).strip(), value));
        }
        return List.copyOf(options.values());
      }
      case "datasource" -> {
        return null;
      }
      default ->
          throw new IllegalArgumentException(
              "variable %s: the preview knows no type %s"
                  .formatted(variable.path("name").asText(), variable.path("type").asText()));
    }
  }

  private static List<String> chosen(
      JsonNode variable, Set<String> known, boolean includeAll, List<String> given) {
    List<String> wanted = given;
    if (wanted == null) {
      wanted = new ArrayList<>();
      JsonNode current = variable.path("current").path("value");
      if (current.isArray()) {
        for (JsonNode value : current) {
          wanted.add(value.asText());
        }
      } else if (current.isTextual()) {
        wanted.add(current.asText());
      }
    }
    List<String> chosen = wanted.stream().filter(known::contains).toList();
    if (includeAll && (wanted.contains(Query.ALL) || chosen.isEmpty())) {
      return List.of(Query.ALL);
    }
    if (chosen.isEmpty() && given != null && !given.isEmpty() && standsAlone(variable)) {
      return given.subList(0, 1);
    }
    if (chosen.isEmpty()) {
      return known.stream().limit(1).toList();
    }
    return variable.path("multi").asBoolean() ? chosen : chosen.subList(0, 1);
  }

  /** Whether it is one value of a query of its own, which follows no other variable. */
  private static boolean standsAlone(JsonNode variable) {
    return variable.path("type").asText().equals("query")
        && !variable.path("multi").asBoolean()
        && !variable.path("query").toString().contains("${");
  }
}
