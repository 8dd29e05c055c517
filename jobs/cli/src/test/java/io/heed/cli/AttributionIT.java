package io.heed.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.heed.cli.local.LocalStack;
import io.heed.cli.local.LocalStackOptions;
import io.heed.cli.local.LocalStackOptions.Part;
import io.heed.core.model.Category;
import io.heed.core.model.Click;
import io.heed.core.model.Conversion;
import io.heed.core.model.ConversionKind;
import io.heed.core.model.Delivery;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.model.Event;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.Send;
import io.heed.core.model.Topic;
import io.heed.core.model.Touch;
import io.heed.core.model.TouchAction;
import io.heed.flink.Jobs;
import io.heed.flink.streaming.JobEnvironment;
import io.heed.flink.streaming.JobOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * From events in Kafka to what anybody reads by SELECT. Each test has topics and tables of its own.
 */
class AttributionIT {
  private static final String START = "(start)";

  @TempDir private static Path directory;
  private static LocalStack stack;

  /** A row of PathData: a path, its journeys that converted, and those that did not. */
  private record Journeys(List<String> path, int conversions, int nulls) {}

  @BeforeAll
  static void start() throws Exception {
    stack =
        LocalStack.start(
            LocalStackOptions.builder(directory)
                .parts(Part.KAFKA, Part.CLICKHOUSE)
                .kafkaPort(0)
                .clickHousePort(0)
                .build());
  }

  @AfterAll
  static void stop() {
    stack.close();
  }

  /** Published figures of the R package ChannelAttribution. */
  @Tag("proof")
  @Test
  void pathDataGivesThePublishedCreditsAndThoseOfItsChainSolvedAgain() throws Exception {
    Path folder = datasets().resolve("path_data");
    Path file = folder.resolve("PathData.csv.gz");
    JsonNode expected =
        JsonMapper.builder().build().readTree(folder.resolve("expected.json").toFile());
    JobOptions options = options("paths");
    replay(options, file.toString(), "--mapping", "path_data", "--complete");
    run("attribution", options);
    run("warehouse", options);

    for (String model : List.of("first", "last", "linear")) {
      List<List<String>> rows =
          query(
              options,
              "SELECT channel, sum(credit), sum(revenue_micros), uniqExact(conversion_id)"
                  + " FROM attribution_credit WHERE model = '%s' GROUP BY channel"
                      .formatted(model.equals("linear") ? model : model + "_touch"));
      assertThat(rows).hasSize(12);
      for (List<String> row : rows) {
        JsonNode figures = expected.get("heuristics").get(row.get(0));
        assertThat(Double.parseDouble(row.get(1)))
            .as("%s of %s", model, row.get(0))
            .isCloseTo(figures.get(model + "_conversions").asDouble(), within(1e-6));
        // Within one micro per conversion, of which each has to be rounded.
        assertThat(Double.parseDouble(row.get(2)))
            .as("%s revenue of %s", model, row.get(0))
            .isCloseTo(
                1e6 * figures.get(model + "_value").asDouble(),
                within(Double.parseDouble(row.get(3))));
      }
    }
    assertThat(
            query(
                options,
                "SELECT uniqExact(model), uniqExact(total) FROM (SELECT model,"
                    + " (sum(revenue_micros), round(sum(credit), 9)) AS total"
                    + " FROM attribution_credit GROUP BY model)"))
        .containsExactly(List.of("6", "1"));
    assertThat(
            query(
                options,
                "SELECT (SELECT sum(revenue_micros) FROM attribution_credit WHERE model = 'markov')"
                    + " - (SELECT sum(revenue_micros) FROM events)"))
        .containsExactly(List.of("0"));

    Map<String, Double> effects = removalEffects(journeys(file));
    Map<String, Map<String, Double>> markov = new HashMap<>();
    for (List<String> row :
        query(
            options,
            "SELECT recipient_id, channel, sum(credit) FROM attribution_credit"
                + " WHERE model = 'markov' GROUP BY 1, 2")) {
      markov
          .computeIfAbsent(row.get(0), recipient -> new HashMap<>())
          .put(row.get(1), Double.parseDouble(row.get(2)));
    }
    List<List<String>> paths =
        query(
            options,
            "SELECT recipient_id, arrayStringConcat(groupUniqArray(channel), ' ') FROM events"
                + " WHERE event_type = 'touch' AND recipient_id IN"
                + " (SELECT recipient_id FROM events WHERE event_type = 'conversion')"
                + " GROUP BY recipient_id");
    assertThat(paths).hasSize(expected.get("total_conversions").asInt());
    for (List<String> path : paths) {
      Set<String> channels = Set.of(path.get(1).split(" "));
      double sum = channels.stream().mapToDouble(effects::get).sum();
      for (String channel : channels) {
        assertThat(markov.get(path.get(0)).get(channel))
            .isCloseTo(effects.get(channel) / sum, within(1e-9));
      }
    }
  }

  /** Small enough to be reckoned by hand. */
  @Test
  void viewsGiveWhatCampaignsCostAndEarn() throws Exception {
    JobOptions options = options("views");
    long day = Instant.parse("2026-01-05T00:00:00Z").toEpochMilli();
    long hour = 3_600_000;
    publish(
        options,
        List.of(
            // Clicked, became a lead, was qualified, bought twice, and sent the first one back.
            send("ann", "m1", "a", 1, 10_000, day),
            delivered("ann", "m1", day + 1_000),
            new Click("c1", day + hour, "ann", "m1", null, null, null, null),
            conversion("ann", "lead", ConversionKind.LEAD, 0, day + 2 * hour, null),
            conversion("ann", "good", ConversionKind.QUALIFIED, 0, day + 3 * hour, null),
            conversion("ann", "first", ConversionKind.PURCHASE, 50, day + 4 * hour, null),
            conversion("ann", "again", ConversionKind.PURCHASE, 30, day + 5 * hour, null),
            // Came by email, got a text, bought.
            new Touch("t1", day, "bob", "email", "news", TouchAction.CLICK),
            send("bob", "m2", "b", 2, 20_000, day + hour),
            delivered("bob", "m2", day + hour),
            conversion("bob", "only", ConversionKind.PURCHASE, 100, day + 2 * hour, null),
            // Got a text, and nothing came of it.
            send("cid", "m3", "b", 2, 10_000, day),
            // Leads that went no further, one by itself.
            conversion("dan", "lost", ConversionKind.LEAD, 0, day, null),
            new Touch("t2", day, "eve", "social", null, TouchAction.VIEW),
            conversion("eve", "shy", ConversionKind.LEAD, 0, day + hour, null),
            conversion("ann", "back", ConversionKind.REFUND, 20, day + 40 * 24 * hour, "first")));
    run("attribution", options);
    run("warehouse", options);

    String money =
        "SELECT channel, variant_id, messages, segments, recipients, cost_micros, leads, qualified,"
            + " first_purchases, repeat_purchases, gross_revenue_micros / 1e6, refunded_micros / 1e6,"
            + " net_revenue_micros / 1e6, revenue_micros_per_message / 1e6,"
            + " revenue_micros_per_segment / 1e6, revenue_micros_per_recipient / 1e6,"
            + " cost_micros_per_message, cost_micros_per_segment,"
            + " cost_micros_per_lead, acquisition_cost_micros, return_on_investment"
            + " FROM campaign_money WHERE model = '%s' ORDER BY 1, 2";
    List<String> none =
        Arrays.asList(
            "none", "", "0", "0", "0", null, "1", "0", "0", "0", "0", "0", "0", null, null, null,
            null, null, null, null, null);
    List<String> ann =
        List.of(
            "sms", "a", "1", "1", "1", "10000", "1", "1", "1", "1", "80", "20", "60", "60", "60",
            "60", "10000", "10000", "10000", "10000", "5999");
    List<String> eve =
        Arrays.asList(
            "social", "", "0", "0", "0", null, "1", "0", "0", "0", "0", "0", "0", null, null, null,
            null, null, null, null, null);
    assertThat(query(options, money.formatted("last_touch")))
        .containsExactly(
            none,
            ann,
            Arrays.asList(
                "sms",
                "b",
                "2",
                "4",
                "2",
                "30000",
                "0",
                "0",
                "1",
                "0",
                "100",
                "0",
                "100",
                "50",
                "25",
                "50",
                "15000",
                "7500",
                null,
                "30000",
                "3332.3333333333335"),
            eve);
    // What an email costs is not known, so neither is what an acquisition by it does.
    assertThat(query(options, money.formatted("first_touch")))
        .containsExactly(
            Arrays.asList(
                "email", "", "0", "0", "0", null, "0", "0", "1", "0", "100", "0", "100", null, null,
                null, null, null, null, null, null),
            none,
            ann,
            Arrays.asList(
                "sms", "b", "2", "4", "2", "30000", "0", "0", "0", "0", "0", "0", "0", "0", "0",
                "0", "15000", "7500", null, null, "-1"),
            eve);
    assertThat(
            query(
                options,
                "SELECT channel, variant_id, leads, qualified, purchased, lead_to_qualified,"
                    + " qualified_to_purchase, lead_to_purchase FROM lead_funnel"
                    + " WHERE model = 'linear' ORDER BY 1"))
        .containsExactly(
            Arrays.asList("none", "", "1", "0", "0", "0", null, "0"),
            List.of("sms", "a", "1", "1", "1", "1", "1", "1"),
            Arrays.asList("social", "", "1", "0", "0", "0", null, "0"));
    assertThat(
            query(
                options,
                "SELECT cohort_month, channel, campaign_id, variant_id, months_since, customers,"
                    + " revenue_micros / 1e6, lifetime_value_micros / 1e6 FROM lifetime_value"
                    + " ORDER BY channel, months_since"))
        .containsExactly(
            List.of("2026-01-01", "email", "news", "", "0", "1", "100", "100"),
            List.of("2026-01-01", "sms", "launch", "a", "0", "1", "80", "80"),
            List.of("2026-01-01", "sms", "launch", "a", "1", "1", "-20", "60"));
    assertThat(query(options, "SELECT conversion_id, nth FROM purchase_number ORDER BY 1"))
        .containsExactly(List.of("again", "2"), List.of("first", "1"), List.of("only", "1"));
  }

  private static Send send(
      String recipient, String message, String variant, int segments, long cost, long at) {
    return new Send(
        "s-" + message,
        at,
        recipient,
        message,
        "launch",
        "list",
        Category.PROMOTIONAL,
        "test",
        variant,
        null,
        null,
        null,
        null,
        segments,
        cost,
        null,
        null);
  }

  private static Delivery delivered(String recipient, String message, long at) {
    return new Delivery(
        "d-" + message, at, recipient, message, DeliveryStatus.DELIVERED, null, null, null);
  }

  private static Conversion conversion(
      String recipient, String id, ConversionKind kind, int amount, long at, String original) {
    return new Conversion("v-" + id, at, recipient, id, kind, amount * 1_000_000L, original);
  }

  /** Each effect by solving the chain without the channel, from the counts of the file. */
  private static Map<String, Double> removalEffects(List<Journeys> rows) {
    Map<String, Map<String, Double>> steps = new HashMap<>();
    Map<String, Double> converted = new HashMap<>();
    Map<String, Double> totals = new HashMap<>();
    for (Journeys row : rows) {
      double all = row.conversions() + row.nulls();
      String at = START;
      for (String channel : row.path()) {
        steps.computeIfAbsent(at, from -> new HashMap<>()).merge(channel, all, Double::sum);
        totals.merge(at, all, Double::sum);
        at = channel;
      }
      converted.merge(at, (double) row.conversions(), Double::sum);
      totals.merge(at, all, Double::sum);
    }
    double whole = chance(steps, converted, totals, "");
    Map<String, Double> effects = new HashMap<>();
    for (String channel : totals.keySet()) {
      effects.put(channel, 1 - chance(steps, converted, totals, channel) / whole);
    }
    return effects;
  }

  /** The chance of a conversion from the start, by going round until nothing changes any more. */
  private static double chance(
      Map<String, Map<String, Double>> steps,
      Map<String, Double> converted,
      Map<String, Double> totals,
      String removed) {
    Map<String, Double> chances = new HashMap<>();
    double change = 1;
    while (change > 1e-15) {
      change = 0;
      for (String from : totals.keySet()) {
        double sum = converted.getOrDefault(from, 0.0);
        for (Map.Entry<String, Double> step : steps.getOrDefault(from, Map.of()).entrySet()) {
          sum +=
              step.getKey().equals(removed)
                  ? 0
                  : step.getValue() * chances.getOrDefault(step.getKey(), 0.0);
        }
        double chance = sum / totals.get(from);
        Double before = chances.put(from, chance);
        change = Math.max(change, Math.abs(chance - (before == null ? 0 : before)));
      }
    }
    return chances.get(START);
  }

  private static List<Journeys> journeys(Path file) throws IOException {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
      return reader
          .lines()
          .skip(1)
          .map(line -> line.split(",", -1))
          .map(
              cells ->
                  new Journeys(
                      List.of(cells[0].split(" > ", -1)),
                      Integer.parseInt(cells[1]),
                      Integer.parseInt(cells[3])))
          .toList();
    }
  }

  private static JobOptions options(String name) throws Exception {
    JobOptions options =
        JobOptions.fromArgs(
            "--kafka",
            stack.endpoints().kafka(),
            "--clickhouse-url",
            stack.endpoints().clickHouseUrl(),
            "--database",
            name,
            "--topic-prefix",
            name + ".",
            "--bounded",
            "true",
            "--parallelism",
            "2");
    Jobs.ensureTopics(options);
    return options;
  }

  private static void run(String job, JobOptions options) throws Exception {
    Configuration settings = new Configuration();
    settings.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    StreamExecutionEnvironment env = JobEnvironment.create(job, options, settings);
    Jobs.all().get(job).define(env, options);
    env.execute(job);
  }

  private static void replay(JobOptions options, String... args) {
    StringWriter err = new StringWriter();
    List<String> all = new ArrayList<>(List.of("replay"));
    all.addAll(List.of(args));
    all.addAll(List.of("--kafka", options.kafka(), "--topic-prefix", options.topicPrefix()));
    CommandLine heed =
        Heed.commandLine().setOut(new PrintWriter(new StringWriter())).setErr(new PrintWriter(err));
    assertThat(heed.execute(all.toArray(String[]::new))).as(err::toString).isZero();
  }

  @SuppressWarnings({"unchecked", "FutureReturnValueIgnored"}) // closing waits for all of them
  private static void publish(JobOptions options, List<Event> events) {
    try (KafkaProducer<String, byte[]> producer =
        new KafkaProducer<>(
            Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, options.kafka()),
            new StringSerializer(),
            new ByteArraySerializer())) {
      for (Event event : events) {
        Topic topic =
            Topic.events().stream().filter(t -> t.type() == event.getClass()).findAny().get();
        producer.send(
            new ProducerRecord<>(
                options.topicNames().of(topic),
                event.recipientId(),
                ((JsonCodec<Event>) JsonCodec.of(event.getClass())).write(event)));
      }
    }
  }

  private static List<List<String>> query(JobOptions options, String sql) throws SQLException {
    String url =
        stack.endpoints().clickHouseUrl().replaceFirst("/[^/]*$", "/" + options.database());
    List<List<String>> rows = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection(url, "default", "");
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      while (result.next()) {
        List<String> row = new ArrayList<>();
        for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
          row.add(text(result.getObject(i)));
        }
        rows.add(row);
      }
    }
    return rows;
  }

  private static String text(Object value) {
    return value instanceof Number
        ? new BigDecimal(value.toString()).stripTrailingZeros().toPlainString()
        : value == null ? null : value.toString();
  }

  private static Path datasets() {
    String configured = System.getenv("HEED_DATASETS");
    Path folder = Path.of(configured == null ? "../../../shared/datasets" : configured);
    return Files.exists(folder)
        ? folder
        : abort("Skipped: no data sets; set HEED_DATASETS to the folder of data sets");
  }
}
