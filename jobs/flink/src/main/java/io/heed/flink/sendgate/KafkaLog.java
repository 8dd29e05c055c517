package io.heed.flink.sendgate;

import io.heed.core.model.ConfigVersion;
import io.heed.core.model.ExperimentDecision;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.Topic;
import io.heed.core.model.UnreadableException;
import io.heed.flink.sendgate.GateInput.Part;
import io.heed.flink.streaming.ConfigTopic;
import io.heed.flink.streaming.JobOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** The log in Kafka, by a consumer of its own. One thread at a time may use it. */
final class KafkaLog implements GateLog {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final JsonCodec<SendVerdict> VERDICT = JsonCodec.of(SendVerdict.class);
  private static final JsonCodec<ExperimentDecision> EXPERIMENT =
      JsonCodec.of(ExperimentDecision.class);

  /** Opens it with a job's options. */
  record Opener(JobOptions options) implements GateLog.Opener {
    @Override
    public GateLog open() {
      return new KafkaLog(options);
    }
  }

  private final JobOptions options;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Map<TopicPartition, Part> parts = new HashMap<>();
  private final Map<Part, Long> lastRead = new HashMap<>();

  private KafkaLog(JobOptions options) {
    this.options = options;
    Properties properties = new Properties();
    properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, options.kafka());
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.CLIENT_ID_CONFIG, options.topicPrefix() + "heed-send-gate-log");
    consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    List<Topic> topics = new ArrayList<>(SendGateTopology.INPUTS);
    topics.add(Topic.SEND_VERDICT);
    for (Topic topic : topics) {
      String name = options.topicNames().of(topic);
      consumer
          .partitionsFor(name, PATIENCE)
          .forEach(
              info ->
                  parts.put(
                      new TopicPartition(name, info.partition()),
                      new Part(topic.ordinal(), info.partition())));
    }
  }

  @Override
  public List<ConfigVersion> configuration() {
    return ConfigTopic.readToEnd(options);
  }

  @Override
  public Map<Part, Long> ends(Map<Part, Long> read) {
    Map<TopicPartition, Long> begins = consumer.beginningOffsets(parts.keySet(), PATIENCE);
    Map<TopicPartition, Long> ends = consumer.endOffsets(parts.keySet(), PATIENCE);
    Map<Part, Long> result = new HashMap<>();
    ends.forEach(
        (partition, end) -> {
          Part part = parts.get(partition);
          boolean empty = begins.getOrDefault(partition, 0L) >= end;
          result.put(part, empty ? 0L : withoutMarkers(partition, read.get(part), end));
        });
    lastRead.clear();
    lastRead.putAll(read);
    return result;
  }

  /** A reader that stands still before an end has met nothing but markers, or is stuck. */
  private long withoutMarkers(TopicPartition partition, Long read, long end) {
    Part part = parts.get(partition);
    if (read == null || read >= end || !read.equals(lastRead.get(part))) {
      return end;
    }
    consumer.assign(List.of(partition));
    consumer.seek(partition, read);
    boolean nothing = consumer.poll(Duration.ofMillis(100)).isEmpty();
    return nothing && consumer.position(partition, PATIENCE) >= end ? read : end;
  }

  @Override
  public void experiments(Consumer<ExperimentDecision> each) {
    readToEnd(Topic.EXPERIMENT, EXPERIMENT, Map.of(), each);
  }

  @Override
  public void verdicts(Map<Integer, Long> from, Consumer<SendVerdict> each) {
    readToEnd(Topic.SEND_VERDICT, VERDICT, from, each);
  }

  private <T> void readToEnd(
      Topic topic, JsonCodec<T> codec, Map<Integer, Long> from, Consumer<T> each) {
    List<TopicPartition> partitions =
        parts.entrySet().stream()
            .filter(entry -> entry.getValue().isOf(topic))
            .map(Map.Entry::getKey)
            .toList();
    consumer.assign(partitions);
    Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions, PATIENCE);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, PATIENCE);
    for (TopicPartition partition : partitions) {
      long start = from.getOrDefault(partition.partition(), 0L);
      consumer.seek(partition, Math.max(start, begins.get(partition)));
    }
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!reached(ends)) {
      var records = consumer.poll(Duration.ofMillis(200));
      if (!records.isEmpty()) {
        deadline = System.nanoTime() + PATIENCE.toNanos();
      } else if (System.nanoTime() > deadline) {
        throw new IllegalStateException(topic.baseName() + " could not be read to its end");
      }
      for (ConsumerRecord<byte[], byte[]> record : records) {
        try {
          each.accept(codec.read(record.value()));
        } catch (UnreadableException e) {
          // Not written by Heed.
        }
      }
    }
  }

  private boolean reached(Map<TopicPartition, Long> ends) {
    return ends.entrySet().stream()
        .allMatch(end -> consumer.position(end.getKey(), PATIENCE) >= end.getValue());
  }

  @Override
  public void close() {
    consumer.close();
  }
}
