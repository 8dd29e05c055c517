package io.heed.cli.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpServer;
import io.heed.cli.dashboards.TestingBrowser;
import io.heed.cli.local.LocalStackOptions.Part;
import io.heed.preview.ClickHouse;
import io.heed.preview.Dashboards;
import io.heed.preview.PreviewServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What programs of this machine may do with the local stack's HTTP servers, a page of another site
 * may not, even if its own name points to this machine; and nobody gets out of the database.
 */
class WebPagesIT {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final String SITE = "site.example";

  /** What a page learns: no connection could be made, and no answer was given to it. */
  private static final String UNREADABLE = "TypeError";

  @TempDir private static Path directory;
  private static LocalStack stack;
  private static PreviewServer preview;
  private static String clickHouse;
  private static List<String> servers;

  @BeforeAll
  static void start() throws Exception {
    stack =
        LocalStack.start(
            LocalStackOptions.builder(directory.resolve("data"))
                .parts(Part.CLICKHOUSE, Part.FLINK)
                .clickHousePort(0)
                .flinkPort(0)
                .metricsPort(0)
                .build());
    clickHouse =
        stack.endpoints().clickHouseUrl().replaceFirst("jdbc:clickhouse(.*)/heed", "http$1");
    preview =
        PreviewServer.start(
            new Dashboards(Path.of("../../dashboards/grafana/dashboards")),
            new ClickHouse(URI.create(clickHouse), "heed", "default", ""),
            0);
    servers =
        List.of(
            clickHouse + "/?query=SELECT%201",
            stack.endpoints().flinkUrl() + "/overview",
            stack.endpoints().metricsUrl(),
            preview.url() + "api/dashboards");
  }

  @AfterAll
  static void stop() {
    if (preview != null) {
      preview.close();
    }
    if (stack != null) {
      stack.close();
    }
  }

  @Test
  void programsOfThisMachineAreServed() throws IOException {
    for (String url : servers) {
      assertThat(status(url, "Host: 127.0.0.1:" + port(url))).as(url).isEqualTo(200);
      assertThat(status(url, "Host: localhost:" + port(url))).as(url).isEqualTo(200);
      assertThat(status(url, "Host: [::1]:" + port(url))).as(url).isEqualTo(200);
    }
    assertThat(status(clickHouse + "/", "Host: 127.0.0.1:" + port(clickHouse))).isEqualTo(200);
  }

  @Test
  void whatOnlyAForeignPageSendsIsRefused() throws IOException {
    for (String url : servers) {
      String host = "Host: 127.0.0.1:" + port(url);
      assertThat(status(url, "Host: " + SITE + ":" + port(url))).as(url).isEqualTo(403);
      assertThat(status(url, "Host: 127.0.0.1.example:" + port(url))).as(url).isEqualTo(403);
      for (String header :
          List.of(
              "Origin: http://" + SITE,
              "Origin: null",
              "Sec-Fetch-Site: cross-site",
              "sec-fetch-site: same-site")) {
        assertThat(status(url, host, header)).as("%s %s", url, header).isEqualTo(403);
      }
      assertThat(status(url, host, "Sec-Fetch-Site: none")).as(url).isEqualTo(200);
    }
  }

  /** What changes something in Flink, which has no other guard. */
  @Test
  void flinkTakesNoOrderFromAPage() throws IOException {
    String flink = stack.endpoints().flinkUrl();
    String job = flink + "/jobs/" + "0".repeat(32);
    String host = "Host: 127.0.0.1:" + port(flink);
    for (String order :
        List.of(
            "DELETE " + flink + "/cluster",
            "PATCH " + job,
            "POST " + job + "/stop",
            "POST " + job + "/savepoints",
            "GET " + job + "/yarn-cancel",
            "POST " + flink + "/jars/upload")) {
      String[] parts = order.split(" ", -1);
      for (String header : List.of("Origin: http://" + SITE, "Sec-Fetch-Site: cross-site")) {
        assertThat(statusOf(parts[0], parts[1], host, header)).as(order).isEqualTo(403);
      }
      assertThat(statusOf(parts[0], parts[1], "Host: " + SITE)).as(order).isEqualTo(403);
    }
    assertThat(status(flink + "/overview", host, "Origin: " + flink)).isEqualTo(200);
  }

  @Test
  void nobodyGetsOutOfTheDatabase() throws Exception {
    Path secret = Files.writeString(directory.resolve("secret"), "what no query reads");
    Path written = directory.resolve("written");
    List<String> ways =
        List.of(
            "SELECT * FROM file('%s', 'LineAsString')".formatted(secret),
            "SELECT file('%s')".formatted(secret),
            "SELECT * FROM default.`%s`".formatted(secret),
            "INSERT INTO FUNCTION file('%s', 'LineAsString', 'l String') VALUES ('x')"
                .formatted(written),
            "INSERT INTO FUNCTION null('l String') FROM INFILE '%s' FORMAT LineAsString"
                .formatted(secret),
            "SELECT 1 INTO OUTFILE '%s'".formatted(written),
            "CREATE TABLE outside (l String) ENGINE = File('LineAsString', '%s')".formatted(secret),
            "CREATE TABLE outside (l String) ENGINE = URL('%s', 'LineAsString')"
                .formatted(preview.url()),
            "CREATE DATABASE outside ENGINE = Filesystem('%s')".formatted(directory),
            "CREATE DATABASE outside ENGINE = SQLite('%s')".formatted(written),
            "CREATE DATABASE outside ENGINE = MySQL('%s', 'a', 'b', 'c')"
                .formatted(URI.create(preview.url()).getAuthority()),
            "CREATE DICTIONARY outside (l String) PRIMARY KEY l SOURCE(FILE(path '%s' format"
                    .formatted(secret)
                + " 'LineAsString')) LAYOUT(COMPLEX_KEY_DIRECT())",
            "CREATE FUNCTION outside AS path -> file(path)",
            "CREATE TABLE outside (l String) ENGINE = MergeTree ORDER BY l SETTINGS disk ="
                + " disk(type = web, endpoint = '%s')".formatted(preview.url()),
            "SELECT * FROM url('%s', 'LineAsString', 'l String')".formatted(preview.url()),
            "SELECT * FROM remote('127.0.0.1', system.one)",
            "SELECT * FROM s3('%sbucket/key', 'LineAsString', 'l String')".formatted(preview.url()),
            "SELECT * FROM sqlite('%s', 'a')".formatted(secret),
            "SELECT * FROM executable('a', 'TabSeparated', 'a String')",
            "BACKUP DATABASE heed TO File('%s')".formatted(written),
            "CREATE USER outside");
    for (String sql : ways) {
      assertThat(post(sql)).as(sql).contains("Exception").doesNotContain("what no query reads");
    }
    assertThat(written).doesNotExist();
    assertThat(post("SELECT count() FROM system.tables WHERE name = 'outside'")).isEqualTo("0\n");
  }

  @Test
  void aPageOfAnotherSiteCanNeitherReadNorChangeAnything() throws Exception {
    Optional<Path> chromium = TestingBrowser.installed();
    assumeTrue(chromium.isPresent(), "no Chromium: apt-get install chromium");
    HttpServer site = site();
    try {
      String flink = stack.endpoints().flinkUrl();
      String given =
          new JsonMapper()
              .writeValueAsString(
                  Map.of(
                      "site",
                      "http://" + SITE + ":" + site.getAddress().getPort() + "/",
                      "clickHouse",
                      clickHouse,
                      "flink",
                      flink,
                      "preview",
                      preview.url(),
                      "all",
                      servers));
      JsonNode found = TestingBrowser.run(chromium.get(), "foreign", given);
      assertThat(found.path("leaked").asBoolean(true)).isFalse();
      assertThat(found.path("read")).hasSize(servers.size());
      assertThat(found.path("read")).allMatch(read -> read.asText().equals(UNREADABLE));
      assertThat(found.path("written")).hasSize(servers.size());
      assertThat(found.path("written")).allMatch(status -> status.asInt(-1) == 0);
      assertThat(found.path("rebound")).hasSize(servers.size());
      assertThat(found.path("rebound"))
          .allMatch(page -> page.path("page").asText().startsWith("refused"))
          .allMatch(page -> page.path("post").asInt() == 403);
      assertThat(post("EXISTS TABLE pwned")).isEqualTo("0\n");
      assertThat(status(flink + "/overview", "Host: 127.0.0.1:" + port(flink))).isEqualTo(200);
    } finally {
      site.stop(0);
    }
  }

  private static HttpServer site() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            byte[] body = "<!doctype html><body>A page".getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/html");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
          }
        });
    server.start();
    return server;
  }

  /** What ClickHouse answers, be it an error. */
  private static String post(String sql) throws IOException, InterruptedException {
    return HTTP.send(
            HttpRequest.newBuilder(URI.create(clickHouse + "/?database=heed"))
                .POST(HttpRequest.BodyPublishers.ofString(sql))
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private static int port(String url) {
    return URI.create(url).getPort();
  }

  private static int status(String url, String... headers) throws IOException {
    return statusOf("GET", url, headers);
  }

  /** The status of a request with exactly these headers, which no client library sends. */
  private static int statusOf(String method, String url, String... headers) throws IOException {
    URI uri = URI.create(url);
    try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
      String request =
          "%s %s HTTP/1.1\r\n%s\r\nConnection: close\r\n\r\n"
              .formatted(
                  method,
                  uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery()),
                  String.join("\r\n", headers));
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return Integer.parseInt(answer.split(" ", 3)[1]);
    }
  }
}
