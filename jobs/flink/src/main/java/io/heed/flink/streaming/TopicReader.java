package io.heed.flink.streaming;

import io.heed.core.model.Topic;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads topics up to where they end at this moment, beside the job's own inputs. One thread at a
 * time may use it.
 */
public final class TopicReader implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(200);

  private final JobOptions options;
  private final KafkaConsumer<byte[], byte[]> consumer;

  /**
   * @param options where Kafka is, and the topics' prefix
   * @param clientId what the broker's logs and quotas call the reader
   */
  public TopicReader(JobOptions options, String clientId) {
    this.options = options;
    consumer =
        new KafkaConsumer<>(
            options
                .cluster()
                .client(
                    Map.of(
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed",
                        ConsumerConfig.CLIENT_ID_CONFIG,
                        options.topicPrefix() + clientId)),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
  }

  /** Partitions of a topic. */
  public List<TopicPartition> partitions(Topic topic) {
    String name = options.topicNames().of(topic);
    return consumer.partitionsFor(name, TIMEOUT).stream()
        .map(info -> new TopicPartition(name, info.partition()))
        .toList();
  }

  /**
   * By partition number, the first offset that was appended at {@code sinceMillis} or later, the
   * end where there is none.
   *
   * @param sinceMillis append time, epoch milliseconds
   */
  public Map<Integer, Long> offsetsSince(Topic topic, long sinceMillis) {
    List<TopicPartition> partitions = partitions(topic);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, TIMEOUT);
    Map<TopicPartition, Long> instants = new HashMap<>();
    partitions.forEach(partition -> instants.put(partition, sinceMillis));
    Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(instants, TIMEOUT);
    Map<Integer, Long> offsets = new HashMap<>();
    for (TopicPartition partition : partitions) {
      OffsetAndTimestamp first = found.get(partition);
      offsets.put(partition.partition(), first == null ? ends.get(partition) : first.offset());
    }
    return offsets;
  }

  /**
   * Gives every record of a topic from {@code from} up to the end at this moment.
   *
   * @param from first offset by partition number; the beginning where there is none
   * @throws IllegalStateException if Kafka gives nothing for a minute
   */
  public void readToEnd(
      Topic topic, Map<Integer, Long> from, Consumer<ConsumerRecord<byte[], byte[]>> each) {
    List<TopicPartition> partitions = partitions(topic);
    consumer.assign(partitions);
    Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions, TIMEOUT);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, TIMEOUT);
    for (TopicPartition partition : partitions) {
      long start = from.getOrDefault(partition.partition(), 0L);
      consumer.seek(partition, Math.max(start, begins.get(partition)));
    }
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    while (!reached(ends)) {
      ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
      if (!records.isEmpty()) {
        deadline = System.nanoTime() + TIMEOUT.toNanos();
      } else if (System.nanoTime() > deadline) {
        throw new IllegalStateException(
            "%s could not be read to its end: nothing came for %d s"
                .formatted(options.topicNames().of(topic), TIMEOUT.toSeconds()));
      }
      records.forEach(each);
    }
  }

  private boolean reached(Map<TopicPartition, Long> ends) {
    return ends.entrySet().stream()
        .allMatch(end -> consumer.position(end.getKey(), TIMEOUT) >= end.getValue());
  }

  @Override
  public void close() {
    consumer.close();
  }
}
