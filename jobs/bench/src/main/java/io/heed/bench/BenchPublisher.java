package io.heed.bench;

import io.heed.core.model.Event;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicNames;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Writes traffic for measuring to Kafka. */
final class BenchPublisher {
  private static final Map<Class<?>, Topic> TOPICS =
      Arrays.stream(Topic.values())
          .filter(Topic::carriesEvents)
          .collect(Collectors.toMap(Topic::type, Function.identity()));

  private static final Map<Class<?>, JsonCodec<?>> CODECS =
      TOPICS.keySet().stream().collect(Collectors.toMap(Function.identity(), JsonCodec::of));

  private BenchPublisher() {}

  /** Writes events and returns when the broker has them all. */
  @SuppressWarnings("FutureReturnValueIgnored") // the callback reports
  static void publish(String kafka, TopicNames names, Consumer<Consumer<Event>> events) {
    AtomicReference<Exception> failure = new AtomicReference<>();
    try (KafkaProducer<String, byte[]> producer = producer(kafka, 20)) {
      events.accept(
          event ->
              producer.send(
                  record(names, event),
                  (metadata, e) -> {
                    if (e != null) {
                      failure.compareAndSet(null, e);
                    }
                  }));
      producer.flush();
    }
    if (failure.get() != null) {
      throw new IllegalStateException("could not write the traffic", failure.get());
    }
  }

  static KafkaProducer<String, byte[]> producer(String kafka, int lingerMillis) {
    return new KafkaProducer<>(
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka,
            ProducerConfig.LINGER_MS_CONFIG, lingerMillis,
            ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4"),
        new StringSerializer(),
        new ByteArraySerializer());
  }

  @SuppressWarnings("unchecked")
  static ProducerRecord<String, byte[]> record(TopicNames names, Event event) {
    byte[] json = ((JsonCodec<Event>) CODECS.get(event.getClass())).write(event);
    return new ProducerRecord<>(names.of(TOPICS.get(event.getClass())), event.recipientId(), json);
  }
}
