package io.heed.cli;

import io.heed.core.model.Event;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.TimeMark;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicNames;
import io.heed.flink.streaming.KafkaCluster;
import io.heed.flink.streaming.KafkaTopics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Publishes events to their topics, each under its recipient's key, so that Kafka's own partitioner
 * brings a recipient's events together. Acknowledged by all replicas, in order within a partition,
 * and never written twice by a retry. Not safe for concurrent use.
 */
public final class EventPublisher implements AutoCloseable {
  private static final Map<Class<?>, Topic> TOPICS =
      Topic.events().stream().collect(Collectors.toMap(Topic::type, Function.identity()));

  private final KafkaCluster kafka;
  private final TopicNames names;
  private final Map<Topic, JsonCodec<Event>> codecs = new EnumMap<>(Topic.class);
  private final KafkaProducer<byte[], byte[]> producer;
  private volatile Exception failure;

  public EventPublisher(KafkaCluster kafka, TopicNames names) {
    this.kafka = kafka;
    this.names = names;
    try {
      this.producer =
          new KafkaProducer<>(
              kafka.client(
                  Map.of(
                      ProducerConfig.ACKS_CONFIG,
                      "all",
                      ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                      true,
                      ProducerConfig.COMPRESSION_TYPE_CONFIG,
                      "lz4",
                      ProducerConfig.LINGER_MS_CONFIG,
                      20,
                      ProducerConfig.BATCH_SIZE_CONFIG,
                      1 << 18)),
              new ByteArraySerializer(),
              new ByteArraySerializer());
    } catch (IllegalArgumentException e) {
      throw new UserError(e.getMessage(), e);
    } catch (KafkaException e) {
      throw failed(e);
    }
  }

  /**
   * Makes sure that all topics it may write are there.
   *
   * @throws UserError if one is missing, or Kafka does not respond
   */
  void requireTopics() throws InterruptedException {
    List<Topic> written = new ArrayList<>(Topic.events());
    written.add(Topic.TIME_MARK);
    requireTopics(kafka, names, written);
  }

  /** The same for other topics; a broker might make missing ones in its own way. */
  static void requireTopics(KafkaCluster kafka, TopicNames names, Collection<Topic> topics)
      throws InterruptedException {
    List<String> missing = new ArrayList<>(names.of(topics));
    try {
      missing.removeAll(KafkaTopics.visible(kafka));
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new UserError(e.getMessage(), e);
    }
    if (!missing.isEmpty()) {
      throw new UserError(
          ("Kafka at %s has no topic %s: a running stack or heed topics makes the topics,"
                  + " --topic-prefix names them; with access control DESCRIBE is needed")
              .formatted(kafka, missing.get(0)));
    }
  }

  /** Topic of an event. */
  static Topic topic(Event event) {
    return TOPICS.get(event.getClass());
  }

  /**
   * Hands an event to the producer; it has arrived after the next {@link #flush}.
   *
   * @throws UserError if Kafka refused this event or an earlier one
   */
  void publish(Event event) throws InterruptedException {
    Topic topic = topic(event);
    publish(topic, event.recipientId(), codec(topic).write(event));
  }

  /**
   * The same for a record as its bytes, which may be no event at all.
   *
   * @throws UserError if Kafka refused this record or an earlier one
   */
  public void publish(Topic topic, String recipientId, byte[] value) throws InterruptedException {
    send(
        new ProducerRecord<>(names.of(topic), recipientId.getBytes(StandardCharsets.UTF_8), value));
  }

  /** Moves event time to an instant, epoch milliseconds, once all events have arrived. */
  void mark(long eventTime) throws InterruptedException {
    flush();
    byte[] mark = JsonCodec.of(TimeMark.class).write(new TimeMark(eventTime));
    String topic = names.of(Topic.TIME_MARK);
    // Into every partition: whichever of them a reader has, it reads the mark.
    for (int partition : partitions(topic)) {
      send(new ProducerRecord<>(topic, partition, null, mark));
    }
    flush();
  }

  private List<Integer> partitions(String topic) throws InterruptedException {
    try {
      return IntStream.range(0, producer.partitionsFor(topic).size()).boxed().toList();
    } catch (InterruptException e) {
      throw interrupted(e);
    } catch (KafkaException e) {
      throw failed(e);
    }
  }

  /** Waits until all that was published has arrived. */
  public void flush() throws InterruptedException {
    try {
      producer.flush();
    } catch (InterruptException e) {
      throw interrupted(e);
    }
    refuseFailure();
  }

  private void send(ProducerRecord<byte[], byte[]> record) throws InterruptedException {
    refuseFailure();
    try {
      // Reported by the callback, so that events need not wait for one another.
      Future<RecordMetadata> unused =
          producer.send(
              record,
              (metadata, e) -> {
                if (e != null) {
                  failure = e;
                }
              });
    } catch (InterruptException e) {
      throw interrupted(e);
    } catch (KafkaException e) {
      throw failed(e);
    }
  }

  @SuppressWarnings("unchecked")
  private JsonCodec<Event> codec(Topic topic) {
    return codecs.computeIfAbsent(topic, t -> (JsonCodec<Event>) JsonCodec.of(t.type()));
  }

  private void refuseFailure() {
    Exception e = failure;
    if (e != null) {
      throw failed(e);
    }
  }

  private UserError failed(Throwable e) {
    return new UserError(
        "cannot publish to Kafka at %s: %s%s"
            .formatted(
                kafka,
                e.getMessage(),
                e instanceof AuthorizationException
                    ? "; grant the user WRITE on what it publishes"
                    : ""),
        e);
  }

  private static InterruptedException interrupted(InterruptException e) {
    // Kafka's exception sets the thread's mark again; this one stands for it.
    Thread.interrupted();
    InterruptedException plain = new InterruptedException(e.getMessage());
    plain.initCause(e);
    return plain;
  }

  /** Drops what has not arrived: who wants it to arrive flushes first. */
  @Override
  public void close() {
    producer.close(Duration.ZERO);
  }
}
