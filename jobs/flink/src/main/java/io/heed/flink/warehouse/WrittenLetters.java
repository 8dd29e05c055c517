package io.heed.flink.warehouse;

import io.heed.core.model.DeadLetter;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.Topic;
import io.heed.core.model.UnreadableException;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.TopicReader;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Reads back which dead letters have been written. */
final class WrittenLetters {
  private static final JsonCodec<DeadLetter> CODEC = JsonCodec.of(DeadLetter.class);

  private WrittenLetters() {}

  /**
   * The last offset that was set aside, by {@link #source}.
   *
   * @param sinceMillis letters that the broker took before are left out, epoch milliseconds
   * @throws IllegalStateException if Kafka gives nothing for a minute
   */
  static Map<String, Long> lastOffsets(JobOptions options, long sinceMillis) {
    Map<String, Long> last = new HashMap<>();
    try (TopicReader reader = new TopicReader(options, "heed-dead-letters")) {
      reader.readToEnd(
          Topic.DEAD_LETTER,
          reader.offsetsSince(Topic.DEAD_LETTER, sinceMillis),
          record -> take(record, last));
    }
    return last;
  }

  private static void take(ConsumerRecord<byte[], byte[]> record, Map<String, Long> last) {
    try {
      DeadLetter letter = CODEC.read(record.value());
      last.merge(source(letter.topic(), letter.partition()), letter.offset(), Math::max);
    } catch (UnreadableException e) {
      // Not written by us: it becomes a dead letter itself.
    }
  }

  /** Where a record that is set aside came from. */
  static String source(String topic, int partition) {
    return topic + "|" + partition;
  }
}
