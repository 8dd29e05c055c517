package io.heed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.cli.local.LocalStack;
import io.heed.cli.local.LocalStackOptions;
import io.heed.cli.local.LocalStackOptions.Part;
import io.heed.core.model.Category;
import io.heed.core.model.Event;
import io.heed.core.model.Heartbeat;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.OptOut;
import io.heed.core.model.OptOutMethod;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.Send;
import io.heed.core.model.SendRequest;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.SuppressionDecision;
import io.heed.core.model.Topic;
import io.heed.core.model.Verdict;
import io.heed.flink.Jobs;
import io.heed.flink.sendgate.SendGateTopology;
import io.heed.flink.streaming.JobEnvironment;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.warehouse.WarehouseJob;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
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

/** The send gate with a real broker, and a task manager that is killed in the middle. */
class SendGateIT {
  private static final int PEOPLE = 50;
  private static final int REQUESTS = 1_000;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir private Path directory;

  private final Map<String, List<SendVerdict>> verdicts = new HashMap<>();
  private final Map<String, SuppressionDecision> suppressions = new HashMap<>();
  private final Set<Integer> ready = new TreeSet<>();
  private int capped;

  @Test
  void aThousandRequestsForFiftyPeopleAndAKillInBetween() throws Exception {
    try (LocalStack stack =
        LocalStack.start(
            LocalStackOptions.builder(directory.resolve("stack"))
                .parts(Part.KAFKA, Part.CLICKHOUSE)
                .kafkaPort(0)
                .clickHousePort(0)
                .build())) {
      JobOptions options = options(stack, false);
      Jobs.ensureTopics(options);
      try (MiniCluster cluster = new MiniCluster(cluster());
          KafkaProducer<byte[], byte[]> producer = producer(options);
          KafkaConsumer<byte[], byte[]> consumer = consumer(options)) {
        cluster.start();
        cluster.submitJob(graph(options).getJobGraph(getClass().getClassLoader())).get();
        await(consumer, () -> ready.size() == options.partitions());
        for (int i = 0; i < REQUESTS; i++) {
          publish(producer, options, request("q" + i, "r" + i % PEOPLE));
          if (i == REQUESTS / 2) {
            producer.flush();
            await(consumer, () -> verdicts.size() > REQUESTS / 4);
            cluster.terminateTaskManager(0).get();
            cluster.startTaskManager();
          }
        }
        publish(producer, options, new OptOut("o", now(), "r0", "*", OptOutMethod.WEB, null));
        producer.flush();
        await(
            consumer,
            () ->
                verdicts.size() == REQUESTS
                    && !suppressions.isEmpty()
                    && ready.size() == options.partitions());
        publish(producer, options, request("late", "r0"));
        publish(producer, options, send("m1", "r1"));
        await(consumer, () -> verdicts.containsKey("late") && capped > 0);
      }
      assertAnsweredOnce();
      assertThat(verdicts.get("late").get(0).reasons()).containsExactly(ReasonCode.OPTED_OUT);
      accountsForPeople(stack);
    }
  }

  private void assertAnsweredOnce() {
    Map<String, Set<String>> allowed = new HashMap<>();
    verdicts.forEach(
        (request, given) -> {
          // The one change that the contract names: asked again after an opt-out, the answer is
          // DENY.
          assertThat(
                  given.stream()
                      .filter(verdict -> !verdict.reasons().contains(ReasonCode.OPTED_OUT))
                      .map(SendVerdict::decisionId)
                      .distinct())
              .as("%s: %s", request, given)
              .hasSizeLessThanOrEqualTo(1);
          if (given.get(0).verdict() == Verdict.ALLOW) {
            allowed.computeIfAbsent(given.get(0).recipientId(), r -> new HashSet<>()).add(request);
          }
        });
    assertThat(allowed.values())
        .as("a cap of one a day")
        .allMatch(requests -> requests.size() == 1);
    assertThat(allowed).hasSizeGreaterThan(PEOPLE / 2);
  }

  /** What people read afterwards, from the warehouse. */
  private void accountsForPeople(LocalStack stack) throws Exception {
    JobOptions bounded = options(stack, true);
    StreamExecutionEnvironment env = JobEnvironment.create(WarehouseJob.NAME, bounded, settings());
    Jobs.all().get(WarehouseJob.NAME).define(env, bounded);
    env.executeAsync().getJobExecutionResult().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

    assertThat(heed(stack, "explain", "r0"))
        .contains(
            "everything must not be texted since", "OPTED_OUT, by WEB", "DENY for request late");
    assertThat(heed(stack, "explain", "r1")).contains("PROMOTIONAL on everything: full since");
    assertThat(heed(stack, "audit", "r0")).contains("REVOCATION", "everything", "WEB");
    assertThat(heed(stack, "audit", "r1")).contains("MESSAGE", "list-1");
    assertThat(heed(stack, "explain", "' OR 1 = 1 --")).contains("nothing has been decided");
    assertThat(heed(stack, "audit", "nobody")).contains("the ledger holds nothing of nobody");
  }

  private static String heed(LocalStack stack, String command, String id) {
    StringWriter out = new StringWriter();
    Heed.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(out, true))
        .execute(command, id, "--clickhouse-url", stack.endpoints().clickHouseUrl());
    return out.toString();
  }

  private static JobOptions options(LocalStack stack, boolean bounded) {
    return JobOptions.fromArgs(
        "--kafka",
        stack.endpoints().kafka(),
        "--clickhouse-url",
        stack.endpoints().clickHouseUrl(),
        "--bounded",
        "" + bounded);
  }

  private static MiniClusterConfiguration cluster() {
    return new MiniClusterConfiguration.Builder()
        .setNumTaskManagers(1)
        .setNumSlotsPerTaskManager(1)
        .setConfiguration(settings())
        .build();
  }

  private static Configuration settings() {
    Configuration settings = new Configuration();
    settings.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofSeconds(1));
    settings.set(CheckpointingOptions.MIN_PAUSE_BETWEEN_CHECKPOINTS, Duration.ofMillis(100));
    settings.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
    settings.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(100));
    settings.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 100);
    return settings;
  }

  private static StreamGraph graph(JobOptions options) throws Exception {
    return Jobs.graph(SendGateTopology.JOB, options, settings());
  }

  private static KafkaProducer<byte[], byte[]> producer(JobOptions options) {
    return new KafkaProducer<>(
        Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, options.kafka()),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  private static KafkaConsumer<byte[], byte[]> consumer(JobOptions options) {
    KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, options.kafka()),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    List<TopicPartition> partitions = new ArrayList<>();
    for (Topic topic :
        List.of(Topic.SEND_VERDICT, Topic.SUPPRESSION, Topic.FREQUENCY_CAP, Topic.HEARTBEAT)) {
      for (int partition = 0; partition < options.partitions(); partition++) {
        partitions.add(new TopicPartition(options.topicNames().of(topic), partition));
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
    long deadline = System.nanoTime() + PATIENCE.toNanos();
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
  private static <T extends Event> void publish(
      KafkaProducer<byte[], byte[]> producer, JobOptions options, T event) {
    Topic topic =
        Topic.events().stream()
            .filter(each -> each.type() == event.getClass())
            .findFirst()
            .orElseThrow();
    @SuppressWarnings("unchecked")
    byte[] value = JsonCodec.of((Class<T>) event.getClass()).write(event);
    producer.send(
        new ProducerRecord<>(
            options.topicNames().of(topic),
            event.recipientId().getBytes(StandardCharsets.UTF_8),
            value));
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
        null,
        null,
        null,
        "US-NY",
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
        "US-NY",
        zoneWhereItIsNoon(),
        1,
        0,
        null,
        null);
  }

  /** So that the test passes at any hour. The sign of these zones is the other way round. */
  private static String zoneWhereItIsNoon() {
    int ahead = 13 - LocalTime.now(ZoneOffset.UTC).getHour();
    return ahead > 0 ? "Etc/GMT-" + ahead : "Etc/GMT+" + -ahead;
  }

  private static long now() {
    return System.currentTimeMillis();
  }
}
