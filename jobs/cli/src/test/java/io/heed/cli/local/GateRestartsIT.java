package io.heed.cli.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.cli.local.LocalStackOptions.Part;
import io.heed.core.model.Category;
import io.heed.core.model.Heartbeat;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.SendRequest;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.Topic;
import io.heed.core.model.UnreadableException;
import io.heed.core.model.Verdict;
import io.heed.flink.Jobs;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.TopicReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** Send gates that die, are rescaled, and run beside each other, on a real broker. */
class GateRestartsIT {
  private static final Duration TIMEOUT = Duration.ofMinutes(4);
  private static final int PEOPLE = 400;
  private static final int BACKLOG = 1_000;

  @TempDir private static Path directory;
  private static LocalStack stack;

  private JobOptions options;
  private Path checkpoints;
  private KafkaProducer<byte[], byte[]> producer;
  private int requests;

  @BeforeAll
  static void startKafka() throws InterruptedException {
    stack =
        LocalStack.start(
            LocalStackOptions.builder(directory.resolve("stack"))
                .parts(Part.KAFKA)
                .kafkaPort(0)
                .build());
  }

  @AfterAll
  static void stopKafka() {
    stack.close();
  }

  @BeforeEach
  void makeTopics(TestInfo test) throws Exception {
    String name = test.getTestMethod().orElseThrow().getName();
    checkpoints = directory.resolve(name);
    options =
        JobOptions.fromArgs(
            "--kafka",
            stack.endpoints().kafka(),
            "--topic-prefix",
            name.toLowerCase(Locale.ROOT) + ".",
            // Longer than the test: whatever is deferred as stale is so without cause.
            "--stale-after",
            "1h");
    Jobs.ensureTopics(options);
    producer =
        new KafkaProducer<>(
            Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, stack.endpoints().kafka()),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  @Test
  void anOlderGateStopsBeforeANewerOneGivesVerdicts() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    Thread traffic = new Thread(() -> requestUntil(stop));
    try (TestingGate older = gate(1)) {
      await("the older gate is ready").until(this::isReady);
      traffic.start();
      await("verdicts of the older").until(() -> verdicts().size() > 400);
      // More than one where a slow machine made it start again.
      Set<String> old = instances(heartbeats());
      try (TestingGate newer = gate(2)) {
        await("the newer gate is ready")
            .until(() -> isReady() && !old.contains(last(heartbeats()).instance()));
        int before = verdicts().size();
        await("verdicts of the newer").until(() -> verdicts().size() > before + 300);
        stop.set(true);
        traffic.join();
        await("every verdict").until(() -> verdicts().size() == requests);
        List<Heartbeat> heartbeats = heartbeats();
        int claimed = 0;
        while (old.contains(heartbeats.get(claimed).instance())) {
          claimed++;
        }
        int answers = claimed;
        while (!heartbeats.get(answers).ready()
            || old.contains(heartbeats.get(answers).instance())) {
          answers++;
        }
        assertThat(heartbeats.get(claimed).started())
            .isGreaterThan(heartbeats.get(claimed - 1).started());
        assertThat(heartbeats.subList(answers, heartbeats.size()))
            .extracting(Heartbeat::instance)
            .as("once the newer one answers")
            .doesNotContainAnyElementsOf(old);
      }
    }
    assertOneVerdict();
  }

  @Test
  void rescaledAndKilledWhileCatchingUp() throws Exception {
    try (TestingGate first = gate(1)) {
      await("the gate is ready").until(this::isReady);
      publish(BACKLOG);
      await("every verdict").until(() -> verdicts().size() == requests);
    }
    for (int parallelism : new int[] {2, 3, 1, 3}) {
      publish(BACKLOG);
      int answered = verdicts().size();
      try (TestingGate killed = gate(parallelism)) {
        await("some verdicts").until(() -> verdicts().size() > answered);
      }
    }
    try (TestingGate last = gate(2)) {
      await("every verdict").until(() -> verdicts().size() == requests);
      assertOneVerdict();
    }
  }

  /** Nothing lost, no second verdict, no slot given twice, nobody deferred without cause. */
  private void assertOneVerdict() {
    Map<String, List<SendVerdict>> verdicts = verdicts();
    assertThat(verdicts).hasSize(requests);
    Map<String, Set<String>> allowed = new HashMap<>();
    verdicts.forEach(
        (request, given) -> {
          assertThat(given.stream().map(SendVerdict::decisionId).distinct())
              .as("%s: %s", request, given)
              .hasSize(1);
          assertThat(given.get(0).reasons()).as(request).doesNotContain(ReasonCode.STALE_STATE);
          if (given.get(0).verdict() == Verdict.ALLOW) {
            allowed.computeIfAbsent(given.get(0).recipientId(), r -> new HashSet<>()).add(request);
          }
        });
    assertThat(allowed).hasSize(PEOPLE);
    assertThat(allowed.values()).as("one a day").allMatch(each -> each.size() == 1);
  }

  private TestingGate gate(int parallelism) throws Exception {
    List<String> args = new ArrayList<>(List.of(options.toArgs()));
    args.set(args.indexOf("--parallelism") + 1, "" + parallelism);
    return new TestingGate(JobOptions.fromArgs(args.toArray(String[]::new)), checkpoints);
  }

  private void requestUntil(AtomicBoolean stop) {
    try {
      while (!stop.get() || requests < 2 * PEOPLE) {
        publish(1);
        Thread.sleep(10);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // flushed
  private void publish(int count) {
    int ahead = 13 - LocalTime.now(ZoneOffset.UTC).getHour();
    String zoneWhereItIsNoon = ahead > 0 ? "Etc/GMT-" + ahead : "Etc/GMT+" + -ahead;
    for (int i = 0; i < count; i++) {
      long now = System.currentTimeMillis();
      String recipient = "r" + requests % PEOPLE;
      SendRequest request =
          new SendRequest(
              "e" + requests,
              now,
              recipient,
              "q" + requests,
              "campaign",
              "list-1",
              Category.PROMOTIONAL,
              null,
              null,
              null,
              null,
              zoneWhereItIsNoon,
              null);
      producer.send(
          new ProducerRecord<>(
              options.topicNames().of(Topic.SEND_REQUEST),
              recipient.getBytes(StandardCharsets.UTF_8),
              JsonCodec.of(SendRequest.class).write(request)));
      requests++;
    }
    producer.flush();
  }

  private boolean isReady() {
    List<Heartbeat> heartbeats = heartbeats();
    return !heartbeats.isEmpty() && last(heartbeats).ready();
  }

  private static Heartbeat last(List<Heartbeat> heartbeats) {
    return heartbeats.get(heartbeats.size() - 1);
  }

  private static Set<String> instances(List<Heartbeat> heartbeats) {
    return heartbeats.stream().map(Heartbeat::instance).collect(Collectors.toSet());
  }

  /** Those of partition 0, in the order in which Kafka has them. */
  private List<Heartbeat> heartbeats() {
    return read(Topic.HEARTBEAT, Heartbeat.class).stream()
        .filter(heartbeat -> heartbeat.partition() == 0)
        .toList();
  }

  private Map<String, List<SendVerdict>> verdicts() {
    return read(Topic.SEND_VERDICT, SendVerdict.class).stream()
        .collect(Collectors.groupingBy(SendVerdict::requestId));
  }

  private <T> List<T> read(Topic topic, Class<T> type) {
    List<T> all = new ArrayList<>();
    try (TopicReader reader = new TopicReader(options, "test")) {
      reader.readToEnd(topic, Map.of(), record -> all.add(decode(record, type)));
    }
    return all;
  }

  private static <T> T decode(ConsumerRecord<byte[], byte[]> record, Class<T> type) {
    try {
      return JsonCodec.of(type).read(record.value());
    } catch (UnreadableException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ConditionFactory await(String what) {
    return Awaitility.await(what).atMost(TIMEOUT).pollInterval(Duration.ofMillis(100));
  }
}
