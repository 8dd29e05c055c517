package io.heed.cli.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicNames;
import io.heed.flink.Jobs;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every {@link HostileRecord} on every topic of the running stack, one after another: no job
 * restarts, each is set aside once, and what comes behind them counts and is answered; so it is
 * after a restart, when all of it lies in the topics that a start reads.
 */
class HostileRecordsIT {
  private static final Duration TIMEOUT = Duration.ofMinutes(8);
  private static final int RECIPIENTS = 250;
  private static final int REQUESTS = 5;
  private static final int MOST_RAW_BYTES = 256 << 10;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TopicNames NAMES = new TopicNames("");

  @TempDir private Path directory;

  /** Length of each bad record that is to be set aside, by its place. */
  private final Map<String, Integer> setAside = new HashMap<>();

  private long harmlessClicks;

  @Test
  void noRecordStopsAnyJob() throws Exception {
    try (TestingLocal local = new TestingLocal(directory, TIMEOUT)) {
      local.start();
      Map<String, String> jobs = jobs(local);
      try (KafkaProducer<byte[], byte[]> producer = producer(local)) {
        publishHostile(producer);
        publishGood(producer);
        local.await().untilAsserted(() -> assertThat(good(local)).isEqualTo(4L * RECIPIENTS));
        local
            .await()
            .untilAsserted(
                () ->
                    assertThat(
                            count(
                                local,
                                "sum(sends) FROM list_health WHERE window_seconds = 86400"
                                    + " AND list_id = 'deals' AND campaign_id = ''"))
                        .isEqualTo(RECIPIENTS));
        assertSetAsideOnce(local);
        assertThat(count(local, "count() FROM events WHERE event_id = 'bad'"))
            .isEqualTo(Math.min(harmlessClicks, 1));
        assertVerdict(local, producer, "before");
        assertNoRestart(local, jobs);
      }
      local.stop();

      local.start();
      Map<String, String> after = jobs(local);
      try (KafkaProducer<byte[], byte[]> producer = producer(local)) {
        assertVerdict(local, producer, "after");
        assertSetAsideOnce(local);
        assertThat(good(local)).isEqualTo(4L * RECIPIENTS);
        assertNoRestart(local, after);
      }
      local.stop();
    }
  }

  private void publishHostile(KafkaProducer<byte[], byte[]> producer) throws Exception {
    List<HostileRecord> records = HostileRecord.all(System.currentTimeMillis());
    for (Topic topic : Topic.values()) {
      for (HostileRecord hostile : records) {
        RecordMetadata at =
            producer
                .send(
                    new ProducerRecord<>(
                        NAMES.of(topic), hostile.key().getBytes(UTF_8), hostile.value()))
                .get();
        if (!hostile.harmlessOn().contains(topic)) {
          setAside.put(
              at.topic() + "|" + at.partition() + "|" + at.offset(),
              hostile.value() == null ? 0 : hostile.value().length);
        } else if (topic == Topic.CLICK) {
          harmlessClicks++;
        }
      }
    }
  }

  private static void publishGood(KafkaProducer<byte[], byte[]> producer) throws Exception {
    long now = System.currentTimeMillis();
    for (int i = 0; i < RECIPIENTS; i++) {
      send(
          producer,
          Topic.SEND,
          i,
          now,
          "\"message_id\":\"m%d\",\"campaign_id\":\"spring\",\"list_id\":\"deals\",\"category\":\"PROMOTIONAL\""
              .formatted(i));
      send(
          producer,
          Topic.DELIVERY,
          i,
          now,
          "\"message_id\":\"m%d\",\"status\":\"DELIVERED\"".formatted(i));
      send(producer, Topic.CLICK, i, now, "\"message_id\":\"m%d\"".formatted(i));
      send(
          producer,
          Topic.CONVERSION,
          i,
          now,
          "\"conversion_id\":\"c%d\",\"kind\":\"PURCHASE\",\"revenue_micros\":1000000"
              .formatted(i));
    }
    producer.flush();
  }

  @SuppressWarnings("FutureReturnValueIgnored") // flush waits, and a failure shows as missing rows
  private static void send(
      KafkaProducer<byte[], byte[]> producer, Topic topic, int i, long now, String more) {
    String recipient = "good-" + i;
    String value =
        "{\"event_id\":\"%s-%d\",\"event_time\":%d,\"recipient_id\":\"%s\",%s}"
            .formatted(topic.shortName(), i, now, recipient, more);
    producer.send(
        new ProducerRecord<>(NAMES.of(topic), recipient.getBytes(UTF_8), value.getBytes(UTF_8)));
  }

  private static long good(TestingLocal local) throws IOException {
    return count(
        local,
        "count() FROM events WHERE startsWith(recipient_id, 'good-')"
            + " AND event_type IN ('send', 'delivery', 'click', 'conversion')");
  }

  private void assertSetAsideOnce(TestingLocal local) {
    local
        .await()
        .untilAsserted(
            () -> assertThat(count(local, "count() FROM dead_letter")).isEqualTo(setAside.size()));
    local
        .await()
        .untilAsserted(
            () ->
                assertThat(
                        lines(
                            local,
                            "topic, partition, offset, length(base64Decode(raw)), empty(reason)"
                                + " FROM dead_letter"))
                    .containsExactlyInAnyOrderElementsOf(
                        setAside.entrySet().stream()
                            .map(
                                entry ->
                                    "%s|%d|0"
                                        .formatted(
                                            entry.getKey(),
                                            Math.min(entry.getValue(), MOST_RAW_BYTES)))
                            .toList()));
  }

  /** Every request is answered, and one within a second at least: others use this machine, too. */
  private static void assertVerdict(
      TestingLocal local, KafkaProducer<byte[], byte[]> producer, String run) throws Exception {
    List<Long> latencies = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> verdicts = verdicts(local)) {
      for (int i = 0; i <= REQUESTS; i++) {
        String recipient = i == REQUESTS ? HostileRecord.REVOKED : "good-" + i;
        String id = run + "-" + i;
        long now = System.currentTimeMillis();
        String value =
            """
            {"event_id":"%1$s","event_time":%2$d,"recipient_id":"%3$s","request_id":"%1$s",\
            "campaign_id":"spring","list_id":"deals","category":"PROMOTIONAL"}\
            """
                .formatted(id, now, recipient);
        long requestedAt =
            producer
                .send(
                    new ProducerRecord<>(
                        NAMES.of(Topic.SEND_REQUEST),
                        recipient.getBytes(UTF_8),
                        value.getBytes(UTF_8)))
                .get()
                .timestamp();
        ConsumerRecord<byte[], byte[]> answer = answer(verdicts, id);
        JsonNode verdict = JSON.readTree(answer.value());
        assertThat(verdict.path("reasons").toString())
            .as("of %s", recipient)
            .doesNotContain("STALE_STATE");
        if (i == REQUESTS) {
          assertThat(verdict.path("verdict").asText()).isEqualTo("DENY");
          assertThat(verdict.path("reasons").toString()).contains("OPTED_OUT");
        }
        latencies.add(answer.timestamp() - requestedAt);
      }
    }
    assertThat(latencies).anyMatch(millis -> millis <= 1_000);
  }

  private static ConsumerRecord<byte[], byte[]> answer(
      KafkaConsumer<byte[], byte[]> verdicts, String id) throws IOException {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (System.nanoTime() < deadline) {
      for (ConsumerRecord<byte[], byte[]> record : verdicts.poll(Duration.ofMillis(100))) {
        if (JSON.readTree(record.value()).path("request_id").asText().equals(id)) {
          return record;
        }
      }
    }
    throw new AssertionError("request " + id + " got no verdict");
  }

  /** From the end on: what lies before is hostile. */
  private static KafkaConsumer<byte[], byte[]> verdicts(TestingLocal local) {
    KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, local.endpoint("Kafka")),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    List<TopicPartition> partitions =
        consumer.partitionsFor(NAMES.of(Topic.SEND_VERDICT)).stream()
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToEnd(partitions);
    partitions.forEach(consumer::position);
    return consumer;
  }

  private static KafkaProducer<byte[], byte[]> producer(TestingLocal local) {
    return new KafkaProducer<>(
        Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, local.endpoint("Kafka")),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  /** Id of each job by name; one that was given up and submitted again has another. */
  private static Map<String, String> jobs(TestingLocal local) throws IOException {
    Map<String, String> ids = new HashMap<>();
    for (JsonNode job :
        JSON.readTree(local.get(local.endpoint("Flink") + "/jobs/overview")).path("jobs")) {
      ids.put(job.path("name").asText(), job.path("jid").asText());
    }
    assertThat(ids).containsOnlyKeys(Jobs.all().keySet());
    return ids;
  }

  private static void assertNoRestart(TestingLocal local, Map<String, String> before)
      throws IOException {
    assertThat(jobs(local)).isEqualTo(before);
    // Flink gathers a metric only after a first request for it.
    local.await().untilAsserted(() -> assertThat(BrokenRecordsIT.restarts(local)).isZero());
  }

  private static Stream<String> lines(TestingLocal local, String what) throws IOException {
    return local.query("SELECT " + what).lines().map(line -> line.replace('\t', '|'));
  }

  private static long count(TestingLocal local, String what) throws IOException {
    return Long.parseLong(local.query("SELECT " + what).strip());
  }
}
