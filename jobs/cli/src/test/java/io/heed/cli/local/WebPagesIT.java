package io.heed.cli.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.heed.cli.dashboards.TestingBrowser;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
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
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SITE = "site.example";

  /** No connection could be made, and no answer was given to the page. */
  private static final String UNREADABLE = "TypeError";

  @TempDir private static Path directory;
  private static TestingLocal local;

  @BeforeAll
  static void start() throws IOException {
    local = new TestingLocal(directory.resolve("stack"), Duration.ofMinutes(10));
    local.start("--jobs", "warehouse");
  }

  @AfterAll
  static void stop() {
    local.close();
  }

  private static List<String> servers() {
    return List.of(
        local.clickHouse() + "/?query=SELECT%201",
        local.endpoint("Flink") + "/overview",
        local.endpoint("Metrics"),
        preview() + "api/dashboards");
  }

  private static String preview() {
    return local.endpoint("Preview").replaceFirst(" .*", "");
  }

  @Test
  void programsOfThisMachineAreServed() throws IOException {
    for (String url : servers()) {
      assertThat(status(url, "Host: 127.0.0.1:" + port(url))).as(url).isEqualTo(200);
      assertThat(status(url, "Host: localhost:" + port(url))).as(url).isEqualTo(200);
      assertThat(status(url, "Host: [::1]:" + port(url))).as(url).isEqualTo(200);
    }
    assertThat(local.get(local.clickHouse() + "/")).startsWith("Ok.");
  }

  @Test
  void whatOnlyAForeignPageSendsIsRefused() throws IOException {
    for (String url : servers()) {
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

  @Test
  void nobodyGetsOutOfTheDatabase() throws Exception {
    Path secret = Files.writeString(directory.resolve("secret"), "a secret");
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
            "CREATE TABLE outside (l String) ENGINE = URL('%s', 'LineAsString')".formatted(preview()),
            "CREATE DATABASE outside ENGINE = Filesystem('%s')".formatted(directory),
            "CREATE DATABASE outside ENGINE = SQLite('%s')".formatted(written),
            "CREATE DATABASE outside ENGINE = MySQL('%s', 'a', 'b', 'c')"
                .formatted(URI.create(preview()).getAuthority()),
            "CREATE DICTIONARY outside (l String) PRIMARY KEY l SOURCE(FILE(path '%s' format"
                    .formatted(secret)
                + " 'LineAsString')) LAYOUT(COMPLEX_KEY_DIRECT())",
            "CREATE FUNCTION outside AS path -> file(path)",
            "CREATE TABLE outside (l String) ENGINE = MergeTree ORDER BY l SETTINGS disk ="
                + " disk(type = web, endpoint = '%s')".formatted(preview()),
            "SELECT * FROM url('%s', 'LineAsString', 'l String')".formatted(preview()),
            "SELECT * FROM remote('127.0.0.1', system.one)",
            "SELECT * FROM s3('%sbucket/key', 'LineAsString', 'l String')".formatted(preview()),
            "SELECT * FROM sqlite('%s', 'a')".formatted(secret),
            "SELECT * FROM executable('a', 'TabSeparated', 'a String')",
            "BACKUP DATABASE heed TO File('%s')".formatted(written),
            "CREATE USER outside");
    for (String sql : ways) {
      assertThat(post(sql)).as(sql).contains("Exception").doesNotContain("a secret");
    }
    assertThat(written).doesNotExist();
    assertThat(post("SELECT count() FROM system.tables WHERE name = 'outside'")).isEqualTo("0\n");
  }

  @Test
  void aPageOfAnotherSiteCanNeitherReadNorChangeAnything() throws Exception {
    Optional<Path> chromium = TestingBrowser.installed();
    assumeTrue(chromium.isPresent(), "no Chromium: apt-get install chromium");
    HttpServer site = site();
    try (TestingBrowser browser =
        TestingBrowser.start(
            chromium.get(),
            Files.createDirectories(directory.resolve("profile")),
            800,
            600,
            "--host-resolver-rules=MAP *.example 127.0.0.1")) {
      String page = "http://" + SITE + ":" + site.getAddress().getPort() + "/";
      browser.open(page);
      browser.await("location.href === '%s' && document.readyState === 'complete'".formatted(page));
      scriptsAndForms(browser);
      for (String url : servers()) {
        assertThat(fetch(browser, url, "")).as(url).isEqualTo(UNREADABLE);
        String body =
            "{method: 'POST', mode: 'no-cors', body: 'CREATE TABLE heed.pwned (a Int8) ENGINE ="
                + " Memory'}";
        assertThat(fetch(browser, url, body)).as(url).isEqualTo("0");
        rebound(browser, url);
      }
      assertThat(post("EXISTS TABLE pwned")).isEqualTo("0\n");
      ownPages(browser);
    } finally {
      site.stop(0);
    }
  }

  /** What a page can send without any script's {@code fetch}; the answers would be opaque. */
  private static void scriptsAndForms(TestingBrowser browser) throws Exception {
    String job = runningJob();
    String flink = local.endpoint("Flink");
    String create = "CREATE TABLE heed.pwned (a Int8) ENGINE = Memory";
    String leak = "SELECT 'window.leaked = 1' SETTINGS http_response_headers =";
    browser.evaluate(
        """
        (async () => {
          const done = element => new Promise(go => {
            element.onload = element.onerror = go;
            setTimeout(go, 5000);
          });
          const add = (tag, set) => {
            const element = Object.assign(document.createElement(tag), set);
            document.body.append(element);
            return element;
          };
          const post = (action, enctype, name, value) => {
            const frame = add('iframe', {name: 'frame' + Math.random()});
            const form = add('form', {method: 'POST', action, enctype, target: frame.name});
            form.append(Object.assign(document.createElement('input'), {name, value}));
            const loaded = done(frame);
            form.submit();
            return loaded;
          };
          const clickHouse = '%1$s', flink = '%2$s', job = '%3$s', create = '%4$s';
          const query = clickHouse + '/?query=';
          await done(add('script', {src: query + encodeURIComponent("%5$s {'Content-Type': 'text/javascript'} FORMAT TSVRaw")}));
          await done(add('img', {src: query + encodeURIComponent(create)}));
          await done(add('img', {src: flink + '/jobs/' + job + '/yarn-cancel'}));
          for (const enctype of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
            await post(clickHouse + '/', enctype, create + " COMMENT '", "'");
            await post(query + encodeURIComponent(create), enctype, 'a', 'b');
            await post(flink + '/jobs/' + job + '/stop', enctype, '{"drain": true, "a": "', '"}');
            await post(flink + '/jobs/' + job + '/savepoints', enctype, '{"cancel-job": true, "a": "', '"}');
          }
          for (const [method, path] of [['PATCH', '/jobs/' + job + '?mode=cancel'], ['DELETE', '/cluster']]) {
            await fetch(flink + path, {method}).catch(() => 0);
          }
        })()
        """
            .formatted(local.clickHouse(), flink, job, create, leak));
    assertThat(browser.evaluate("window.leaked === undefined").asBoolean()).isTrue();
    assertThat(post("EXISTS TABLE pwned")).isEqualTo("0\n");
    assertThat(runningJob()).isEqualTo(job);
    assertThat(local.get(flink + "/jobs/" + job + "/checkpoints")).contains("\"savepoint\":null");
  }

  /** The site's name points here, so that for the browser the server is a part of the site. */
  private static void rebound(TestingBrowser browser, String url) {
    browser.open(url.replace("127.0.0.1", "other.example"));
    browser.await("location.hostname === 'other.example'");
    browser.await("document.readyState === 'complete'");
    assertThat(browser.evaluate("document.body.innerText").asText()).as(url).startsWith("refused");
    String path = url.replaceFirst("http://[^/]*", "");
    assertThat(
            browser
                .evaluate(
                    "fetch('%s', {method: 'POST', body: 'SELECT 1'}).then(r => r.status)"
                        .formatted(path))
                .asInt())
        .as(url)
        .isEqualTo(403);
  }

  private static void ownPages(TestingBrowser browser) {
    browser.open(preview());
    browser.await("document.querySelectorAll('a').length > 1");
    browser.open(local.endpoint("Flink") + "/");
    browser.await("document.body.innerText.includes('warehouse')");
  }

  /** What the page learns: the name of the error, or the status, which is 0 if it is opaque. */
  private static String fetch(TestingBrowser browser, String url, String options) {
    String call = "fetch('%s'%s)".formatted(url, options.isEmpty() ? "" : ", " + options);
    return browser.evaluate(call + ".then(r => '' + r.status, e => e.name)").asText();
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

  /** The id of the one job, which runs. */
  private static String runningJob() throws IOException {
    JsonNode jobs = JSON.readTree(local.get(local.endpoint("Flink") + "/jobs")).path("jobs");
    assertThat(jobs).hasSize(1);
    assertThat(jobs.get(0).path("status").asText()).isEqualTo("RUNNING");
    return jobs.get(0).path("id").asText();
  }

  /** What ClickHouse answers, be it an error. */
  private static String post(String sql) throws IOException {
    try {
      return local.query(sql);
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static int port(String url) {
    return URI.create(url).getPort();
  }

  /** The status of a GET with exactly these headers, which no client library sends. */
  private static int status(String url, String... headers) throws IOException {
    URI uri = URI.create(url);
    try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
      String request =
          "GET %s HTTP/1.1\r\n%s\r\nConnection: close\r\n\r\n"
              .formatted(
                  uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery()),
                  String.join("\r\n", headers));
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      String answer =
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return Integer.parseInt(answer.split(" ", 3)[1]);
    }
  }
}
