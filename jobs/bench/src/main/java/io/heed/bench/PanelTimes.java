package io.heed.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.heed.preview.ClickHouse;
import io.heed.preview.Dashboards;
import io.heed.preview.PreviewServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** How long each panel of the dashboards takes, by the preview, over its dashboard's range. */
final class PanelTimes implements AutoCloseable {
  private static final int REPEATS = 3;

  private final HttpClient http = HttpClient.newHttpClient();
  private final Dashboards dashboards;
  private final PreviewServer preview;

  PanelTimes(Path dashboards, ClickHouse reader) throws IOException {
    this.dashboards = new Dashboards(dashboards);
    this.preview = PreviewServer.start(this.dashboards, reader, 0);
  }

  /** The panel whose median is the largest, in milliseconds. */
  Map.Entry<String, Double> slowest() throws IOException, InterruptedException {
    Map<String, Double> times = new TreeMap<>();
    for (JsonNode dashboard : dashboards.all()) {
      for (JsonNode panel : Dashboards.panels(dashboard)) {
        double[] millis = new double[REPEATS];
        for (int i = 0; i < REPEATS; i++) {
          millis[i] = millis(dashboard.path("uid").asText(), panel.path("id").asText());
        }
        times.put(
            dashboard.path("title").asText() + ", " + panel.path("title").asText(),
            ThroughputBench.median(millis));
      }
    }
    return times.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow();
  }

  /** Without end for a panel that fails: what the sizes before have shown is not thrown away. */
  private double millis(String uid, String panel) throws IOException, InterruptedException {
    long start = System.nanoTime();
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(
                    URI.create(preview.url() + "api/dashboards/" + uid + "/panels/" + panel))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200 || answer.body().contains("\"error\"")) {
      return Double.POSITIVE_INFINITY;
    }
    return (System.nanoTime() - start) / 1e6;
  }

  @Override
  public void close() {
    preview.close();
  }
}
