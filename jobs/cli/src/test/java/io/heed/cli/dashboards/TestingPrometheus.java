package io.heed.cli.dashboards;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.heed.cli.local.Ports;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A Prometheus of its own, on loopback. */
final class TestingPrometheus implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final Process process;
  private final String address;

  private TestingPrometheus(Process process, String address) {
    this.process = process;
    this.address = address;
  }

  /** Where Prometheus is on this machine, if it is. */
  static Optional<Path> installed() {
    return Stream.of(System.getenv("PATH").split(":"))
        .map(dir -> Path.of(dir, "prometheus"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Starts it.
   *
   * @param configuration its file's content
   * @param home an empty directory
   */
  static TestingPrometheus start(String configuration, Path home) throws IOException {
    Path file = Files.writeString(home.resolve("prometheus.yml"), configuration);
    String address = "127.0.0.1:" + Ports.free();
    Process process =
        new ProcessBuilder(
                installed().orElseThrow().toString(),
                "--config.file=" + file,
                "--storage.tsdb.path=" + home.resolve("data"),
                "--web.listen-address=" + address)
            .redirectErrorStream(true)
            .redirectOutput(home.resolve("prometheus.log").toFile())
            .start();
    // Until it has read its log back, it answers every query with "Service Unavailable".
    HttpRequest ready =
        HttpRequest.newBuilder(URI.create("http://" + address + "/-/ready")).build();
    Awaitility.await("Prometheus to be ready")
        .atMost(TIMEOUT)
        .ignoreException(ConnectException.class)
        .until(() -> HTTP.send(ready, HttpResponse.BodyHandlers.discarding()).statusCode() == 200);
    return new TestingPrometheus(process, address);
  }

  /** Waits until a query has a result. */
  void await(String query) {
    Awaitility.await(query).atMost(TIMEOUT).until(() -> !result(query).isEmpty());
  }

  /** The values of a label in a query's result. */
  List<String> labels(String query, String label) throws IOException, InterruptedException {
    List<String> values = new ArrayList<>();
    for (JsonNode series : result(query)) {
      values.add(series.path("metric").path(label).asText());
    }
    return values;
  }

  private JsonNode result(String query) throws IOException, InterruptedException {
    URI uri =
        URI.create(
            "http://%s/api/v1/query?query=%s"
                .formatted(address, URLEncoder.encode(query, StandardCharsets.UTF_8)));
    HttpResponse<String> answer =
        HTTP.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    JsonNode body = JSON.readTree(answer.body());
    if (!body.path("status").asText().equals("success")) {
      throw new IOException(answer.body());
    }
    return body.path("data").path("result");
  }

  @Override
  public void close() {
    process.destroy();
  }
}
