package io.heed.bench;

import io.heed.core.experiments.ExperimentReader;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicNames;
import java.time.Instant;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** The experiments of the traffic for measuring: one a campaign, of four arms and six metrics. */
final class BenchExperiments {
  private static final String DOCUMENT =
      """
      id: %s
      owner: bench
      hypothesis: none
      variants:
        - {id: v0, weight: 1}
        - {id: v1, weight: 1}
        - {id: v2, weight: 1}
        - {id: v3, weight: 1}
      primary_metric: {event: click, window: 24h, expected_base_rate: 0.06}
      metrics:
        - {event: reply, window: 24h, expected_base_rate: 0.01}
        - {name: purchase, event: conversion, window: 3d, expected_base_rate: 0.02}
        - {name: revenue, event: conversion, type: revenue, window: 3d, expected_base_rate: 0.02,
           expected_value: 45.00}
        - {event: delivery, window: 1h, expected_base_rate: 0.96}
      guardrails:
        - {event: opt-out, window: 24h}
      minimum_effect: 0.1
      start: %s
      """;

  private BenchExperiments() {}

  static String id(int campaign) {
    return "bench-" + campaign;
  }

  /** The variant that a recipient always has in a campaign's experiment. */
  static String variant(int recipient, int campaign) {
    return "v" + (((recipient + 31 * campaign) * 0x9E3779B9) >>> 30);
  }

  /** Publishes the files. */
  static void publish(String kafka, TopicNames names, int campaigns, long startMillis)
      throws InterruptedException, ExecutionException {
    JsonCodec<ConfigVersion> codec = JsonCodec.of(ConfigVersion.class);
    try (KafkaProducer<String, byte[]> producer = BenchPublisher.producer(kafka, 0)) {
      for (int campaign = 0; campaign < campaigns; campaign++) {
        String document = DOCUMENT.formatted(id(campaign), Instant.ofEpochMilli(startMillis));
        ConfigVersion version =
            new ConfigVersion(
                ExperimentReader.KIND.name(),
                id(campaign),
                "bench",
                startMillis,
                startMillis,
                document);
        String topic = names.of(Topic.CONFIG);
        producer.send(new ProducerRecord<>(topic, version.key(), codec.write(version))).get();
      }
    }
  }
}
