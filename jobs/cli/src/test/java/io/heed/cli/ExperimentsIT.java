package io.heed.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.heed.cli.local.LocalStack;
import io.heed.cli.local.LocalStackOptions;
import io.heed.cli.local.LocalStackOptions.Part;
import io.heed.flink.Jobs;
import io.heed.flink.streaming.JobEnvironment;
import io.heed.flink.streaming.JobOptions;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** An experiment from its file and an export to the account of its decision. */
class ExperimentsIT {
  private static final String PREFIX = "exp.";

  @TempDir private static Path directory;
  private static LocalStack stack;

  @BeforeAll
  static void start() throws Exception {
    stack =
        LocalStack.start(
            LocalStackOptions.builder(directory.resolve("stack"))
                .parts(Part.KAFKA, Part.CLICKHOUSE)
                .kafkaPort(0)
                .clickHousePort(0)
                .topicPrefix(PREFIX)
                .build());
  }

  @AfterAll
  static void stop() {
    stack.close();
  }

  @Test
  void hillstromFromFileToAccount() throws Exception {
    Path config = Files.createDirectories(directory.resolve("config/experiments"));
    Files.copy(
        Path.of("../../experiment-config/examples/hillstrom.yaml"),
        config.resolve("hillstrom.yaml"));
    String kafka = stack.endpoints().kafka();
    heed("apply", config.getParent().toString(), "--kafka", kafka, "--topic-prefix", PREFIX);
    String export = dataset("hillstrom/hillstrom.csv.gz").toString();
    for (String complete : List.of("", "--complete")) {
      List<String> args =
          new ArrayList<>(List.of("replay", export, "--mapping", "hillstrom", "--kafka", kafka));
      args.addAll(List.of("--topic-prefix", PREFIX));
      if (!complete.isEmpty()) {
        args.add(complete);
      }
      heed(args.toArray(String[]::new));
    }
    JobOptions options =
        JobOptions.fromArgs(
            "--kafka",
            kafka,
            "--topic-prefix",
            PREFIX,
            "--bounded",
            "true",
            "--parallelism",
            "2",
            "--clickhouse-url",
            stack.endpoints().clickHouseUrl());

    run("experiments", options);
    run("warehouse", options);

    assertThat(
            query(
                "SELECT metric, variant_id, recipients, successes, effect_lower > 0"
                    + " FROM experiment_result WHERE evaluated_at ="
                    + " (SELECT max(evaluated_at) FROM experiment_result) ORDER BY 1, 2"))
        .containsExactly(
            "conversion|mens|21307|267|1",
            "conversion|none|21306|122|null",
            "conversion|womens|21387|189|1",
            "spend|mens|21307|267|1",
            "spend|none|21306|122|null",
            "spend|womens|21387|189|1",
            "visit|mens|21307|3894|1",
            "visit|none|21306|2262|null",
            "visit|womens|21387|3238|1");
    assertThat(query("SELECT count() FROM decision WHERE JSONExtractBool(payload, 'final')"))
        .containsExactly("1");
    String account =
        heed("explain", "hillstrom", "--clickhouse-url", stack.endpoints().clickHouseUrl());
    assertThat(account)
        .contains(
            "Experiment hillstrom: WINNER mens", "losing side", "Effect of mens on conversion");
  }

  private static void run(String job, JobOptions options) throws Exception {
    Configuration settings = new Configuration();
    settings.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    StreamExecutionEnvironment env = JobEnvironment.create(job, options, settings);
    Jobs.all().get(job).define(env, options);
    env.execute(job);
  }

  private static List<String> query(String sql) throws Exception {
    List<String> rows = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection(stack.endpoints().clickHouseUrl());
        ResultSet result = connection.createStatement().executeQuery(sql)) {
      while (result.next()) {
        List<String> row = new ArrayList<>();
        for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
          row.add(String.valueOf(result.getString(i)));
        }
        rows.add(String.join("|", row));
      }
    }
    return rows;
  }

  private static String heed(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine heed = Heed.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    assertThat(heed.execute(args)).as(err::toString).isZero();
    return out.toString();
  }

  private static Path dataset(String relative) {
    String configured = System.getenv("HEED_DATASETS");
    Path file =
        (configured == null ? Path.of("../../../shared/datasets") : Path.of(configured))
            .resolve(relative);
    return Files.exists(file)
        ? file
        : abort("Skipped: no data set " + file + "; set HEED_DATASETS to the folder of data sets");
  }
}
