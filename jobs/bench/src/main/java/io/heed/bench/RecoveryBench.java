package io.heed.bench;

import io.heed.cli.local.LocalStack;
import io.heed.cli.local.LocalStackOptions;
import io.heed.cli.local.LocalStackOptions.Part;
import io.heed.core.model.Category;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.SendRequest;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicNames;
import io.heed.core.model.UnreadableException;
import io.heed.flink.Jobs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * How long nobody gets a verdict when the process with all jobs is killed, by the broker's clock,
 * and whether each request still gets one verdict.
 */
final class RecoveryBench {
  private static final TopicNames NAMES = new TopicNames("");
  private static final JsonCodec<SendVerdict> VERDICT = JsonCodec.of(SendVerdict.class);
  private static final Duration REQUEST_INTERVAL = Duration.ofMillis(50);
  private static final Duration TIMEOUT = Duration.ofMinutes(5);

  /** So that a checkpoint lies between two kills. */
  private static final Duration CALM = Duration.ofSeconds(30);

  private final LocalStack stack;
  private final Consumer<String> out;
  private final Map<String, Long> requested = new HashMap<>();
  private final Map<String, Set<String>> verdicts = new HashMap<>();
  private long lastVerdict;

  private RecoveryBench(LocalStack stack, Consumer<String> out) {
    this.stack = stack;
    this.out = out;
  }

  /** On a stack of its own, which has worked off a day's traffic. */
  static void run(
      Path directory, BenchTraffic traffic, long events, int kills, Consumer<String> out)
      throws InterruptedException {
    try (LocalStack stack =
        LocalStack.start(
            LocalStackOptions.builder(directory)
                .kafkaPort(0)
                .clickHousePort(0)
                .flinkPort(0)
                .metricsPort(0)
                .jobs(List.copyOf(Jobs.all().keySet()))
                .notices(line -> out.accept("  " + line))
                .build())) {
      long to = System.currentTimeMillis() - Duration.ofMinutes(10).toMillis();
      BenchPublisher.publish(
          stack.endpoints().kafka(),
          NAMES,
          sink -> traffic.generate(events, to - Duration.ofDays(1).toMillis(), to, sink));
      new RecoveryBench(stack, out).run(kills);
    }
  }

  /** Kills so often, and prints how long each outage was. */
  private void run(int kills) throws InterruptedException {
    try (KafkaProducer<String, byte[]> producer =
            BenchPublisher.producer(stack.endpoints().kafka(), 0);
        KafkaConsumer<byte[], byte[]> consumer = consumer()) {
      request(producer, consumer, TIMEOUT, () -> !verdicts.isEmpty());
      for (int kill = 1; kill <= kills; kill++) {
        request(producer, consumer, CALM, () -> false);
        long killed = System.currentTimeMillis();
        ProcessHandle.of(stack.pid(Part.FLINK)).orElseThrow().destroyForcibly();
        request(producer, consumer, Duration.ofMillis(500), () -> false);
        request(producer, consumer, TIMEOUT, () -> lastVerdict > killed + 500);
        out.accept(
            String.format(
                Locale.ROOT,
                "  kill %d: the first verdict after %.1f s",
                kill,
                (lastVerdict - killed) / 1e3));
        request(producer, consumer, TIMEOUT, stack::areJobsRunning);
        out.accept(
            String.format(
                Locale.ROOT,
                "  kill %d: every job runs after %.1f s",
                kill,
                (System.currentTimeMillis() - killed) / 1e3));
      }
      request(
          producer,
          consumer,
          CALM,
          () -> verdicts.keySet().containsAll(Set.copyOf(requested.keySet())));
    }
    long lost = requested.keySet().stream().filter(id -> !verdicts.containsKey(id)).count();
    long doubled = verdicts.values().stream().filter(different -> different.size() > 1).count();
    out.accept(
        "  %d requests: %d without a verdict, %d with different ones"
            .formatted(requested.size(), lost, doubled));
  }

  /** Requests steadily, and takes the verdicts, for a time or until something holds. */
  @SuppressWarnings("FutureReturnValueIgnored") // a request that is not written has no verdict
  private void request(
      KafkaProducer<String, byte[]> producer,
      KafkaConsumer<byte[], byte[]> consumer,
      Duration longest,
      BooleanSupplier done) {
    long until = System.nanoTime() + longest.toNanos();
    while (System.nanoTime() < until && !done.getAsBoolean()) {
      String id = "recovery-" + requested.size();
      long now = System.currentTimeMillis();
      requested.put(id, now);
      producer.send(BenchPublisher.record(NAMES, request(id, now)));
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(REQUEST_INTERVAL)) {
        take(record);
      }
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    try {
      SendVerdict verdict = VERDICT.read(record.value());
      if (requested.containsKey(verdict.requestId())) {
        verdicts
            .computeIfAbsent(verdict.requestId(), id -> new HashSet<>())
            .add(verdict.verdict() + " " + verdict.reasons());
        lastVerdict = record.timestamp();
      }
    } catch (UnreadableException e) {
      throw new IllegalStateException(e);
    }
  }

  private static SendRequest request(String id, long now) {
    return new SendRequest(
        id,
        now,
        "recipient-of-" + id,
        id,
        "campaign-0",
        "list-0",
        Category.PROMOTIONAL,
        null,
        null,
        null,
        "US-NY",
        "America/New_York",
        null);
  }

  private KafkaConsumer<byte[], byte[]> consumer() {
    KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, stack.endpoints().kafka()),
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
}
