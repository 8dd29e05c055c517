package io.heed.bench;

import io.heed.core.gate.Policy;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicNames;
import io.heed.core.model.ValueModelVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** A policy for all lists of the traffic for measuring, without and with value models. */
final class BenchModel {
  private static final long DAY = Duration.ofDays(1).toMillis();
  private static final String POLICY =
      """
      id: bench
      caps:
        - {category: PROMOTIONAL, limit: 10, window: 30d}
      quiet_hours: {categories: []}
      """;

  /** Nine in ten are optimised. */
  private static final String OPTIMISE = "optimise: {mode: on, control: 0.1}\n";

  /** What the tests of core have stored; as large as any. */
  private static final Path TABLES =
      Path.of(System.getProperty("heed.home", "."))
          .resolve("jobs/core/src/test/resources/documents/value-model.base64");

  private BenchModel() {}

  /** The policy alone: plain caps. */
  static void without(String kafka, TopicNames names)
      throws InterruptedException, ExecutionException {
    try (KafkaProducer<String, byte[]> producer = BenchPublisher.producer(kafka, 0)) {
      publish(producer, names, POLICY);
    }
  }

  /**
   * The policy with the optimizer on, a model a day for each list and a factor for each campaign. A
   * gate keeps the models of ten days.
   */
  static void with(String kafka, TopicNames names, int campaigns, long fromMillis, long toMillis)
      throws IOException, InterruptedException, ExecutionException {
    String tables = Files.readString(TABLES).replaceAll("\\s", "");
    JsonCodec<ValueModelVersion> codec = JsonCodec.of(ValueModelVersion.class);
    String topic = names.of(Topic.VALUE_MODEL);
    try (KafkaProducer<String, byte[]> producer = BenchPublisher.producer(kafka, 0)) {
      publish(producer, names, POLICY + OPTIMISE);
      for (int campaign = 0; campaign < campaigns; campaign++) {
        String list = BenchTraffic.list(campaign);
        ValueModelVersion factor =
            version(list, ValueModelVersion.CAMPAIGN + "campaign-" + campaign, fromMillis, null);
        producer.send(new ProducerRecord<>(topic, factor.key(), codec.write(factor))).get();
        for (long at = fromMillis; at < toMillis; at += DAY) {
          ValueModelVersion model = version(list, ValueModelVersion.MODEL, at, tables);
          producer.send(new ProducerRecord<>(topic, model.key(), codec.write(model))).get();
        }
      }
    }
  }

  private static void publish(
      KafkaProducer<String, byte[]> producer, TopicNames names, String document)
      throws InterruptedException, ExecutionException {
    ConfigVersion version = new ConfigVersion(Policy.KIND.name(), "bench", "bench", 0, 0, document);
    byte[] json = JsonCodec.of(ConfigVersion.class).write(version);
    producer.send(new ProducerRecord<>(names.of(Topic.CONFIG), version.key(), json)).get();
  }

  private static ValueModelVersion version(String list, String part, long from, String tables) {
    boolean model = tables != null;
    return new ValueModelVersion(
        part + from,
        from,
        from,
        List.of(),
        from,
        list,
        part,
        "bench",
        from,
        true,
        tables,
        null,
        null,
        model ? null : 1_000,
        model ? null : 1_000);
  }
}
