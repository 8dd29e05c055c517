package io.heed.cli.demo;

import io.heed.cli.UserError;
import io.heed.core.model.TopicNames;
import io.heed.sim.Arrival;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Puts simulated records into Kafka, keyed by their recipient. */
final class EventPublisher implements AutoCloseable {
  private final TopicNames names;
  private final KafkaProducer<byte[], byte[]> producer;
  private final AtomicReference<Exception> failure = new AtomicReference<>();

  EventPublisher(String kafka, TopicNames names) {
    this.names = names;
    this.producer =
        new KafkaProducer<>(
            Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                kafka,
                ProducerConfig.ACKS_CONFIG,
                "all",
                ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                true,
                ProducerConfig.COMPRESSION_TYPE_CONFIG,
                "lz4",
                ProducerConfig.LINGER_MS_CONFIG,
                20,
                ProducerConfig.BATCH_SIZE_CONFIG,
                128 << 10),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  /**
   * Sends a record; it is sure to be there after the next {@link #flush}.
   *
   * @throws UserError if Kafka did not take an earlier one
   */
  void publish(Arrival arrival) throws InterruptedException {
    byte[] key = arrival.key().getBytes(StandardCharsets.UTF_8);
    try {
      Future<RecordMetadata> unused =
          producer.send(
              new ProducerRecord<>(names.of(arrival.topic()), key, arrival.value()),
              (metadata, e) -> failure.compareAndSet(null, e));
    } catch (InterruptException e) {
      throw interrupted();
    }
    refuseFailures();
  }

  /** Waits until Kafka has everything. */
  void flush() throws InterruptedException {
    try {
      producer.flush();
    } catch (InterruptException e) {
      throw interrupted();
    }
    refuseFailures();
  }

  private void refuseFailures() {
    Exception e = failure.get();
    if (e != null) {
      throw new UserError("Kafka did not take an event: " + e.getMessage(), e);
    }
  }

  /** Kafka's own exception sets the flag again; the thread is about to end by ours. */
  private static InterruptedException interrupted() {
    Thread.interrupted();
    return new InterruptedException();
  }

  @Override
  public void close() {
    producer.close(Duration.ZERO);
  }
}
