package io.heed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.cli.local.LocalStack;
import io.heed.client.HeedClient;
import io.heed.client.KafkaSettings;
import io.heed.client.LocalDecision;
import io.heed.client.MessageRequest;
import io.heed.client.Permission;
import io.heed.client.Pseudonyms;
import io.heed.core.model.Category;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.Topic;
import io.heed.core.model.Verdict;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.KafkaCluster;
import io.heed.flink.streaming.TopicReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;

/** Somebody of the demo is erased, while all jobs run. */
final class DemoErasure {
  private static final String MOST_TEXTED =
      """
      SELECT recipient_id FROM recipient_event
      WHERE recipient_id %s (SELECT JSONExtractString(payload, 'recipient_id')
          FROM decision_newest WHERE state = 'SUPPRESSED')
      GROUP BY recipient_id ORDER BY count() DESC, recipient_id LIMIT 1""";

  private static final List<ReasonCode> SUPPRESSED =
      List.of(
          ReasonCode.OPTED_OUT,
          ReasonCode.COMPLAINT,
          ReasonCode.CARRIER_BLOCK,
          ReasonCode.DO_NOT_CALL,
          ReasonCode.INVALID_NUMBER);

  private final LocalStack stack;
  private final Path directory;
  private final Connection connection;
  private final JobOptions options;
  private final Path key;

  DemoErasure(LocalStack stack, Path directory, Connection connection) {
    this.stack = stack;
    this.directory = directory;
    this.connection = connection;
    options = JobOptions.fromArgs("--kafka", stack.endpoints().kafka());
    key = directory.resolve("erasure.key");
  }

  void forgetsAPerson() throws Exception {
    String person = text(MOST_TEXTED.formatted("IN"));
    String other = text(MOST_TEXTED.formatted("NOT IN"));
    await(() -> assertThat(heed("state", checkpoint(), person)).contains("must not be texted"));
    assertThat(tablesWith(person)).isNotEmpty();
    // Versions merge and live jobs go on: what readers see of others must not become less.
    Set<String> tablesWithOther = tablesWith(other);
    long eventsOfOther = events(other);
    byte[] again = sendOf(person);

    assertThat(heed(forget(person)))
        .contains("erased      " + person + ", stays suppressed on ")
        .contains("send-gate", "attribution", "optimizer", "warehouse", "experiments");

    assertThat(recordsWith(person)).as("in the compacted topics").isEmpty();
    assertThat(tablesWith(person)).as("in the tables").isEmpty();
    awaitNothingIsKnownOf(person);
    assertThat(tablesWith(other)).as("nobody else's").containsAll(tablesWithOther);
    assertThat(events(other)).as("nobody else's").isGreaterThanOrEqualTo(eventsOfOther);
    staysSuppressed(person);

    // What a vendor or a restart brings again from before does not come back.
    publish(person, again);
    publish(other, eventOf(other));
    await(() -> assertThat(events(other)).isGreaterThan(eventsOfOther));
    assertThat(
            text(
                "SELECT count() FROM events WHERE event_type = 'send' AND recipient_id = '%s'"
                    .formatted(person)))
        .isEqualTo("0");
    assertThat(heed(forget(person))).as("once more").contains("stays suppressed on ");
    awaitNothingIsKnownOf(person);
  }

  /** Flink deletes checkpoints meanwhile. */
  private void awaitNothingIsKnownOf(String person) {
    await(
        () ->
            assertThat(heed("state", checkpoint(), person)).contains("knows nothing of " + person));
  }

  private long events(String person) throws Exception {
    return Long.parseLong(
        text("SELECT count() FROM events WHERE recipient_id = '%s'".formatted(person)));
  }

  private String[] forget(String person) {
    return new String[] {
      "forget",
      person,
      "--kafka",
      stack.endpoints().kafka(),
      "--clickhouse-url",
      stack.endpoints().clickHouseUrl(),
      "--erasure-key",
      key.toString()
    };
  }

  private void staysSuppressed(String person) throws Exception {
    try (HeedClient client =
        HeedClient.builder(new KafkaSettings(Map.of("bootstrap.servers", options.kafka())))
            .timeout(Duration.ofSeconds(20))
            .erasureKey(Pseudonyms.fromFile(key))
            .build()) {
      await(() -> assertThat(client.isReady()).isTrue());
      // Of everything or of each list of the demo.
      List<String> lists = new ArrayList<>();
      try (Statement statement = connection.createStatement();
          ResultSet rows =
              statement.executeQuery(
                  "SELECT DISTINCT list_id FROM events WHERE event_type = 'send' AND list_id != ''")) {
        while (rows.next()) {
          lists.add(rows.getString(1));
        }
      }
      List<String> closed = new ArrayList<>();
      for (String list : lists) {
        Permission permission =
            client
                .request(
                    MessageRequest.promotional(person, "spring", list)
                        .requestId("after-erasure-" + list))
                .join();
        SendVerdict verdict = permission.verdict().orElseThrow();
        // Not for want of a consent, which is erased as well.
        if (!Collections.disjoint(verdict.reasons(), SUPPRESSED)) {
          assertThat(verdict.verdict()).isEqualTo(Verdict.DENY);
          closed.add(list);
          await(
              () ->
                  assertThat(client.lookUp(Category.PROMOTIONAL, person, list))
                      .isEqualTo(LocalDecision.SUPPRESSED));
        }
      }
      assertThat(closed).isNotEmpty();
    }
  }

  /** Of each key of a compacted topic the newest record, where that names the person. */
  private List<String> recordsWith(String person) {
    Map<String, String> newest = new HashMap<>();
    try (TopicReader reader = new TopicReader(options, "test")) {
      for (Topic topic : Topic.values()) {
        if (topic.retention() == Topic.Retention.COMPACTED) {
          reader.readToEnd(
              topic,
              Map.of(),
              record ->
                  newest.put(
                      topic + " " + utf8(record.key()),
                      record.value() == null ? "" : utf8(record.key()) + utf8(record.value())));
        }
      }
    }
    return newest.values().stream()
        .filter(record -> names(record, person) || names(raw(record), person))
        .toList();
  }

  private static String raw(String record) {
    int at = record.indexOf("\"raw\":\"");
    return at < 0
        ? ""
        : utf8(Base64.getDecoder().decode(record.substring(at + 7, record.indexOf('"', at + 7))));
  }

  /** Not merely a longer id. */
  private static boolean names(String text, String person) {
    return java.util.regex.Pattern.compile(
            "(^|[^0-9A-Za-z])" + java.util.regex.Pattern.quote(person) + "($|[^0-9A-Za-z])")
        .matcher(text)
        .find();
  }

  /** The tables that name the person, in whatever column, as id or as its hash. */
  private Set<String> tablesWith(String person) throws Exception {
    Set<String> found = new HashSet<>();
    Map<String, List<String>> tables = new HashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet columns =
            statement.executeQuery(
                "SELECT table, name, type FROM system.columns WHERE database = currentDatabase()"
                    + " AND table IN (SELECT name FROM system.tables"
                    // A refresh that is under way has a table that goes when it ends.
                    + " WHERE database = currentDatabase() AND engine LIKE '%MergeTree'"
                    + " AND name NOT LIKE '.tmp%')"
                    + " AND (type LIKE '%String%' OR (type = 'UInt64' AND name = 'recipient'))")) {
      while (columns.next()) {
        String name = columns.getString(2);
        String test =
            columns.getString(3).equals("UInt64")
                ? name + " = cityHash64('%1$s')"
                : name.equals("raw")
                    ? "match(tryBase64Decode(raw), '%2$s')"
                    : "match(toString(" + name + "), '%2$s')";
        tables.computeIfAbsent(columns.getString(1), t -> new ArrayList<>()).add(test);
      }
    }
    String pattern =
        "(^|[^0-9A-Za-z])" + person.replace("+", "[+]").replace("|", "[|]") + "($|[^0-9A-Za-z])";
    for (Map.Entry<String, List<String>> table : tables.entrySet()) {
      String where = String.join(" OR ", table.getValue()).formatted(person, pattern);
      long count =
          Long.parseLong(
              text("SELECT count() FROM `%s` WHERE %s".formatted(table.getKey(), where)));
      if (count > 0) {
        found.add(table.getKey());
      }
    }
    return found;
  }

  private String text(String sql) throws Exception {
    try (PreparedStatement statement = connection.prepareStatement(sql);
        ResultSet row = statement.executeQuery()) {
      assertThat(row.next()).as(sql).isTrue();
      return row.getString(1);
    }
  }

  private byte[] sendOf(String person) {
    List<byte[]> sends = new ArrayList<>();
    try (TopicReader reader = new TopicReader(options, "test")) {
      reader.readToEnd(
          Topic.SEND,
          Map.of(),
          record -> {
            if (names(utf8(record.value()), person)) {
              sends.add(record.value());
            }
          });
    }
    return sends.get(0);
  }

  private static byte[] eventOf(String person) {
    return """
        {"event_id":"after-erasure","event_time":%d,"recipient_id":"%s","message_id":"after-erasure",\
        "campaign_id":"spring","list_id":"list","category":"TRANSACTIONAL"}"""
        .formatted(System.currentTimeMillis(), person)
        .getBytes(StandardCharsets.UTF_8);
  }

  private void publish(String person, byte[] send) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            KafkaCluster.at(options.kafka()).client(Map.of()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      producer
          .send(
              new ProducerRecord<>(
                  Topic.SEND.baseName(), person.getBytes(StandardCharsets.UTF_8), send))
          .get();
    }
  }

  /** The newest complete checkpoint of the gate. */
  private String checkpoint() throws Exception {
    try (Stream<Path> files = Files.walk(directory.resolve("flink/checkpoints/send-gate"))) {
      return files
          .filter(file -> file.endsWith("_metadata"))
          .max(Comparator.comparingLong(file -> file.toFile().lastModified()))
          .orElseThrow()
          .getParent()
          .toString();
    }
  }

  private static String heed(String... args) {
    StringWriter out = new StringWriter();
    Heed.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(out, true))
        .execute(args);
    return out.toString();
  }

  private static String utf8(byte[] bytes) {
    return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
  }

  private static void await(org.awaitility.core.ThrowingRunnable until) {
    Awaitility.await()
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(500))
        .ignoreExceptions()
        .untilAsserted(until);
  }
}
