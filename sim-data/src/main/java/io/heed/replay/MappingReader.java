package io.heed.replay;

import io.heed.core.config.ConfigException;
import io.heed.core.config.ConfigNode;
import io.heed.core.config.ConfigReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Reads a mapping from its YAML; docs/replay.md describes the language. */
public final class MappingReader {
  private static final Pattern DELIMITER = Pattern.compile("[^\"\r\n]");

  private MappingReader() {}

  /**
   * Reads a mapping's file.
   *
   * @throws ConfigException with every mistake
   */
  public static Mapping read(Path file) throws ConfigException, IOException {
    return ConfigReader.read(file, root -> read(file.toString(), root));
  }

  /**
   * Reads a mapping.
   *
   * @param file its name in errors
   * @throws ConfigException with every mistake
   */
  public static Mapping read(String file, String text) throws ConfigException {
    return ConfigReader.read(file, text, root -> read(file, root));
  }

  /** The mapping of that name among {@link Mapping#BUNDLED}. */
  public static Mapping bundled(String name) throws ConfigException, IOException {
    if (!Mapping.BUNDLED.contains(name)) {
      throw new IllegalArgumentException(name);
    }
    String resource = "mappings/" + name + ".yaml";
    try (InputStream in = MappingReader.class.getResourceAsStream(resource)) {
      return read(resource, new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  private static Mapping read(String file, ConfigNode root) {
    String name = Names.text(root.required("name"));
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
