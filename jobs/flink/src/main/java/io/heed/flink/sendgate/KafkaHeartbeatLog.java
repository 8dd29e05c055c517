package io.heed.flink.sendgate;

import io.heed.core.model.Heartbeat;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.Topic;
import io.heed.core.model.UnreadableException;
import io.heed.flink.streaming.JobOptions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Utils;

/** The heartbeats in Kafka, by clients of their own. One thread at a time may use them. */
final class KafkaHeartbeatLog implements HeartbeatLog {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final JsonCodec<Heartbeat> CODEC = JsonCodec.of(Heartbeat.class);
  private static final byte[] KEY = Integer.toString(PARTITION).getBytes(StandardCharsets.UTF_8);

  /** More than a minute of heartbeats, the claims of a start among them. */
  private static final long NEWEST = 1_000;

  private final JobOptions options;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final TopicPartition partition;
  private boolean positioned;

  KafkaHeartbeatLog(JobOptions options) {
    this.options = options;
    consumer =
        new KafkaConsumer<>(
            options
                .cluster()
                .client(
                    Map.of(
                        ConsumerConfig.CLIENT_ID_CONFIG,
                        options.topicPrefix() + "heed-send-gate-heartbeats",
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "latest")),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    String topic = options.topicNames().of(Topic.HEARTBEAT);
    int partitions = consumer.partitionsFor(topic, TIMEOUT).size();
    // As Kafka's default partitioner places the key.
    partition = new TopicPartition(topic, Utils.toPositive(Utils.murmur2(KEY)) % partitions);
    consumer.assign(List.of(partition));
  }

  @Override
  public long append(Heartbeat heartbeat) {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            options
                .cluster()
                .client(Map.of(ProducerConfig.MAX_BLOCK_MS_CONFIG, (int) TIMEOUT.toMillis())),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      ProducerRecord<byte[], byte[]> record =
          new ProducerRecord<>(
              partition.topic(), partition.partition(), KEY, CODEC.write(heartbeat));
      return producer.send(record).get().timestamp();
    } catch (ExecutionException e) {
      throw new KafkaException("no heartbeat can be written", e.getCause());
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  @Override
  public void next(Consumer<Beat> each) {
    List<TopicPartition> all = List.of(partition);
    long end = consumer.endOffsets(all, TIMEOUT).get(partition);
    if (!positioned) {
      long begin = consumer.beginningOffsets(all, TIMEOUT).get(partition);
      consumer.seek(partition, Math.max(begin, end - NEWEST));
      positioned = true;
    }
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    while (consumer.position(partition, TIMEOUT) < end) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
        try {
          each.accept(new Beat(CODEC.read(record.value()), record.timestamp()));
        } catch (UnreadableException e) {
          // Not written by Heed.
        }
      }
      if (System.nanoTime() > deadline) {
        throw new TimeoutException(partition + " cannot be read to its end");
      }
    }
  }

  @Override
  public void close() {
    consumer.close();
  }
}
