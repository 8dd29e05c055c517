package io.heed.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

/** The warehouse's database over HTTP, as its owner: filled, refreshed and timed. */
final class GrowthDatabase {
  private static final String HISTORY = "history.sql";
  private static final Duration POLL = Duration.ofSeconds(2);

  private final HttpClient http = HttpClient.newHttpClient();
  private final String url;
  private final String database;

  /** What the last refresh of a view took. */
  record Refresh(long millis, long rowsRead) {}

  /**
   * @param url of the server, {@code http://HOST:PORT}
   */
  GrowthDatabase(String url, String database) {
    this.url = url;
    this.database = database;
  }

  /** Messages {@code first} to {@code first + count}, evenly over the instants. */
  void fill(long first, long count, long fromMillis, long toMillis, int recipients)
      throws SQLException, IOException, InterruptedException {
    Map<String, Object> parameters =
        Map.of(
            "first_message", first,
            "messages", count,
            "from_millis", fromMillis,
            "to_millis", toMillis,
            "recipients", recipients,
            "run", "1a2b3c4d");
    for (String statement : statements()) {
      query(statement, parameters);
    }
  }

  private static List<String> statements() throws IOException {
    try (InputStream file = GrowthDatabase.class.getResourceAsStream(HISTORY)) {
      String sql =
          new String(file.readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> !line.startsWith("--"))
              .collect(Collectors.joining("\n"));
      return Arrays.stream(sql.split(";(\n|$)")).filter(part -> !part.isBlank()).toList();
    }
  }

  /** Waits until the parts are merged as far as the server thinks fit. */
  void awaitMerges(Duration atMost) throws SQLException, InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    while (System.nanoTime() < end && number("SELECT count() FROM system.merges") > 0) {
      Thread.sleep(POLL.toMillis());
    }
  }

  List<String> refreshableViews() throws SQLException, InterruptedException {
    return execute(
            "SELECT view FROM system.view_refreshes WHERE database = currentDatabase() ORDER BY view")
        .lines()
        .toList();
  }

  void refreshAll() throws SQLException, InterruptedException {
    for (String view : refreshableViews()) {
      refresh(view);
    }
  }

  /** Refreshes one view now. */
  Refresh refresh(String view) throws SQLException, InterruptedException {
    execute("SYSTEM REFRESH VIEW " + view);
    execute("SYSTEM WAIT VIEW " + view);
    String[] row =
        execute(
                "SELECT last_success_duration_ms, read_rows FROM system.view_refreshes"
                    + " WHERE database = currentDatabase() AND view = '%s'".formatted(view))
            .split("\t", -1);
    return new Refresh(Long.parseLong(row[0]), Long.parseLong(row[1]));
  }

  /** Median of the milliseconds that the queries take. */
  double millis(int times, IntFunction<String> sql) throws SQLException, InterruptedException {
    double[] millis = new double[times];
    for (int i = 0; i < times; i++) {
      long start = System.nanoTime();
      execute(sql.apply(i));
      millis[i] = (System.nanoTime() - start) / 1e6;
    }
    return ThroughputBench.median(millis);
  }

  long bytes(String table) throws SQLException, InterruptedException {
    return number(
        "SELECT sum(bytes_on_disk) FROM system.parts"
            + " WHERE active AND database = currentDatabase() AND table = '%s'".formatted(table));
  }

  long number(String sql) throws SQLException, InterruptedException {
    return Long.parseLong(execute(sql));
  }

  String execute(String sql) throws SQLException, InterruptedException {
    return query(sql, Map.of());
  }

  private String query(String sql, Map<String, Object> parameters)
      throws SQLException, InterruptedException {
    String given =
        parameters.entrySet().stream()
            .map(
                p ->
                    "&param_%s=%s"
                        .formatted(
                            p.getKey(),
                            URLEncoder.encode(p.getValue().toString(), StandardCharsets.UTF_8)))
            .collect(Collectors.joining());
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + "/?database=" + database + given))
            .POST(BodyPublishers.ofString(sql))
            .build();
    try {
      HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new SQLException(answer.body());
      }
      return answer.body().strip();
    } catch (IOException e) {
      throw new SQLException(e);
    }
  }
}
