package io.heed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.cli.local.TestingLocal;
import io.heed.core.model.Assignment;
import io.heed.core.model.Category;
import io.heed.core.model.Event;
import io.heed.core.model.ExperimentDecision;
import io.heed.core.model.ExperimentState;
import io.heed.core.model.Heartbeat;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.OptOut;
import io.heed.core.model.OptOutMethod;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.Reply;
import io.heed.core.model.Send;
import io.heed.core.model.SendRequest;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.SuppressionDecision;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicNames;
import io.heed.core.model.Verdict;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The send gate on the running stack, whose Flink is killed in the middle. */
class SendGateIT {
  private static final int PEOPLE = 50;
  private static final int REQUESTS = 1_000;
  private static final int PARTITIONS = 4;
  private static final Duration TIMEOUT = Duration.ofMinutes(3);
  private static final TopicNames NAMES = new TopicNames("");

  private static final String EXPERIMENT =
      """
      id: x1
      owner: o
      hypothesis: h
      variants:
        - id: a
          weight: 1
        - id: b
          weight: 1
      holdout: 0.2
      primary_metric:
        event: conversion
        window: 24h
        expected_base_rate: 0.1
      minimum_effect: 0.2
      start: 2026-01-01
      """;

  @TempDir private Path directory;

  private final Map<String, List<SendVerdict>> verdicts = new HashMap<>();
  private final Map<String, SuppressionDecision> suppressions = new HashMap<>();
  private final Map<String, Assignment> assignments = new HashMap<>();
  private final Set<Integer> ready = new TreeSet<>();
  private int capped;

  @Test
  void aThousandRequestsForFiftyPeopleAndAKillInBetween() throws Exception {
    Path config = Files.createDirectories(directory.resolve("config/experiments"));
    Files.writeString(config.resolve("x1.yaml"), EXPERIMENT);
    try (TestingLocal local = new TestingLocal(directory.resolve("stack"), TIMEOUT)) {
      local.start("--jobs", "send-gate,warehouse", "--config-dir", config.getParent().toString());
      try (KafkaProducer<byte[], byte[]> producer = producer(local);
          KafkaConsumer<byte[], byte[]> consumer = consumer(local)) {
        await(consumer, () -> ready.size() == PARTITIONS);
        for (int i = 0; i < REQUESTS; i++) {
          publish(producer, request("q" + i, "r" + i % PEOPLE));
          if (i == REQUESTS / 2) {
            producer.flush();
            await(consumer, () -> verdicts.size() > REQUESTS / 4);
            local.kill("FlinkServer");
          }
        }
        publish(producer, new Reply("re", now(), "r1", null, "thanks, great"));
        publish(producer, new OptOut("o", now(), "r0", "*", OptOutMethod.WEB, null));
        producer.flush();
        await(
            consumer,
            () ->
                verdicts.size() == REQUESTS
                    && !suppressions.isEmpty()
                    && ready.size() == PARTITIONS);
        publish(producer, request("late", "r0"));
        publish(producer, send("m1", "r1"));
        await(consumer, () -> verdicts.containsKey("late") && capped > 0);
        assertOneVerdict();
        assertThat(verdicts.get("late").get(0).reasons()).containsExactly(ReasonCode.OPTED_OUT);
        whoIsNewGetsTheWinner(producer, consumer);
      }
      accountsForPeople(local);
      local.stop();
    }
  }

  private void assertOneVerdict() {
    Map<String, Set<String>> allowed = new HashMap<>();
    Map<String, String> variants = new HashMap<>();
    verdicts.forEach(
        (request, given) -> {
          // The one change that the contract names: requested again after an opt-out, the verdict
          // is
          // DENY.
          assertThat(
                  given.stream()
                      .filter(verdict -> !verdict.reasons().contains(ReasonCode.OPTED_OUT))
                      .map(SendVerdict::decisionId)
                      .distinct())
              .as("%s: %s", request, given)
              .hasSizeLessThanOrEqualTo(1);
          for (SendVerdict verdict : given) {
            String who = verdict.recipientId();
            if (verdict.verdict() == Verdict.ALLOW) {
              allowed.computeIfAbsent(who, r -> new HashSet<>()).add(request);
              assertThat(variants.computeIfAbsent(who, r -> verdict.variantId()))
                  .isEqualTo(verdict.variantId());
            }
            if (verdict.reasons().contains(ReasonCode.HOLDOUT)) {
              assertThat(variants.computeIfAbsent(who, r -> "holdout")).isEqualTo("holdout");
            }
          }
        });
    assertThat(allowed.values())
        .as("a cap of one a day")
        .allMatch(requests -> requests.size() == 1);
    assertThat(allowed).hasSizeGreaterThan(PEOPLE / 2);
    assertThat(Set.copyOf(variants.values())).containsExactlyInAnyOrder("a", "b", "holdout");
    assertThat(assignments.keySet())
        .as("who was held out is assigned")
        .isEqualTo(
            variants.keySet().stream()
                .filter(who -> variants.get(who).equals("holdout"))
                .collect(Collectors.toSet()));
  }

  private void whoIsNewGetsTheWinner(
      KafkaProducer<byte[], byte[]> producer, KafkaConsumer<byte[], byte[]> consumer)
      throws Exception {
    ExperimentDecision winner =
        new ExperimentDecision(
            "d1",
            now(),
            now(),
            List.of(ReasonCode.EVIDENCE_FOR_WINNER),
            1,
            "h",
            "x1",
            ExperimentState.WINNER,
            "b",
            true,
            1,
            now(),
            Map.of("b", 1.0),
            List.of(),
            null,
            null,
            0,
            null,
            null,
            null);
    byte[] json = JsonCodec.of(ExperimentDecision.class).write(winner);
    producer
        .send(
            new ProducerRecord<>(
                NAMES.of(Topic.EXPERIMENT), "x1".getBytes(StandardCharsets.UTF_8), json))
        .get();
    for (int i = 0; ; i++) {
      String requestId = "new-" + i;
      publish(producer, request(requestId, requestId));
      await(consumer, () -> verdicts.containsKey(requestId));
      SendVerdict verdict = verdicts.get(requestId).get(0);
      if (Objects.equals(verdict.epoch(), 1)) {
        assertThat(verdict.variantId()).isEqualTo("b");
        return;
      }
      assertThat(i).as("people requested since the winner was published").isLessThan(1_000);
    }
  }

  /** What people read afterwards, from the warehouse. */
  private static void accountsForPeople(TestingLocal local) {
    local
        .await()
        .untilAsserted(
            () ->
                assertThat(heed(local, "explain", "r0"))
                    .contains(
                        "everything must not be texted since",
                        "OPTED_OUT, by WEB",
                        "DENY for request late"));
    local
        .await()
        .untilAsserted(
            () ->
                assertThat(heed(local, "explain", "r1"))
                    .contains(
                        "PROMOTIONAL on everything: full since",
                        "\"thanks, great\" is NONE: nothing in it was recognised"));
    assertThat(heed(local, "audit", "r0")).contains("REVOCATION", "everything", "WEB");
    assertThat(heed(local, "audit", "r1")).contains("MESSAGE", "list-1");
    assertThat(heed(local, "explain", "' OR 1 = 1 --")).contains("nothing has been decided");
    assertThat(heed(local, "audit", "nobody")).contains("the ledger holds nothing of nobody");
  }

  private static String heed(TestingLocal local, String command, String id) {
    String warehouse = local.endpoint("ClickHouse").replaceFirst(" .*", "");
    StringWriter out = new StringWriter();
    Heed.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(out, true))
        .execute(command, id, "--clickhouse-url", warehouse);
    return out.toString();
  }

  static KafkaProducer<byte[], byte[]> producer(TestingLocal local) {
    return new KafkaProducer<>(
        Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, local.endpoint("Kafka")),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  static KafkaConsumer<byte[], byte[]> consumer(TestingLocal local) {
    KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, local.endpoint("Kafka")),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    List<TopicPartition> partitions = new ArrayList<>();
    for (Topic topic :
        List.of(
            Topic.SEND_VERDICT,
            Topic.SUPPRESSION,
            Topic.FREQUENCY_CAP,
            Topic.HEARTBEAT,
            Topic.ASSIGNMENT)) {
      for (int partition = 0; partition < PARTITIONS; partition++) {
        partitions.add(new TopicPartition(NAMES.of(topic), partition));
      }
    }
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    return consumer;
  }

  private interface Condition {
    boolean holds();
  }

  private void await(KafkaConsumer<byte[], byte[]> consumer, Condition condition) throws Exception {
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    while (!condition.holds()) {
      assertThat(System.nanoTime())
          .as("%d verdicts, ready: %s", verdicts.size(), ready)
          .isLessThan(deadline);
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
        if (record.topic().endsWith("verdict")) {
          SendVerdict verdict = JsonCodec.of(SendVerdict.class).read(record.value());
          verdicts.computeIfAbsent(verdict.requestId(), q -> new ArrayList<>()).add(verdict);
        } else if (record.topic().endsWith("suppression")) {
          SuppressionDecision decision =
              JsonCodec.of(SuppressionDecision.class).read(record.value());
          suppressions.put(decision.key(), decision);
        } else if (record.topic().endsWith("cap")) {
          capped++;
        } else if (record.topic().endsWith("assignment")) {
          Assignment assignment = JsonCodec.of(Assignment.class).read(record.value());
          assignments.put(assignment.recipientId(), assignment);
        } else {
          Heartbeat heartbeat = JsonCodec.of(Heartbeat.class).read(record.value());
          if (heartbeat.ready()) {
            ready.add(heartbeat.partition());
          } else {
            ready.remove(heartbeat.partition());
          }
        }
      }
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // flushed before anything depends on it
  static <T extends Event> void publish(KafkaProducer<byte[], byte[]> producer, T event) {
    Topic topic =
        Topic.events().stream()
            .filter(each -> each.type() == event.getClass())
            .findFirst()
            .orElseThrow();
    @SuppressWarnings("unchecked")
    byte[] value = JsonCodec.of((Class<T>) event.getClass()).write(event);
    producer.send(
        new ProducerRecord<>(
            NAMES.of(topic), event.recipientId().getBytes(StandardCharsets.UTF_8), value));
  }

  private static SendRequest request(String id, String recipient) {
    return new SendRequest(
        "e-" + id,
        now(),
        recipient,
        id,
        "campaign",
        "list-1",
        Category.PROMOTIONAL,
        "x1",
        null,
        null,
        null,
        zoneWhereItIsNoon(),
        null);
  }

  private static Send send(String message, String recipient) {
    return new Send(
        "s-" + message,
        now(),
        recipient,
        message,
        "campaign",
        "list-1",
        Category.PROMOTIONAL,
        null,
        null,
        null,
        null,
        null,
        zoneWhereItIsNoon(),
        1,
        0,
        null,
        null);
  }

  /**
   * So that the test passes at any hour, without a region, since both have to allow. The sign of
   * these zones is the other way round.
   */
  static String zoneWhereItIsNoon() {
    int ahead = 13 - LocalTime.now(ZoneOffset.UTC).getHour();
    return ahead > 0 ? "Etc/GMT-" + ahead : "Etc/GMT+" + -ahead;
  }

  private static long now() {
    return System.currentTimeMillis();
  }
}
