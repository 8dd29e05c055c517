package io.heed.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heed.cli.local.LocalStack;
import io.heed.cli.local.LocalStackOptions;
import io.heed.cli.local.LocalStackOptions.Part;
import io.heed.core.model.Category;
import io.heed.core.model.Click;
import io.heed.core.model.DeadLetter;
import io.heed.core.model.DeliveryHealthRow;
import io.heed.core.model.Event;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.ListHealthRow;
import io.heed.core.model.OptIn;
import io.heed.core.model.OptInMethod;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.Reply;
import io.heed.core.model.ResponseTimeRow;
import io.heed.core.model.ResultRow;
import io.heed.core.model.Send;
import io.heed.core.model.SendCohortRow;
import io.heed.core.model.SuppressionDecision;
import io.heed.core.model.SuppressionState;
import io.heed.core.model.Topic;
import io.heed.flink.Jobs;
import io.heed.flink.streaming.JobEnvironment;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.warehouse.WarehouseTopology;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The warehouse with a real broker and a real database. Each test has topics and tables of its own.
 */
class WarehouseIT {
  private static final long HOUR = Duration.ofHours(1).toMillis();
  private static final long DAY = Duration.ofDays(1).toMillis();
  private static final long NOW = 1_780_000_000_000L;
  private static final Duration AWAY = Duration.ofSeconds(22);

  @TempDir private static Path directory;
  private static LocalStack stack;
  private static KafkaProducer<byte[], byte[]> producer;

  private final List<Future<?>> sent = new ArrayList<>();
  private final List<JobOptions> deployments = new ArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    stack =
        LocalStack.start(
            LocalStackOptions.builder(directory)
                .parts(Part.KAFKA, Part.CLICKHOUSE)
                .kafkaPort(0)
                .clickHousePort(0)
                .restartDelay(AWAY)
                .build());
    Properties properties = new Properties();
    properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, stack.endpoints().kafka());
    properties.put(ProducerConfig.LINGER_MS_CONFIG, "20");
    properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, "300000");
    producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  @AfterAll
  static void stop() {
    producer.close();
    stack.close();
  }

  /** Its rollups would go on beside the next test. */
  @AfterEach
  void drop() throws SQLException {
    try (Connection connection = DriverManager.getConnection(stack.endpoints().clickHouseUrl());
        Statement statement = connection.createStatement()) {
      for (JobOptions options : deployments) {
        statement.execute("DROP DATABASE IF EXISTS " + options.database());
      }
    }
  }

  @Test
  void readersSeeEveryFactOnceWhateverCameTwice() throws Exception {
    JobOptions options = options("once");
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      events.add(send("s" + i, NOW + i, "r" + i % 500, "m" + i));
      events.add(click("c" + i, NOW + HOUR + i, "r" + i % 500, "m" + i));
    }
    publish(options, events);
    List<Event> again = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      // The same event with another time: the first holds.
      again.add(send("s" + i, NOW + DAY + i, "r" + i % 500, "m" + i));
    }
    publish(options, again);
    List<ListHealthRow> versions = new ArrayList<>();
    for (long seq : List.of(3L, 9L, 5L)) {
      versions.add(listHealth(seq, 100 + seq));
    }
    for (ListHealthRow row : versions) {
      publish(options, Topic.LIST_HEALTH_RESULT, row.key(), row);
    }
    publish(options, Topic.SUPPRESSION, "r1|*", suppression(1, NOW));
    publish(options, Topic.SUPPRESSION, "r1|*", suppression(2, NOW + 5_000));

    run(options);
    run(options); // from the beginning: every row is written once more

    assertThat(query(options, "SELECT event_type, count() FROM events GROUP BY 1 ORDER BY 1"))
        .containsExactly("click|3000", "send|3000");
    assertThat(
            query(
                options,
                "SELECT min(toUnixTimestamp64Milli(event_time)),"
                    + " max(toUnixTimestamp64Milli(event_time)) FROM events"
                    + " WHERE event_type = 'send'"))
        .containsExactly(NOW + "|" + (NOW + 2_999));
    assertThat(query(options, "SELECT sends FROM list_health")).containsExactly("109");
    assertThat(query(options, "SELECT toUnixTimestamp64Milli(emitted_at), state FROM decision"))
        .containsExactly(NOW + "|SUPPRESSED");
  }

  @Test
  void keepsConsentRevocationAndMessageOfARecipient() throws Exception {
    JobOptions options = options("consent");
    publish(
        options,
        List.of(
            new OptIn("i1", NOW, "r1", "list", OptInMethod.WEB, "form 7"),
            send("s1", NOW + 1, "r1", "m1"),
            new Reply("p1", NOW + 2, "r1", "m1", "please STOP texting me"),
            new Reply("p2", NOW + 3, "r1", null, "stop"),
            new Reply("p3", NOW + 4, "r1", "m1", "thanks, great"),
            new Reply("p4", NOW + 5, "r1", "m1", "Sorry, wrong number")));

    run(options);

    assertThat(
            query(
                options,
                "SELECT toUnixTimestamp64Milli(event_time), what, scope, method, evidence"
                    + " FROM consent_ledger WHERE recipient_id = 'r1' ORDER BY event_time"))
        .containsExactly(
            NOW + "|CONSENT|list|WEB|form 7",
            (NOW + 1) + "|MESSAGE|list||",
            (NOW + 2) + "|REVOCATION|list|FUZZY|please STOP texting me",
            (NOW + 3) + "|REVOCATION|*|KEYWORD|stop",
            (NOW + 5) + "|REVOCATION|*|WRONG_NUMBER|Sorry, wrong number");
  }

  @Test
  void clicksOfLinkScannersAreNobodysEngagement() throws Exception {
    JobOptions options = options("recency");
    List<Event> events = new ArrayList<>();
    String phone = "Mozilla/5.0 (iPhone)";
    Map.of(
            "person", agentClick("person", 2_000, phone),
            "bot", agentClick("bot", HOUR, "Googlebot/2.1"),
            "preview", agentClick("preview", 1_999, phone),
            "export", agentClick("export", 0, null))
        .forEach(
            (recipient, click) -> {
              events.add(send("s" + recipient, NOW, recipient, "m" + recipient));
              events.add(click);
            });
    // Who says so engages as little as who says stop.
    events.add(new Reply("p1", NOW + HOUR, "bot", "mbot", "You have the wrong number"));
    publish(options, events);

    run(options);

    query(options, "SYSTEM REFRESH VIEW engagement_recency");
    query(options, "SYSTEM WAIT VIEW engagement_recency");
    assertThat(
            query(options, "SELECT within_days, recipients FROM engagement_recency ORDER BY ALL"))
        .containsExactly("0|2", "7|2");
  }

  private static Click agentClick(String recipient, long millisAfterSend, String agent) {
    return new Click(
        "c" + recipient,
        NOW + millisAfterSend,
        recipient,
        "m" + recipient,
        null,
        null,
        agent,
        null);
  }

  @Test
  void rowsThatHaveComeBackToNothingAreNotShown() throws Exception {
    JobOptions options = options("nothing");
    List<ResultRow> rows =
        List.of(
            listHealth(1, 5),
            new SendCohortRow(
                SendCohortRow.TABLE, 1, NOW, "l", "c", 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
            new DeliveryHealthRow(DeliveryHealthRow.TABLE, 1, NOW, "l", "c", "att", "", 1, 0, 0),
            new ResponseTimeRow(ResponseTimeRow.TABLE, 1, NOW, "l", "c", "click", 60, 1));
    for (ResultRow row : rows) {
      publish(options, Topic.LIST_HEALTH_RESULT, row.key(), row);
    }
    run(options);
    List<String> views = List.of("list_health", "send_cohort", "delivery_health", "response_time");
    for (String view : views) {
      assertThat(query(options, "SELECT seq FROM " + view)).as(view).containsExactly("1");
    }

    rows =
        List.of(
            listHealth(2, 0),
            new SendCohortRow(
                SendCohortRow.TABLE, 2, NOW, "l", "c", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
            new DeliveryHealthRow(DeliveryHealthRow.TABLE, 2, NOW, "l", "c", "att", "", 0, 0, 0),
            new ResponseTimeRow(ResponseTimeRow.TABLE, 2, NOW, "l", "c", "click", 60, 0));
    for (ResultRow row : rows) {
      publish(options, Topic.LIST_HEALTH_RESULT, row.key(), row);
    }
    run(options);
    for (String view : views) {
      assertThat(query(options, "SELECT seq FROM " + view)).as(view).isEmpty();
    }
  }

  @Test
  void marksWhatIsOlderThanTheHorizonWhenItArrives() throws Exception {
    JobOptions options = options("late");
    publish(
        options, List.of(send("new", NOW, "r1", "m1"), send("old", NOW - 36 * DAY, "r1", "m2")));

    run(options);
    run(options);

    assertThat(query(options, "SELECT event_id, late FROM events ORDER BY 1"))
        .containsExactly("new|0", "old|1");
  }

  @Test
  void setsAsideEveryBrokenRecordOnceOnTheTopicAndInTheTable() throws Exception {
    JobOptions options = options("broken");
    Random random = new Random(7);
    Map<String, String> expected = new HashMap<>();
    for (int i = 0; i < 10_000; i++) {
      publish(options, Topic.SEND, "r" + i % 97, send("s" + i, NOW + i, "r" + i % 97, "m" + i));
      if (i % 10 == 0) {
        byte[] broken = broken(i / 10, random);
        Topic topic = Topic.events().get(i / 10 % Topic.events().size());
        var place =
            producer
                .send(
                    new ProducerRecord<>(
                        options.topicNames().of(topic),
                        ("r" + i % 97).getBytes(StandardCharsets.UTF_8),
                        broken))
                .get();
        expected.put(
            place.topic() + "|" + place.partition() + "|" + place.offset(),
            Base64.getEncoder().encodeToString(broken));
      }
    }

    run(options);
    run(options); // without state: looks up what it has set aside

    assertThat(query(options, "SELECT count() FROM events")).containsExactly("10000");
    List<DeadLetter> letters = deadLetters(options);
    assertThat(letters).hasSize(1_000);
    Map<String, String> onTopic = new HashMap<>();
    letters.forEach(letter -> onTopic.put(letter.key(), letter.raw()));
    assertThat(onTopic).isEqualTo(expected);
    Map<String, String> inTable = new HashMap<>();
    for (String row :
        query(
            options, "SELECT topic, partition, offset, raw FROM dead_letter WHERE reason != ''")) {
      inTable.put(row.substring(0, row.lastIndexOf('|')), row.substring(row.lastIndexOf('|') + 1));
    }
    assertThat(inTable).isEqualTo(expected);
  }

  @Test
  void waitsForADatabaseThatIsAwayAndLosesNothing() throws Exception {
    JobOptions options = options("away", false);
    int events = 60_000;
    publishSends(options, 0, events / 2);
    JobClient job = start(options);
    await(() -> anyRow(options));
    long killedAt = System.nanoTime();
    ProcessHandle database = ProcessHandle.of(stack.pid(Part.CLICKHOUSE)).orElseThrow();
    assertThat(database.destroyForcibly()).isTrue();
    publishSends(options, events / 2, events);

    await(() -> count(options) == events);

    assertThat(Duration.ofNanos(System.nanoTime() - killedAt)).isGreaterThan(AWAY);
    // The restart strategy is none: any failure of the job would show here.
    assertThat(job.getJobStatus().get()).isEqualTo(JobStatus.RUNNING);
    job.cancel().get();
    assertThat(query(options, "SELECT count(), uniqExact(event_id) FROM events"))
        .containsExactly(events + "|" + events);
  }

  private void publishSends(JobOptions options, int from, int to) {
    for (int i = from; i < to; i++) {
      publish(options, Topic.SEND, "r" + i % 997, send("s" + i, NOW + i, "r" + i % 997, "m" + i));
    }
  }

  private static void await(Callable<Boolean> holds) {
    Awaitility.await()
        .atMost(Duration.ofMinutes(3))
        .pollInterval(Duration.ofMillis(50))
        .until(holds);
  }

  @Test
  void reportsWhichTableIsBrokenInsteadOfWaiting() throws Exception {
    JobOptions options = options("wrong");
    publish(options, List.of(send("s1", NOW, "r1", "m1")));
    run(options);
    query(options, "ALTER TABLE events_versions DROP COLUMN url");

    CompletableFuture<?> failed = start(options).getJobExecutionResult();

    assertThatThrownBy(() -> failed.get(60, TimeUnit.SECONDS))
        .hasStackTraceContaining("cannot write to table events")
        .hasStackTraceContaining("missing columns [url]");
  }

  private static byte[] broken(int number, Random random) {
    String good =
        new String(json(send("x" + number, NOW, "r", "m" + number)), StandardCharsets.UTF_8);
    return switch (number % 5) {
      case 0 -> good.substring(0, good.length() - 1 - number % 20).getBytes(StandardCharsets.UTF_8);
      case 1 -> good.replace("\"event_id\"", "\"event\"").getBytes(StandardCharsets.UTF_8);
      case 2 ->
          good.replace("\"event_time\":", "\"event_time\":-" + number)
              .getBytes(StandardCharsets.UTF_8);
      case 3 -> ("no JSON at all, " + number).getBytes(StandardCharsets.UTF_8);
      default -> {
        byte[] noise = new byte[1 + random.nextInt(50)];
        random.nextBytes(noise);
        yield noise;
      }
    };
  }

  private JobOptions options(String name) throws Exception {
    return options(name, true);
  }

  private JobOptions options(String name, boolean bounded) throws Exception {
    JobOptions options =
        JobOptions.fromArgs(
            "--kafka",
            stack.endpoints().kafka(),
            "--clickhouse-url",
            stack.endpoints().clickHouseUrl(),
            "--database",
            "test_" + name,
            "--topic-prefix",
            name + ".",
            "--partitions",
            "2",
            "--bounded",
            Boolean.toString(bounded));
    Jobs.ensureTopics(options);
    deployments.add(options);
    return options;
  }

  /** Runs the job over what the topics hold, from their beginning. */
  private void run(JobOptions options) throws Exception {
    start(options).getJobExecutionResult().get(120, TimeUnit.SECONDS);
  }

  private JobClient start(JobOptions options) throws Exception {
    Configuration settings = new Configuration();
    settings.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    settings.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofSeconds(1));
    for (Future<?> record : sent) {
      record.get();
    }
    StreamExecutionEnvironment env =
        JobEnvironment.create(WarehouseTopology.JOB, options, settings);
    Jobs.all().get(WarehouseTopology.JOB).define(env, options);
    return env.executeAsync();
  }

  private void publish(JobOptions options, List<Event> events) {
    Map<Class<?>, Topic> topics = new HashMap<>();
    Arrays.stream(Topic.values()).forEach(topic -> topics.put(topic.type(), topic));
    for (Event event : events) {
      publish(options, topics.get(event.getClass()), event.recipientId(), event);
    }
  }

  private void publish(JobOptions options, Topic topic, String key, Object record) {
    sent.add(
        producer.send(
            new ProducerRecord<>(
                options.topicNames().of(topic),
                key.getBytes(StandardCharsets.UTF_8),
                json(record))));
  }

  @SuppressWarnings("unchecked")
  private static byte[] json(Object record) {
    return ((JsonCodec<Object>) JsonCodec.of(record.getClass())).write(record);
  }

  private static List<DeadLetter> deadLetters(JobOptions options) throws Exception {
    Properties properties = new Properties();
    properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, options.kafka());
    JsonCodec<DeadLetter> codec = JsonCodec.of(DeadLetter.class);
    List<DeadLetter> letters = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      String topic = options.topicNames().of(Topic.DEAD_LETTER);
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        for (var record : consumer.poll(Duration.ofMillis(200))) {
          letters.add(codec.read(record.value()));
        }
      }
    }
    return letters;
  }

  /** Events that readers see; none while the database is away. */
  private static int count(JobOptions options) {
    try {
      return Integer.parseInt(query(options, "SELECT count() FROM events").get(0));
    } catch (SQLException e) {
      return 0;
    }
  }

  private static boolean anyRow(JobOptions options) {
    try {
      return !query(options, "SELECT 1 FROM events_versions LIMIT 1").isEmpty();
    } catch (SQLException e) {
      return false; // not made yet
    }
  }

  /** Rows as text, columns parted by bars. */
  private static List<String> query(JobOptions options, String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    String url =
        stack.endpoints().clickHouseUrl().replaceFirst("/[^/]*$", "/" + options.database());
    try (Connection connection = DriverManager.getConnection(url, "default", "");
        Statement statement = connection.createStatement()) {
      if (!statement.execute(sql)) {
        return rows;
      }
      try (ResultSet result = statement.getResultSet()) {
        int columns = result.getMetaData().getColumnCount();
        while (result.next()) {
          List<String> row = new ArrayList<>();
          for (int i = 1; i <= columns; i++) {
            row.add(result.getString(i));
          }
          rows.add(String.join("|", row));
        }
      }
    }
    return rows;
  }

  private static Send send(String id, long at, String recipient, String message) {
    return new Send(
        id,
        at,
        recipient,
        message,
        "campaign",
        "list",
        Category.PROMOTIONAL,
        null,
        null,
        null,
        "att",
        "US-NY",
        "America/New_York",
        1,
        7_900,
        null,
        List.of("spring"));
  }

  private static Click click(String id, long at, String recipient, String message) {
    return new Click(id, at, recipient, message, "l1", "https://example.com/a", "Mozilla", null);
  }

  private static ListHealthRow listHealth(long seq, long sends) {
    return new ListHealthRow(
        ListHealthRow.TABLE, seq, NOW, 60, "list", "", sends, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  }

  private static SuppressionDecision suppression(long seq, long emittedAt) {
    return new SuppressionDecision(
        "d1",
        NOW,
        emittedAt,
        List.of(ReasonCode.OPTED_OUT),
        seq,
        null,
        "r1",
        "*",
        SuppressionState.SUPPRESSED,
        "KEYWORD",
        NOW,
        null);
  }
}
