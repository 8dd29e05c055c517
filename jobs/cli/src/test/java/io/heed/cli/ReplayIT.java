package io.heed.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import io.heed.cli.local.LocalStack;
import io.heed.cli.local.LocalStackOptions;
import io.heed.cli.local.LocalStackOptions.Part;
import io.heed.core.model.Click;
import io.heed.core.model.Conversion;
import io.heed.core.model.Event;
import io.heed.core.model.TimeMark;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import io.heed.core.model.TopicNames;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command against a broker. */
class ReplayIT {
  private static final String PREFIX = "it.";
  private static final TopicNames NAMES = new TopicNames(PREFIX);

  @TempDir private static Path directory;
  private static LocalStack stack;

  @BeforeAll
  static void startKafka() throws Exception {
    stack =
        LocalStack.start(
            LocalStackOptions.builder(directory.resolve("stack"))
                .parts(Part.KAFKA)
                .kafkaPort(0)
                .topicPrefix(PREFIX)
                .build());
  }

  @AfterAll
  static void stopKafka() {
    stack.close();
  }

  @Test
  void hillstromFedTwiceAndShuffledCountsOnce() throws Exception {
    Path file = dataset("hillstrom/hillstrom.csv.gz");
    List<String> lines = lines(file);
    Collections.shuffle(lines.subList(1, lines.size()), new Random(7));
    Path shuffled = Files.write(directory.resolve("shuffled.csv"), lines);

    Result first = replay(file.toString(), "--mapping", "hillstrom");
    Result second =
        replay(
            shuffled.toString(),
            "--mapping",
            "../../sim-data/mappings/hillstrom.yaml",
            "--complete");

    assertThat(first.code()).as(first.err()).isZero();
    assertThat(first.out()).contains("64,000 rows", "it.sms.send", "42,694");
    assertThat(second.code()).as(second.err()).isZero();
    Map<String, Event> events = new HashMap<>();
    List<TimeMark> marks = new ArrayList<>();
    Map<TopicPartition, Long> reached = new HashMap<>();
    TopicCodec codec = new TopicCodec();
    long records = 0;
    for (ConsumerRecord<byte[], byte[]> record : consumeAll()) {
      Object content = codec.read(NAMES.topic(record.topic()), record.value(), record.timestamp());
      if (content instanceof TimeMark mark) {
        marks.add(mark);
        continue;
      }
      Event event = (Event) content;
      records++;
      TopicPartition partition = new TopicPartition(record.topic(), record.partition());
      Event same = events.putIfAbsent(event.eventId(), event);
      // Plain conditions, since assertions on every record would take a minute.
      boolean inOrder = event.eventTime() >= reached.getOrDefault(partition, 0L);
      if (same == null ? !inOrder : !same.equals(event)) {
        fail("%s of %s after %d, before %s", event, partition, reached.get(partition), same);
      }
      if (same == null) {
        reached.put(partition, event.eventTime());
      }
      byte[] key = event.recipientId().getBytes(StandardCharsets.UTF_8);
      if (!Arrays.equals(record.key(), key)
          || record.partition() != Utils.toPositive(Utils.murmur2(key)) % 4) {
        fail("%s is in partition %s", event, partition);
      }
    }
    assertThat(records).isEqualTo(2L * events.size());
    Collection<Event> unique = events.values();
    assertThat(count(unique, Topic.ASSIGNMENT)).isEqualTo(64_000);
    assertThat(count(unique, Topic.SEND)).isEqualTo(42_694);
    assertThat(count(unique, Topic.DELIVERY)).isEqualTo(42_694);
    assertThat(count(unique, Topic.CLICK)).isEqualTo(9_394);
    assertThat(unique.stream().filter(e -> e instanceof Click c && c.messageId() != null))
        .hasSize(7_132);
    assertThat(count(unique, Topic.CONVERSION)).isEqualTo(578);
    assertThat(
            unique.stream().mapToLong(e -> e instanceof Conversion c ? c.revenueMicros() : 0).sum())
        .isEqualTo(67_258_130_000L);
    long last = unique.stream().mapToLong(Event::eventTime).max().orElseThrow();
    assertThat(marks).hasSize(4).containsOnly(new TimeMark(last + Duration.ofDays(36).toMillis()));
  }

  @Test
  void withoutTopicsNothingIsPublished() throws Exception {
    Path file = Files.writeString(directory.resolve("cats.csv"), CATS);

    assertThat(
            run(
                    file.toString(),
                    "--mapping",
                    "cookie_cats",
                    "--kafka",
                    stack.endpoints().kafka(),
                    "--topic-prefix",
                    "typo.")
                .err())
        .contains("has no topic typo.sms.send: ");
  }

  static final String CATS =
      "userid,version,sum_game_rounds,retention_1,retention_7\n1,gate_30,3,True,False\n";

  /** What a command has said. */
  record Result(int code, String out, String err) {}

  private static Result replay(String... args) {
    List<String> all = new ArrayList<>(List.of(args));
    all.addAll(List.of("--kafka", stack.endpoints().kafka(), "--topic-prefix", PREFIX));
    return run(all.toArray(String[]::new));
  }

  static Result run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> all = new ArrayList<>(List.of("replay"));
    all.addAll(List.of(args));
    CommandLine heed = Heed.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int code = heed.execute(all.toArray(String[]::new));
    return new Result(code, out.toString(), err.toString());
  }

  private static long count(Collection<Event> events, Topic topic) {
    return events.stream().filter(topic.type()::isInstance).count();
  }

  private static List<ConsumerRecord<byte[], byte[]>> consumeAll() {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, stack.endpoints().kafka()),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<Topic> topics = new ArrayList<>(Topic.events());
      topics.add(Topic.TIME_MARK);
      List<TopicPartition> partitions =
          topics.stream()
              .flatMap(topic -> consumer.partitionsFor(NAMES.of(topic)).stream())
              .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> left = new LinkedHashMap<>(consumer.endOffsets(partitions));
      left.values().removeIf(end -> end == 0);
      while (!left.isEmpty()) {
        consumer.poll(Duration.ofSeconds(10)).forEach(records::add);
        left.entrySet().removeIf(end -> consumer.position(end.getKey()) >= end.getValue());
      }
    }
    return records;
  }

  private static Path dataset(String relative) {
    String configured = System.getenv("HEED_DATASETS");
    Path root = Path.of("../..").toAbsolutePath().normalize();
    Path datasets = configured == null ? root.resolve("../shared/datasets") : Path.of(configured);
    Path file = datasets.resolve(relative).normalize();
    return Files.exists(file)
        ? file
        : abort("Skipped: no data set " + file + "; set HEED_DATASETS to the folder of data sets");
  }

  private static List<String> lines(Path gzipped) throws Exception {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(gzipped)), StandardCharsets.UTF_8))) {
      return new ArrayList<>(reader.lines().toList());
    }
  }
}
