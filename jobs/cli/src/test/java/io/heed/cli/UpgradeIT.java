package io.heed.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
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
import io.heed.core.model.OptIn;
import io.heed.core.model.OptInMethod;
import io.heed.core.model.OptOut;
import io.heed.core.model.OptOutMethod;
import io.heed.core.model.Send;
import io.heed.core.model.SendRequest;
import io.heed.core.model.Topic;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.KafkaTopics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Jobs that start from savepoints, on a real broker, publish what they would have published without
 * a stop: from savepoints that an earlier version wrote, and after partitions were added.
 *
 * <p>The stored ones are written again with {@code -Dheed.states.write=true}.
 */
@Tag("proof")
class UpgradeIT {
  private static final Path STORED = Path.of("src/test/resources/io/heed/cli/savepoints/v1");
  private static final List<String> JOBS =
      List.of("send-gate", "list-health", "experiments", "attribution", "optimizer");

  private static final long NOON = Instant.parse("2026-03-02T17:00:00Z").toEpochMilli();
  private static final long HOUR = Duration.ofHours(1).toMillis();
  private static final int PEOPLE = 60;
  private static final int PARTITIONS = 3;
  private static final int MORE_PARTITIONS = 5;

  @TempDir private static Path directory;
  private static LocalStack stack;
  private static Map<String, JsonNode> undisturbed;

  @BeforeAll
  static void playWithoutAStop() throws Exception {
    stack = kafka("stack");
    try (TestingDeployment straight = deployment(stack, "straight.");
        TestingJobs jobs = new TestingJobs(JOBS, straight.options, Map.of())) {
      straight.publish(before());
      straight.awaitDone(JOBS, jobs::run);
      playOn(straight, jobs);
      undisturbed = straight.outputs();
    }
    Set<String> topics = new HashSet<>();
    undisturbed.keySet().forEach(key -> topics.add(key.substring(0, key.indexOf(' '))));
    assertThat(topics).hasSize(TestingDeployment.OUTPUTS.size());
    assertThat(TestingDeployment.reasons(undisturbed))
        .contains("WITHIN_POLICY", "CAP_REACHED", "OPTED_OUT");
  }

  @AfterAll
  static void stop() {
    if (stack != null) {
      stack.close();
    }
  }

  @Test
  void savepointsOfAnEarlierVersionAreGoneOnFrom() throws Exception {
    if (Boolean.getBoolean("heed.states.write")) {
      write();
    }
    try (TestingDeployment upgraded = deployment(stack, "")) {
      // Where the savepoints have read up to; what stands there is not read again.
      for (Event event : before()) {
        upgraded.send(
            EventPublisher.topic(event),
            event.recipientId(),
            "{}".getBytes(StandardCharsets.UTF_8));
      }
      Map<String, Path> savepoints = new HashMap<>();
      JOBS.forEach(job -> savepoints.put(job, STORED.resolve(job).toAbsolutePath()));
      try (TestingJobs jobs = new TestingJobs(JOBS, upgraded.options, savepoints)) {
        playOn(upgraded, jobs);
      }
      Map<String, JsonNode> outputs = upgraded.outputs();
      assertThat(outputs).hasSizeGreaterThan(undisturbed.size() / 4);
      assertThat(undisturbed).containsAllEntriesOf(outputs);
      assertThat(TestingDeployment.reasons(outputs))
          .contains("WITHIN_POLICY", "CAP_REACHED", "OPTED_OUT");
    }
  }

  /** With a broker of their own: savepoints know topics by their names. */
  private static void write() throws Exception {
    Path metadata = Path.of("_metadata");
    try (LocalStack other = kafka("other");
        TestingDeployment deployment = deployment(other, "");
        TestingJobs jobs = new TestingJobs(JOBS, deployment.options, Map.of())) {
      deployment.publish(before());
      deployment.awaitDone(JOBS, jobs::run);
      for (Map.Entry<String, Path> made : jobs.stop(directory.resolve("made")).entrySet()) {
        Path stored = Files.createDirectories(STORED.resolve(made.getKey()));
        try (Stream<Path> files = Files.list(made.getValue())) {
          assertThat(files.map(Path::getFileName)).containsExactly(metadata);
        }
        Files.write(
            stored.resolve(metadata), Files.readAllBytes(made.getValue().resolve(metadata)));
      }
    }
  }

  @Test
  void partitionsAreAddedBetweenStopAndStart() throws Exception {
    try (TestingDeployment grown = deployment(stack, "grown.")) {
      grown.publish(before());
      Map<String, Path> savepoints;
      try (TestingJobs jobs = new TestingJobs(JOBS, grown.options, Map.of())) {
        grown.awaitDone(JOBS, jobs::run);
        savepoints = jobs.stop(directory.resolve("grown"));
      }
      JobOptions more = grown.with(Map.of("--partitions", "" + MORE_PARTITIONS));
      assertThat(KafkaTopics.addPartitions(more)).hasSize(Topic.values().length);
      assertThat(KafkaTopics.addPartitions(more)).isEmpty();
      assertThatThrownBy(() -> KafkaTopics.addPartitions(grown.options))
          .hasMessageContaining("has %d partitions".formatted(MORE_PARTITIONS));
      try (TestingJobs jobs =
          new TestingJobs(JOBS, grown.with(Map.of("--parallelism", "2")), savepoints)) {
        playOn(grown, jobs);
      }
      assertThat(grown.outputs()).isEqualTo(undisturbed);
      Set<Integer> ready = new HashSet<>();
      grown.read(
          Topic.HEARTBEAT,
          (key, beat) -> {
            if (beat.path("ready").asBoolean()) {
              ready.add(beat.path("partition").asInt());
            }
          });
      assertThat(ready).contains(0, 1, 2, 3, 4);
    }
  }

  private static LocalStack kafka(String name) throws InterruptedException {
    return LocalStack.start(
        LocalStackOptions.builder(directory.resolve(name)).parts(Part.KAFKA).kafkaPort(0).build());
  }

  private static TestingDeployment deployment(LocalStack kafka, String prefix) throws Exception {
    TestingDeployment deployment =
        new TestingDeployment(
            JobOptions.fromArgs(
                "--kafka",
                kafka.endpoints().kafka(),
                "--topic-prefix",
                prefix,
                "--partitions",
                "" + PARTITIONS,
                // Everything before the watermark record is in time, in whatever order it is read.
                "--lateness",
                "12d",
                "--idle-after",
                "3s",
                "--stale-after",
                "1h"));
    deployment.configure(
        "experiment",
        "x1",
        """
        id: x1
        owner: o
        hypothesis: h
        variants:
          - {id: a, weight: 1}
          - {id: b, weight: 1}
        primary_metric: {event: conversion, window: 24h, expected_base_rate: 0.1}
        minimum_effect: 0.2
        start: 2026-01-01
        evaluate_every: 1d
        """);
    return deployment;
  }

  /** What comes after the stop, or would have: facts, requests, then the end of event time. */
  private static void playOn(TestingDeployment deployment, TestingJobs jobs) throws Exception {
    deployment.publish(after());
    deployment.awaitDone(JOBS, jobs::run);
    deployment.publish(requests());
    deployment.awaitDone(JOBS, jobs::run);
    deployment.mark(NOON + Duration.ofDays(40).toMillis());
    deployment.awaitDone(JOBS, jobs::run);
  }

  /** Messages of a week, and what became of them by then. */
  private static List<Event> before() {
    Random random = new Random(11);
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < PEOPLE; i++) {
      String person = person(i);
      events.add(new OptIn("i" + i, NOON - HOUR, person, list(i), OptInMethod.WEB, "form-" + i));
      for (int message = 0; message < 1 + i % 4; message++) {
        String id = "m" + i + "-" + message;
        long at = NOON + message * 26L * HOUR + random.nextInt(1_000_000);
        events.add(
            new Send(
                "s" + id,
                at,
                person,
                id,
                "spring-" + message,
                list(i),
                Category.PROMOTIONAL,
                "x1",
                i % 2 == 0 ? "a" : "b",
                1,
                "att",
                "US-NY",
                null,
                1,
                7_900L,
                null,
                null));
        if (random.nextInt(10) > 0) {
          boolean failed = random.nextInt(10) == 0;
          events.add(
              new Delivery(
                  "d" + id,
                  at + 2_000,
                  person,
                  id,
                  failed ? DeliveryStatus.UNDELIVERED : DeliveryStatus.DELIVERED,
                  failed ? "30003" : null,
                  "twilio",
                  null,
                  null));
        }
      }
      if (i % 10 == 9) {
        events.add(new OptOut("o" + i, NOON + 60 * HOUR, person, "*", OptOutMethod.KEYWORD, null));
      }
    }
    return events;
  }

  /** Clicks, purchases and revocations that follow, most of them on messages of before. */
  private static List<Event> after() {
    Random random = new Random(12);
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < PEOPLE; i++) {
      String person = person(i);
      int message = i % 4;
      long sent = NOON + message * 26L * HOUR;
      if (random.nextInt(3) > 0) {
        events.add(
            new Click(
                "c" + i, sent + HOUR, person, "m" + i + "-" + message, null, null, null, null));
      }
      if (random.nextInt(3) == 0) {
        events.add(
            new Conversion(
                "p" + i,
                sent + 2 * HOUR,
                person,
                "buy-" + i,
                ConversionKind.PURCHASE,
                19_990_000L + i,
                null));
      }
      if (i % 20 == 8) {
        events.add(
            new OptOut("later" + i, sent + 3 * HOUR, person, list(i), OptOutMethod.WEB, null));
      }
      // Once more what was delivered already.
      events.add(
          new Delivery(
              "dm" + i + "-0",
              NOON + 3_000_000,
              person,
              "m" + i + "-0",
              DeliveryStatus.DELIVERED,
              null,
              "twilio",
              null,
              null));
    }
    return events;
  }

  /** Is this message too much? Some have had one within a day. */
  private static List<Event> requests() {
    List<Event> requests = new ArrayList<>();
    for (int i = 0; i < PEOPLE; i++) {
      requests.add(
          new SendRequest(
              "q" + i,
              NOON + 96 * HOUR,
              person(i),
              "request-" + i,
              "summer",
              list(i),
              Category.PROMOTIONAL,
              null,
              null,
              null,
              "US-NY",
              null,
              null));
    }
    return requests;
  }

  private static String person(int i) {
    return "+1212555" + (1000 + i);
  }

  private static String list(int i) {
    return i % 3 == 0 ? "news" : "deals";
  }
}
