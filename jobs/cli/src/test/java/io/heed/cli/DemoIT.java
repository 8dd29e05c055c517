package io.heed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.heed.cli.local.LocalStack;
import io.heed.cli.local.LocalStackOptions;
import io.heed.flink.Jobs;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The demo from its start to its end, with a real broker, database and cluster. */
class DemoIT {
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir private Path directory;

  @Test
  @Timeout(720)
  void whatClickHouseSaysIsTrue() throws Exception {
    assertThat(demo("--for", "8s", "--recipients", "1200", "--rate", "100"))
        .contains("ready", "ClickHouse and the truth agree in all", "list health included")
        .containsPattern("[1-9][0-9,]* texts were sent on request, 0 against a decision");
    JsonNode first = JSON.readTree(directory.resolve("truth.json").toFile());
    assertThat(counts(first, "dead_letters")).isNotEmpty();
    assertThat(counts(first, "late")).isNotEmpty();

    // On the same directory: other people, so that nothing of the first run changes.
    assertThat(demo("--for", "1s", "--recipients", "50", "--rate", "20", "--scenario", "quiet"))
        .contains("agree in all", "earlier runs");
    JsonNode second = JSON.readTree(directory.resolve("truth.json").toFile());

    Map<String, Long> both = counts(first, "events");
    counts(second, "events").forEach((type, count) -> both.merge(type, count, Long::sum));
    // Once more, with every job: what the demo left is a deployment.
    LocalStackOptions all =
        LocalStackOptions.builder(directory)
            .kafkaPort(0)
            .clickHousePort(0)
            .flinkPort(0)
            .metricsPort(0)
            .jobs(List.copyOf(Jobs.all().keySet()))
            .build();
    try (LocalStack stack = LocalStack.start(all);
        Connection connection = DriverManager.getConnection(stack.endpoints().clickHouseUrl())) {
      assertThat(selected(connection, "SELECT event_type, count() FROM events GROUP BY 1"))
          .isEqualTo(both);
      assertThat(
              selected(
                  connection,
                  "SELECT arrayElement(splitByChar('.', topic), -1), count() FROM dead_letter"
                      + " GROUP BY 1"))
          .isEqualTo(counts(first, "dead_letters"));
      new DemoErasure(stack, directory, connection).forgetsAPerson();
      new DemoRecords(stack).areAllAsTheirSchemasSay();
    }
  }

  private String demo(String... options) {
    StringWriter out = new StringWriter();
    String[] fixed = {
      "demo",
      "--data-dir",
      directory.toString(),
      "--config-dir",
      "../../experiment-config",
      "--jobs",
      "warehouse,list-health,send-gate",
      "--kafka-port",
      "0",
      "--clickhouse-port",
      "0",
      "--flink-port",
      "0",
      "--metrics-port",
      "0",
      "--preview-port",
      "0"
    };
    String[] args = new String[fixed.length + options.length];
    System.arraycopy(fixed, 0, args, 0, fixed.length);
    System.arraycopy(options, 0, args, fixed.length, options.length);
    int code =
        Heed.commandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(out, true))
            .execute(args);
    assertThat(code).as(out.toString()).isZero();
    return out.toString();
  }

  private static Map<String, Long> counts(JsonNode truth, String field) {
    Map<String, Long> counts = new TreeMap<>();
    truth.get(field).fields().forEachRemaining(e -> counts.put(e.getKey(), e.getValue().asLong()));
    return counts;
  }

  private static Map<String, Long> selected(Connection connection, String sql) throws Exception {
    Map<String, Long> counts = new TreeMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        counts.put(rows.getString(1), rows.getLong(2));
      }
    }
    return counts;
  }
}
