package io.heed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.cli.local.LocalStack;
import io.heed.cli.local.LocalStackOptions;
import io.heed.cli.local.LocalStackOptions.Part;
import io.heed.core.model.ListHealthRow;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import io.heed.core.model.TopicNames;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code heed run} against a Kafka that is there already. */
class RunIT {
  private static final String PREFIX = "run.";
  private static final TopicNames NAMES = new TopicNames(PREFIX);
  private static final int SENDS = 500;

  @TempDir private static Path directory;
  private static LocalStack stack;
  private static String kafka;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeAll
  static void startKafka() throws InterruptedException {
    stack =
        LocalStack.start(
            LocalStackOptions.builder(directory.resolve("kafka"))
                .parts(Part.KAFKA)
                .kafkaPort(0)
                .topicPrefix(PREFIX)
                .build());
    kafka = stack.endpoints().kafka();
  }

  @AfterAll
  static void stopKafka() {
    stack.close();
  }

  @Test
  void aBoundedRunCountsWhatIsThereAndEnds() throws Exception {
    publishSends();

    assertThat(run("list-health", "--kafka", kafka, "--bounded", "true"))
        .as(err.toString())
        .isZero();

    assertThat(out.toString()).contains("running     list-health").endsWith("finished\n");
    assertThat(dailySends()).isEqualTo(SENDS);
  }

  @Test
  void aKafkaThatDoesNotAnswerIsOneLine() {
    assertThat(run("list-health", "--kafka", "127.0.0.1:1")).isNotZero();

    assertThat(err.toString().lines().filter(line -> line.startsWith("heed: ")))
        .singleElement()
        .asString()
        .contains("127.0.0.1:1");
  }

  private int run(String... args) {
    CommandLine heed = Heed.commandLine();
    heed.setOut(new PrintWriter(out, true));
    heed.setErr(new PrintWriter(err, true));
    List<String> command =
        new ArrayList<>(
            List.of("run", "--data-dir", directory.resolve("run").toString(), "--topic-prefix"));
    command.addAll(List.of(PREFIX, "--flink-port", "0", "--metrics-port", "0"));
    command.addAll(List.of(args));
    return heed.execute(command.toArray(String[]::new));
  }

  @SuppressWarnings("FutureReturnValueIgnored") // close waits, and a failure shows as missing sends
  private static void publishSends() {
    long now = System.currentTimeMillis();
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(
            Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka),
            new StringSerializer(),
            new StringSerializer())) {
      for (int i = 0; i < SENDS; i++) {
        String send =
            """
            {"event_id": "e%1$d", "event_time": %2$d, "recipient_id": "r%1$d", "message_id": "m%1$d",
             "campaign_id": "spring", "list_id": "deals", "category": "PROMOTIONAL"}"""
                .formatted(i, now);
        producer.send(new ProducerRecord<>(NAMES.of(Topic.SEND), "r" + i, send));
      }
    }
  }

  /** Sends of the list's days, by the newest row of each key. */
  private static long dailySends() throws Exception {
    Map<String, ListHealthRow> newest = new HashMap<>();
    TopicCodec codec = new TopicCodec();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(NAMES.of(Topic.LIST_HEALTH_RESULT)).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
          if (codec.read(Topic.LIST_HEALTH_RESULT, record.value(), record.timestamp())
              instanceof ListHealthRow row) {
            newest.merge(
                new String(record.key(), StandardCharsets.UTF_8),
                row,
                (a, b) -> a.seq() > b.seq() ? a : b);
          }
        }
      }
    }
    return newest.values().stream()
        .filter(row -> row.windowSeconds() == 86_400 && row.campaignId().isEmpty())
        .mapToLong(ListHealthRow::sends)
        .sum();
  }
}
