package io.heed.cli.erasure;

import io.heed.core.model.Topic;
import io.heed.flink.streaming.JobOptions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Topics of one partition in memory, with something to happen once a topic has been read. */
final class TestingLog implements ErasedTopics.Reads {
  private static final JobOptions OPTIONS = JobOptions.fromArgs("--kafka", "127.0.0.1:1");

  private final Map<String, List<ConsumerRecord<byte[], byte[]>>> topics = new HashMap<>();
  private final Map<Topic, Runnable> onceRead = new HashMap<>();

  ErasedTopics topics(People people, long now) {
    return new ErasedTopics(OPTIONS, people, () -> now, this, 1, new LogProducer());
  }

  void append(Topic topic, String key, byte[] value) {
    append(OPTIONS.topicNames().of(topic), key.getBytes(StandardCharsets.UTF_8), value);
  }

  void onceRead(Topic topic, Runnable action) {
    onceRead.put(topic, action);
  }

  /** Of each key the newest value, without tombstones. */
  Map<String, byte[]> table(Topic topic) {
    Map<String, byte[]> table = new LinkedHashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : records(OPTIONS.topicNames().of(topic))) {
      String key = new String(record.key(), StandardCharsets.UTF_8);
      if (record.value() == null) {
        table.remove(key);
      } else {
        table.put(key, record.value());
      }
    }
    return table;
  }

  @Override
  public void toEnd(
      Topic topic, Map<Integer, Long> from, Consumer<ConsumerRecord<byte[], byte[]>> each) {
    List<ConsumerRecord<byte[], byte[]>> all = records(OPTIONS.topicNames().of(topic));
    int begin = from.getOrDefault(0, 0L).intValue();
    List.copyOf(all.subList(begin, all.size())).forEach(each);
    Optional.ofNullable(onceRead.remove(topic)).ifPresent(Runnable::run);
  }

  @Override
  public void close() {}

  private List<ConsumerRecord<byte[], byte[]>> records(String topic) {
    return topics.computeIfAbsent(topic, name -> new ArrayList<>());
  }

  private long append(String topic, byte[] key, byte[] value) {
    List<ConsumerRecord<byte[], byte[]>> records = records(topic);
    long offset = records.size();
    records.add(
        new ConsumerRecord<>(
            topic,
            0,
            offset,
            1_000 + offset,
            TimestampType.LOG_APPEND_TIME,
            0,
            0,
            key,
            value,
            new RecordHeaders(),
            Optional.empty()));
    return offset;
  }

  private final class LogProducer extends MockProducer<byte[], byte[]> {
    LogProducer() {
      super(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    }

    @Override
    public synchronized Future<RecordMetadata> send(
        ProducerRecord<byte[], byte[]> record, Callback callback) {
      long offset = append(record.topic(), record.key(), record.value());
      return CompletableFuture.completedFuture(
          new RecordMetadata(new TopicPartition(record.topic(), 0), offset, 0, 0, 0, 0));
    }
  }
}
