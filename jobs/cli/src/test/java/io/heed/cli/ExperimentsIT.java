package io.heed.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.heed.cli.local.LocalStack;
import io.heed.cli.local.LocalStackOptions;
import io.heed.cli.local.LocalStackOptions.Part;
import io.heed.flink.Jobs;
import io.heed.flink.streaming.JobEnvironment;
import io.heed.flink.streaming.JobOptions;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.csv.CSVRecord;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Experiments from their files and an export to rows in ClickHouse and accounts of decisions. */
class ExperimentsIT {
  private static final String UPWORTHY =
      """
      id: %s
      owner: archive
      hypothesis: Some headline is clicked more.
      variants:
      %sprimary_metric:
        event: click
        # A click comes within a day of the delivery, and that within a minute.
        window: 25h
        expected_base_rate: 0.012
      minimum_effect: 0.3
      evaluate_every: 6h
      start: 2013-01-01
      """;

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
                .build());
  }

  @AfterAll
  static void stop() {
    stack.close();
  }

  @Test
  void hillstromFromFileToAccount() throws Exception {
    play("hillstrom", "hillstrom", dataset("hillstrom/hillstrom.csv.gz"), 2, example("hillstrom"));

    assertThat(counts("hillstrom", ", effect_lower > 0"))
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
    assertThat(
            query(
                "SELECT count() FROM decision"
                    + " WHERE key = 'hillstrom' AND JSONExtractBool(payload, 'final')"))
        .containsExactly("1");
    assertThat(sampleRatio("hillstrom")).isGreaterThan(0.5);
    String account =
        heed(
            "explain",
            "hillstrom",
            "--config",
            directory.resolve("hillstrom").toString(),
            "--clickhouse-url",
            stack.endpoints().clickHouseUrl());
    assertThat(account)
        .contains(
            "Experiment hillstrom: WINNER mens",
            "What was tested, for",
            "losing side",
            "spend          none                   21,306        122     0.6528",
            "visit          none                   21,306      2,262    10.62 %",
            "Effect of mens on conversion");
  }

  /** Its split has p = 0.0086 at one look: not invalid where it may be looked at all the time. */
  @Test
  @Tag("proof")
  void cookieCatsCountExactlyAndStayValid() throws Exception {
    Path export = dataset("cookie_cats/cookie_cats.csv.gz");
    play("cats", "cookie_cats", export, 1, example("cookie-cats"));

    assertThat(counts("cookie-cats", ""))
        .containsExactly(
            "day|gate-30|44700|20034",
            "day|gate-40|45489|20119",
            "week|gate-30|44700|8502",
            "week|gate-40|45489|8279");
    assertThat(sampleRatio("cookie-cats")).isBetween(0.001, 1.0);
    assertThat(
            query("SELECT count() FROM decision WHERE key = 'cookie-cats' AND state = 'INVALID'"))
        .containsExactly("0");
  }

  /** The twenty smallest tests of the archive that have ten variants or fewer. */
  @Test
  void twentyTestsOfUpworthyCountExactlyPerVariant() throws Exception {
    List<List<CSVRecord>> tests =
        rows(dataset("upworthy/upworthy_packages_dev.csv.gz")).stream()
            .collect(Collectors.groupingBy(row -> row.get("clickability_test_id")))
            .values()
            .stream()
            .filter(rows -> rows.size() > 1 && rows.size() <= 10)
            .sorted(
                Comparator.<List<CSVRecord>>comparingLong(
                        rows -> rows.stream().mapToLong(ExperimentsIT::impressions).sum())
                    .thenComparing(rows -> rows.get(0).get("clickability_test_id")))
            .limit(20)
            .toList();
    Path export = directory.resolve("upworthy.csv");
    List<String> documents = new ArrayList<>();
    List<String> expected = new ArrayList<>();
    try (CSVPrinter printer =
        new CSVPrinter(
            Files.newBufferedWriter(export),
            CSVFormat.RFC4180
                .builder()
                .setHeader(
                    "clickability_test_id",
                    "test_week",
                    "headline",
                    "impressions",
                    "clicks",
                    "variant")
                .get())) {
      int number = 0;
      for (List<CSVRecord> rows : tests) {
        String id = "upworthy-" + rows.get(0).get("clickability_test_id");
        StringBuilder variants = new StringBuilder();
        for (CSVRecord row : rows) {
          number++;
          List<String> values = new ArrayList<>(row.toList());
          values.add(Integer.toString(number));
          printer.printRecord(values);
          variants.append("  - id: \"%d\"\n    weight: 1\n".formatted(number));
          expected.add(
              "%s|%d|%d|%d"
                  .formatted(
                      id, number, impressions(row), (long) Double.parseDouble(row.get("clicks"))));
        }
        documents.add(UPWORTHY.formatted(id, variants));
      }
    }

    // As it is shipped, but for variants with names that a file can state beforehand.
    Path mapping = directory.resolve("numbered.yaml");
    Files.writeString(
        mapping,
        Files.readString(Path.of("../../sim-data/mappings/upworthy.yaml"))
            .replace("variant_id: \"{row}\"", "variant_id: \"{variant}\""));

    play("upworthy", mapping.toString(), export, 1, documents.toArray(String[]::new));

    assertThat(
            query(
                "SELECT experiment_id, variant_id, argMax(recipients, evaluated_at),"
                    + " argMax(successes, evaluated_at) FROM experiment_result"
                    + " WHERE startsWith(experiment_id, 'upworthy-') GROUP BY 1, 2"))
        .containsExactlyInAnyOrderElementsOf(expected);
  }

  private static long impressions(CSVRecord row) {
    return (long) Double.parseDouble(row.get("impressions"));
  }

  private static List<CSVRecord> rows(Path export) throws IOException {
    CSVFormat format = CSVFormat.RFC4180.builder().setHeader().setSkipHeaderRecord(true).get();
    try (Reader reader =
        new InputStreamReader(
            new GZIPInputStream(Files.newInputStream(export)), StandardCharsets.UTF_8)) {
      return format.parse(reader).getRecords();
    }
  }

  private static String example(String id) throws IOException {
    return Files.readString(Path.of("../../experiment-config/examples", id + ".yaml"));
  }

  /** Applies files, replays an export so many times, and runs the jobs, on topics of their own. */
  private static void play(String name, String mapping, Path export, int times, String... documents)
      throws Exception {
    String prefix = name + ".";
    Path config = Files.createDirectories(directory.resolve(name + "/experiments"));
    for (int i = 0; i < documents.length; i++) {
      Files.writeString(config.resolve(i + ".yaml"), documents[i]);
    }
    String kafka = stack.endpoints().kafka();
    JobOptions options =
        JobOptions.fromArgs(
            "--kafka",
            kafka,
            "--topic-prefix",
            prefix,
            "--bounded",
            "true",
            "--parallelism",
            "2",
            "--clickhouse-url",
            stack.endpoints().clickHouseUrl());
    Jobs.ensureTopics(options);
    heed("apply", config.getParent().toString(), "--kafka", kafka, "--topic-prefix", prefix);
    for (int i = 1; i <= times; i++) {
      List<String> args =
          new ArrayList<>(
              List.of("replay", export.toString(), "--mapping", mapping, "--kafka", kafka));
      args.addAll(List.of("--topic-prefix", prefix));
      if (i == times) {
        args.add("--complete");
      }
      heed(args.toArray(String[]::new));
    }
    run("experiments", options);
    run("warehouse", options);
  }

  /** Metric, variant, recipients and successes at the last evaluation. */
  private static List<String> counts(String experiment, String more) throws Exception {
    return query(
        ("SELECT metric, variant_id, recipients, successes%s FROM experiment_result"
                + " WHERE experiment_id = '%s' AND evaluated_at = (SELECT max(evaluated_at)"
                + " FROM experiment_result WHERE experiment_id = '%s') ORDER BY 1, 2")
            .formatted(more, experiment, experiment));
  }

  private static double sampleRatio(String experiment) throws Exception {
    return Double.parseDouble(
        query(
                "SELECT min(JSONExtractFloat(payload, 'sample_ratio_p_value')) FROM decision"
                    + " WHERE key = '%s'".formatted(experiment))
            .get(0));
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
