package io.heed.flink.sendgate;

import io.heed.core.model.ConfigVersion;
import io.heed.core.model.ExperimentDecision;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.Topic;
import io.heed.core.model.UnreadableException;
import io.heed.core.model.ValueModelVersion;
import io.heed.flink.sendgate.GateInput.Part;
import io.heed.flink.streaming.ConfigTopic;
import io.heed.flink.streaming.ErasedRecipients;
import io.heed.flink.streaming.ErasureTopic;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.TopicReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** The log in Kafka, by a consumer of its own. One thread at a time may use it. */
final class KafkaLog implements GateLog {
  private static final String CLIENT_ID = "heed-send-gate-log";
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final Duration PEEK_TIMEOUT = Duration.ofSeconds(1);
  private static final int PEEK_BYTES = 16 << 10;
  private static final JsonCodec<SendVerdict> VERDICT = JsonCodec.of(SendVerdict.class);
  private static final JsonCodec<ExperimentDecision> EXPERIMENT =
      JsonCodec.of(ExperimentDecision.class);

  private static final JsonCodec<ValueModelVersion> VALUE = JsonCodec.of(ValueModelVersion.class);

  /**
   * Opens it with a job's options.
   *
   * @param inputs topics of the gate
   */
  record Opener(JobOptions options, List<Topic> inputs) implements GateLog.Opener {
    @Override
    public GateLog open() {
      return new KafkaLog(options, inputs);
    }

    @Override
    public HeartbeatLog heartbeats() {
      return new KafkaHeartbeatLog(options);
    }
  }

  private final JobOptions options;
  private final KafkaConsumer<byte[], byte[]> consumer;

  /** Reads one record here and there, so that it fetches little. */
  private final KafkaConsumer<byte[], byte[]> peeking;

  private final Map<TopicPartition, Part> parts = new HashMap<>();
  private Map<Part, Long> lastEnds = Map.of();

  private KafkaLog(JobOptions options, List<Topic> inputs) {
    this.options = options;
    Properties properties =
        options
            .cluster()
            .client(
                Map.of(
                    ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                    "read_committed",
                    ConsumerConfig.CLIENT_ID_CONFIG,
                    options.topicPrefix() + CLIENT_ID));
    consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, PEEK_BYTES);
    peeking =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    List<Topic> topics = new ArrayList<>(inputs);
    topics.add(Topic.SEND_VERDICT);
    for (Topic topic : topics) {
      String name = options.topicNames().of(topic);
      consumer
          .partitionsFor(name, TIMEOUT)
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
  public ErasedRecipients erased() {
    return ErasureTopic.readToEnd(options);
  }

  @Override
  public Ends ends(long at, Map<Part, Long> read) {
    // Otherwise the client warns of each partition whose end is requested.
    consumer.assign(parts.keySet());
    Map<TopicPartition, Long> begins = consumer.beginningOffsets(parts.keySet(), TIMEOUT);
    Map<TopicPartition, Long> ends = consumer.endOffsets(parts.keySet(), TIMEOUT);
    Map<Part, Long> offsets = new HashMap<>();
    Map<TopicPartition, Long> delayed = new HashMap<>();
    ends.forEach(
        (partition, end) -> {
          Part part = parts.get(partition);
          boolean empty = begins.getOrDefault(partition, 0L) >= end;
          offsets.put(part, empty ? 0L : end);
          long position = read.getOrDefault(part, 0L);
          // What has come since the last request is about to be read in any case.
          boolean isDelayed = position < Math.min(end, lastEnds.getOrDefault(part, end));
          if (!empty && isDelayed && !part.isOf(Topic.SEND_VERDICT)) {
            delayed.put(partition, position);
          }
        });
    lastEnds = Map.copyOf(offsets);
    return new Ends(at, offsets, oldestUnread(delayed, ends, offsets));
  }

  /**
   * When the first unread record of each partition was appended. A partition that holds nothing but
   * markers between its position and its end counts as read.
   */
  private Map<Part, Long> oldestUnread(
      Map<TopicPartition, Long> positions,
      Map<TopicPartition, Long> ends,
      Map<Part, Long> offsets) {
    Map<Part, Long> oldest = new HashMap<>();
    Set<TopicPartition> open = new HashSet<>(positions.keySet());
    peeking.assign(positions.keySet());
    positions.forEach(peeking::seek);
    long deadline = System.nanoTime() + PEEK_TIMEOUT.toNanos();
    while (!open.isEmpty() && System.nanoTime() < deadline) {
      ConsumerRecords<byte[], byte[]> records = peeking.poll(PEEK_TIMEOUT.dividedBy(10));
      for (TopicPartition partition : Set.copyOf(open)) {
        Part part = parts.get(partition);
        List<ConsumerRecord<byte[], byte[]>> found = records.records(partition);
        if (!found.isEmpty() && found.get(0).offset() < ends.get(partition)) {
          if (found.get(0).timestampType() == TimestampType.LOG_APPEND_TIME) {
            oldest.put(part, found.get(0).timestamp());
          }
        } else if (peeking.position(partition, PEEK_TIMEOUT) >= ends.get(partition)) {
          offsets.put(part, positions.get(partition));
        } else {
          continue;
        }
        open.remove(partition);
        peeking.pause(List.of(partition));
      }
    }
    peeking.unsubscribe();
    return oldest;
  }

  @Override
  public void experiments(Consumer<ExperimentDecision> each) {
    readToEnd(Topic.EXPERIMENT, EXPERIMENT, Map.of(), each);
  }

  @Override
  public void values(Consumer<ValueModelVersion> each) {
    readToEnd(Topic.VALUE_MODEL, VALUE, Map.of(), each);
  }

  @Override
  public void verdicts(Map<Integer, Long> from, Consumer<SendVerdict> each) {
    readToEnd(Topic.SEND_VERDICT, VERDICT, from, each);
  }

  private <T> void readToEnd(
      Topic topic, JsonCodec<T> codec, Map<Integer, Long> from, Consumer<T> each) {
    try (TopicReader reader = new TopicReader(options, CLIENT_ID)) {
      reader.readToEnd(
          topic,
          from,
          record -> {
            try {
              each.accept(codec.read(record.value()));
            } catch (UnreadableException e) {
              // Not written by Heed.
            }
          });
    }
  }

  @Override
  public void close() {
    consumer.close();
    peeking.close();
  }
}
