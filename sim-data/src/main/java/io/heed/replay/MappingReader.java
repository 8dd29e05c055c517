package io.heed.replay;

import io.heed.core.config.ConfigNode;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Reads a mapping from its YAML; docs/replay.md tells the language. */
final class MappingReader {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_-]*");
  private static final Pattern DELIMITER = Pattern.compile("[^\"\r\n]");

  private MappingReader() {}

  static String name(ConfigNode node) {
    return node.text(NAME, "lower-case letters, digits, - and _, a letter first");
  }

  static Mapping read(String file, ConfigNode root) {
    String name = name(root.required("name"));
    root.optional("description").ifPresent(ConfigNode::text);
    Names names = new Names();
    int row = names.declare("row");
    Map<Integer, Value> values = new LinkedHashMap<>();
    root.optional("values")
        .ifPresent(
            node -> {
              for (String value : node.names()) {
                // Read before it is declared: a value cannot read itself or a later one.
                Value read = Value.read(node.required(value), names);
                values.put(names.declare(value), read);
              }
            });
    Instant base = root.optional("base").map(ConfigNode::instant).orElse(null);
    ConfigNode list = root.required("journeys");
    boolean alone = list.isList() && list.list(node -> node).size() == 1;
    List<Journey> journeys = list.list(node -> Journey.read(node, alone, names));
    if (list.valid()) {
      check(list, journeys, base);
    }
    return new Mapping(
        file,
        name,
        base,
        root.optional("group").map(ConfigNode::text).orElse(null),
        root.optional("delimiter")
            .map(node -> node.text(DELIMITER, "one character").charAt(0))
            .orElse(','),
        row,
        Map.copyOf(values),
        journeys,
        names.columns(),
        names.size());
  }

  private static void check(ConfigNode list, List<Journey> journeys, Instant base) {
    if (journeys.isEmpty()) {
      list.error("no journey", "at least one");
    }
    if (journeys.stream().map(Journey::name).distinct().count() < journeys.size()) {
      list.error("two journeys of one name", "a name of its own for each");
    }
    if (base == null && journeys.stream().anyMatch(Journey::countsFromBase)) {
      list.error("times count from the base, which is missing", "base: 2026-03-01T00:00:00Z");
    }
  }
}
