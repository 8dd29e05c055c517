package io.heed.preview;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.heed.preview.Query.Values;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Serves the preview on loopback: the page, the dashboards, and what their queries give.
 *
 * <ul>
 *   <li>{@code /} and {@code /d/UID} the page
 *   <li>{@code /api/dashboards} uid, title and description of each
 *   <li>{@code /api/dashboards/UID} the file as it is
 *   <li>{@code /api/dashboards/UID/variables} options and choice of each variable
 *   <li>{@code /api/dashboards/UID/panels/ID} columns and rows of each query of a panel
 *   <li>{@code /api/dashboards/UID/annotations} the same of each annotation
 * </ul>
 *
 * The last three take {@code from}, {@code to} and {@code var-NAME} as Grafana's URLs do, and
 * {@code points}, the width of a panel.
 */
public final class PreviewServer implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().findAndAddModules().build();
  private static final int THREADS = 8;
  private static final int DEFAULT_POINTS = 200;
  private static final int MAX_POINTS = 2_000;

  /** The only files that are served, with their types. */
  private static final Map<String, String> FILES =
      Map.of(
          "/preview.js", "text/javascript",
          "/panels.js", "text/javascript",
          "/html.js", "text/javascript",
          "/grafana.js", "text/javascript",
          "/preview.css", "text/css",
          "/favicon.svg", "image/svg+xml");

  private static final String ECHARTS =
      "/META-INF/resources/webjars/echarts/%s/dist/echarts.min.js";

  private final Dashboards dashboards;
  private final ClickHouse clickHouse;
  private final HttpServer http;
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS, Thread::new);

  private PreviewServer(Dashboards dashboards, ClickHouse clickHouse, int port) throws IOException {
    this.dashboards = dashboards;
    this.clickHouse = clickHouse;
    this.http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
  }

  /**
   * Starts a server.
   *
   * @param port on loopback; 0 for any free one
   * @throws IOException if the port is taken
   */
  public static PreviewServer start(Dashboards dashboards, ClickHouse clickHouse, int port)
      throws IOException {
    PreviewServer server = new PreviewServer(dashboards, clickHouse, port);
    server.http.createContext("/", server::handle).getFilters().add(LocalRequests.filter());
    server.http.setExecutor(server.threads);
    server.http.start();
    return server;
  }

  /** Where the page is. */
  public String url() {
    return "http://127.0.0.1:" + http.getAddress().getPort() + "/";
  }

  @Override
  public void close() {
    http.stop(0);
    threads.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      if (!exchange.getRequestMethod().equals("GET")) {
        send(exchange, 405, "text/plain", bytes("only GET"));
        return;
      }
      try {
        answer(exchange);
      } catch (IllegalArgumentException e) {
        send(exchange, 400, "application/json", error(e.getMessage()));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (IOException e) {
        send(exchange, 502, "application/json", error("ClickHouse: " + e.getMessage()));
      }
    }
  }

  private void answer(HttpExchange exchange) throws IOException, InterruptedException {
    String path = exchange.getRequestURI().getPath();
    if (FILES.containsKey(path)) {
      send(exchange, 200, FILES.get(path), resource("web" + path));
    } else if (path.equals("/echarts.js")) {
      send(exchange, 200, "text/javascript", echarts());
    } else if (path.equals("/") || path.matches("/d/[\\w-]+")) {
      send(exchange, 200, "text/html", resource("web/index.html"));
    } else if (path.startsWith("/api/")) {
      send(
          exchange,
          200,
          "application/json",
          JSON.writeValueAsBytes(
              api(
                  path.substring(5).split("/"),
                  parameters(exchange.getRequestURI().getRawQuery()))));
    } else {
      send(exchange, 404, "text/plain", bytes("nothing here"));
    }
  }

  private Object api(String[] path, Map<String, List<String>> parameters)
      throws IOException, InterruptedException {
    if (!path[0].equals("dashboards") || path.length > 4) {
      throw new IllegalArgumentException("unknown path");
    }
    if (path.length == 1) {
      return dashboards.all().stream()
          .map(
              dashboard ->
                  Map.of(
                      "uid", dashboard.path("uid").asText(),
                      "title", dashboard.path("title").asText(),
                      "description", dashboard.path("description").asText()))
          .toList();
    }
    JsonNode dashboard = dashboards.get(path[1]);
    if (path.length == 2) {
      return dashboard;
    }
    TimeRange range = range(dashboard, parameters);
    Map<String, Values> values = new HashMap<>();
    List<Variables.Resolved> variables =
        new Variables(clickHouse).resolve(dashboard, range, given(parameters), values);
    return switch (path[2]) {
      case "variables" ->
          Map.of(
              "from", range.from().toEpochMilli(),
              "to", range.to().toEpochMilli(),
              "variables", variables);
      case "panels" -> {
        JsonNode panel = Dashboards.panel(dashboard, path.length == 4 ? path[3] : "");
        Query query = new Query(range, step(panel, range, parameters), values);
        yield results(panel.path("targets"), query);
      }
      case "annotations" ->
          results(
              dashboard.path("annotations").path("list"),
              new Query(range, step(dashboard, range, parameters), values));
      default -> throw new IllegalArgumentException("unknown path");
    };
  }

  /** The result of each query; one that fails reports why, and the others are still drawn. */
  private ArrayNode results(JsonNode targets, Query query)
      throws IOException, InterruptedException {
    ArrayNode results = JSON.createArrayNode();
    for (JsonNode target : targets) {
      JsonNode source = target.has("target") ? target.path("target") : target;
      if (source.path("rawSql").isTextual() && !target.path("hide").asBoolean()) {
        ObjectNode result = results.addObject();
        result.put("refId", source.path("refId").asText(target.path("name").asText()));
        result.put("name", target.path("name").asText());
        result.put("timeSeries", source.path("queryType").asText().equals("timeseries"));
        try {
          JsonNode answer = clickHouse.query(query.expand(source.path("rawSql").asText()));
          result.set("columns", answer.path("meta"));
          result.set("rows", answer.path("data"));
        } catch (ClickHouse.QueryException | IllegalArgumentException e) {
          result.put("error", e.getMessage());
        }
      }
    }
    return results;
  }

  private static TimeRange range(JsonNode dashboard, Map<String, List<String>> parameters) {
    JsonNode time = dashboard.path("time");
    return TimeRange.parse(
        first(parameters, "from", time.path("from").asText("now-30d")),
        first(parameters, "to", time.path("to").asText("now")),
        Instant.now());
  }

  private static long step(JsonNode panel, TimeRange range, Map<String, List<String>> parameters) {
    String width = first(parameters, "points", Integer.toString(DEFAULT_POINTS));
    if (!width.matches("\\d{1,5}")) {
      throw new IllegalArgumentException("points: a number is needed");
    }
    int points = panel.path("maxDataPoints").asInt(Math.max(10, Integer.parseInt(width)));
    String least = panel.path("interval").asText("").replace(">", "");
    return Query.stepSeconds(
        range,
        Math.min(MAX_POINTS, points),
        least.isEmpty() ? Duration.ofSeconds(1) : Query.period(least));
  }

  private static Map<String, List<String>> given(Map<String, List<String>> parameters) {
    Map<String, List<String>> given = new HashMap<>();
    parameters.forEach(
        (name, values) -> {
          if (name.startsWith("var-")) {
            given.put(name.substring(4), values);
          }
        });
    return given;
  }

  private static Map<String, List<String>> parameters(String query) {
    Map<String, List<String>> parameters = new LinkedHashMap<>();
    for (String pair : query == null ? new String[0] : query.split("&", -1)) {
      String[] parts = pair.split("=", 2);
      parameters
          .computeIfAbsent(decode(parts[0]), name -> new ArrayList<>())
          .add(parts.length == 2 ? decode(parts[1]) : "");
    }
    return parameters;
  }

  private static String first(Map<String, List<String>> parameters, String name, String orElse) {
    List<String> values = parameters.get(name);
    return values == null ? orElse : values.get(0);
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  private static byte[] error(String message) throws IOException {
    return JSON.writeValueAsBytes(Map.of("error", String.valueOf(message)));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream resource = PreviewServer.class.getResourceAsStream(name)) {
      return resource.readAllBytes();
    }
  }

  private static byte[] echarts() throws IOException {
    String version = new String(resource("echarts.version"), StandardCharsets.UTF_8).strip();
    return resource(ECHARTS.formatted(version));
  }

  private static void send(HttpExchange exchange, int status, String type, byte[] body)
      throws IOException {
    var headers = exchange.getResponseHeaders();
    headers.set("Content-Type", type + "; charset=utf-8");
    headers.set("Content-Security-Policy", "default-src 'self'; style-src 'self' 'unsafe-inline'");
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("Cache-Control", "no-store");
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }
}
