package io.heed.preview;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;

/**
 * Runs queries over ClickHouse's HTTP interface, as a user that can read one database and nothing
 * else.
 */
public final class ClickHouse {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** A query that the database refused, with the first line of its reason. */
  public static final class QueryException extends IOException {
    private static final long serialVersionUID = 1L;

    QueryException(String reason) {
      super(reason);
    }
  }

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
  private final URI url;
  private final String authorization;

  /**
   * @param url of the HTTP interface, such as {@code http://127.0.0.1:8123}
   * @param database that names without a database mean; a checked identifier
   */
  public ClickHouse(URI url, String database, String user, String password) {
    this.url =
        url.resolve(
            "/?database="
                + database
                + "&default_format=JSONCompact&session_timezone=UTC"
                + "&output_format_json_quote_64bit_integers=0&max_execution_time=25");
    this.authorization =
        "Basic "
            + Base64.getEncoder()
                .encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Runs a query.
   *
   * @return an object with {@code meta} (array of name and type) and {@code data} (array of rows)
   * @throws QueryException if the database refuses it
   */
  public JsonNode query(String sql) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(url)
            .timeout(TIMEOUT)
            .header("Authorization", authorization)
            .POST(HttpRequest.BodyPublishers.ofString(sql))
            .build();
    HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new QueryException(response.body().lines().findFirst().orElse("no reason given"));
    }
    return JSON.readTree(response.body());
  }
}
