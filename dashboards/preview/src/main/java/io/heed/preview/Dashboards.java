package io.heed.preview;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The dashboards of a directory: classic JSON, as Grafana provisions it. */
public final class Dashboards {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Map<String, JsonNode> byUid = new TreeMap<>();

  /**
   * Reads every {@code *.json} of a directory.
   *
   * @throws IOException if one cannot be read, or two have the same uid
   */
  public Dashboards(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".json")).sorted().toList()) {
        JsonNode dashboard = JSON.readTree(Files.readAllBytes(file));
        if (byUid.put(dashboard.path("uid").asText(), dashboard) != null) {
          throw new IOException(file + ": another dashboard has the same uid");
        }
      }
    }
  }

  /** All of them, by title. */
  public List<JsonNode> all() {
    return byUid.values().stream()
        .sorted(Comparator.comparing(dashboard -> dashboard.path("title").asText()))
        .toList();
  }

  /**
   * The dashboard of that uid.
   *
   * @throws IllegalArgumentException if there is none
   */
  public JsonNode get(String uid) {
    JsonNode dashboard = byUid.get(uid);
    if (dashboard == null) {
      throw new IllegalArgumentException("no dashboard has the uid '" + uid + "'");
    }
    return dashboard;
  }

  /** The panels of a dashboard, those inside rows included, rows themselves not. */
  public static List<JsonNode> panels(JsonNode dashboard) {
    List<JsonNode> panels = new ArrayList<>();
    collect(dashboard.path("panels"), panels);
    return panels;
  }

  private static void collect(JsonNode list, List<JsonNode> panels) {
    for (JsonNode panel : list) {
      if (panel.path("type").asText().equals("row")) {
        collect(panel.path("panels"), panels);
      } else {
        panels.add(panel);
      }
    }
  }

  /**
   * The panel with that id.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static JsonNode panel(JsonNode dashboard, String id) {
    return panels(dashboard).stream()
        .filter(panel -> panel.path("id").asText().equals(id))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no panel has the id '" + id + "'"));
  }

  /** The variables of a dashboard, in order. */
  public static JsonNode variables(JsonNode dashboard) {
    return dashboard.path("templating").path("list");
  }
}
