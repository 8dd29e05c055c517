package io.heed.flink.warehouse;

import io.heed.core.model.DeadLetter;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.Topic;
import io.heed.core.model.UnreadableException;
import io.heed.flink.streaming.JobOptions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads back which dead letters have been written. */
final class WrittenLetters {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final JsonCodec<DeadLetter> CODEC = JsonCodec.of(DeadLetter.class);

  private WrittenLetters() {}

  /**
   * The last offset that was set aside, by {@link DeadLetters#source}.
   *
   * @param sinceMillis letters that the broker took before are left out, epoch milliseconds
   * @throws IllegalStateException if Kafka does not give them within a minute
   */
  static Map<String, Long> lastOffsets(JobOptions options, long sinceMillis) {
    Properties properties = new Properties();
    properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, options.kafka());
    String topic = options.topicNames().of(Topic.DEAD_LETTER);
    Map<String, Long> last = new HashMap<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic, PATIENCE).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, PATIENCE);
      consumer.assign(partitions);
      Map<TopicPartition, OffsetAndTimestamp> starts =
          consumer.offsetsForTimes(
              partitions.stream().collect(Collectors.toMap(p -> p, p -> sinceMillis)), PATIENCE);
      for (TopicPartition partition : partitions) {
        OffsetAndTimestamp start = starts.get(partition);
        consumer.seek(partition, start == null ? ends.get(partition) : start.offset());
      }
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
        if (System.nanoTime() > deadline) {
          throw new IllegalStateException(topic + " could not be read to its end in " + PATIENCE);
        }
        consumer.poll(Duration.ofMillis(200)).forEach(record -> take(record, last));
      }
    }
    return last;
  }

  private static void take(ConsumerRecord<byte[], byte[]> record, Map<String, Long> last) {
    try {
      DeadLetter letter = CODEC.read(record.value());
      last.merge(
          DeadLetters.source(letter.topic(), letter.partition()), letter.offset(), Math::max);
    } catch (UnreadableException e) {
      // Not written by us: it becomes a dead letter itself.
    }
  }
}
