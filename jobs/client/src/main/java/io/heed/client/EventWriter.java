package io.heed.client;

import io.heed.core.model.Event;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicNames;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Writes events to their topics, each under its recipient's id, so that Kafka's default partitioner
 * brings a recipient's records together. Safe for concurrent use.
 */
public final class EventWriter implements AutoCloseable {
  private static final Map<Class<?>, Topic> TOPICS =
      Topic.events().stream().collect(Collectors.toMap(Topic::type, Function.identity()));

  private final TopicNames names;
  private final KafkaProducer<byte[], byte[]> producer;

  /**
   * A writer that does not connect before it is used.
   *
   * @param timeout until an event counts as lost; null for Kafka's own, two minutes
   */
  public EventWriter(KafkaSettings kafka, TopicNames names, Duration timeout) {
    this.names = names;
    this.producer =
        new KafkaProducer<>(
            kafka.producer(timeout), new ByteArraySerializer(), new ByteArraySerializer());
  }

  /**
   * Connects now, so that no later call waits for it.
   *
   * @throws KafkaException if Kafka does not respond or a topic is not there
   */
  public void connect(Collection<Topic> topics) {
    topics.forEach(topic -> producer.partitionsFor(names.of(topic)));
  }

  /**
   * Writes an event as it is.
   *
   * @return done once all replicas have it; failed if that is not known: write the same event
   *     again, for what has one event_id counts once
   */
  public CompletableFuture<Void> write(Event event) {
    return write(topic(event), event.recipientId(), json(event));
  }

  /** The same for a record as its bytes. */
  public CompletableFuture<Void> write(Topic topic, String key, byte[] value) {
    CompletableFuture<Void> written = new CompletableFuture<>();
    try {
      var unused =
          producer.send(
              new ProducerRecord<>(names.of(topic), key.getBytes(StandardCharsets.UTF_8), value),
              (metadata, e) -> {
                if (e == null) {
                  written.complete(null);
                } else {
                  written.completeExceptionally(e);
                }
              });
    } catch (KafkaException | IllegalStateException e) {
      written.completeExceptionally(e);
    }
    return written;
  }

  /** Topic of an event. */
  public static Topic topic(Event event) {
    return TOPICS.get(event.getClass());
  }

  /** An event as its topic carries it. */
  @SuppressWarnings("unchecked")
  public static byte[] json(Event event) {
    return ((JsonCodec<Event>) JsonCodec.of((Class<?>) event.getClass())).write(event);
  }

  /** Waits until all that was written has arrived or failed. */
  public void flush() {
    producer.flush();
  }

  /** Gives what is on its way ten seconds. */
  @Override
  public void close() {
    producer.close(Duration.ofSeconds(10));
  }
}
