package io.heed.client;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.utils.Utils;

/**
 * Settings of Kafka clients: what the user gives (servers, TLS, SASL) and what Heed's contract
 * demands.
 */
public final class KafkaSettings {
  /** What the contract relies on. */
  private static final List<String> OWN =
      List.of(
          ProducerConfig.ACKS_CONFIG,
          ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
          ProducerConfig.PARTITIONER_CLASS_CONFIG,
          ProducerConfig.PARTITIONER_IGNORE_KEYS_CONFIG,
          ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION,
          ProducerConfig.TRANSACTIONAL_ID_CONFIG,
          ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
          ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
          ConsumerConfig.ISOLATION_LEVEL_CONFIG,
          ConsumerConfig.GROUP_ID_CONFIG);

  private final Map<String, Object> given;

  /**
   * Settings of a cluster.
   *
   * @param given properties of Kafka clients, bootstrap.servers at least
   * @throws IllegalArgumentException if servers are missing, or a property is Heed's own
   */
  public KafkaSettings(Map<String, ?> given) {
    this.given = new HashMap<>(given);
    if (!given.containsKey(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG)) {
      throw new IllegalArgumentException("bootstrap.servers: required, but missing");
    }
    for (String name : OWN) {
      if (given.containsKey(name)) {
        throw new IllegalArgumentException(name + ": is set by Heed, remove it");
      }
    }
  }

  /**
   * Settings with the properties of a file beside the servers.
   *
   * @param servers HOST:PORT, separated by commas
   * @param file of client properties as Kafka's own tools take them, or null
   * @throws IOException if the file cannot be read
   */
  public static KafkaSettings of(String servers, Path file) throws IOException {
    Map<String, Object> all = new HashMap<>();
    if (file != null) {
      all.putAll(Utils.propsToStringMap(Utils.loadProps(file.toString())));
    }
    all.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, servers);
    return new KafkaSettings(all);
  }

  /**
   * A producer's: acknowledged by all replicas, never written twice by a retry, in order.
   *
   * @param timeout until a record counts as lost, and the longest that a call may block; null for
   *     Kafka's own
   */
  Map<String, Object> producer(Duration timeout) {
    Map<String, Object> settings = new HashMap<>(given);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    // A broker that has just started may refuse a new producer's first batch, take its second, and
    // then refuse the first for ever.
    settings.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
    settings.putIfAbsent(ProducerConfig.LINGER_MS_CONFIG, 2);
    // What a topic looks like is not dropped in a quiet hour: looking it up would block the caller.
    settings.put(ProducerConfig.METADATA_MAX_IDLE_CONFIG, Duration.ofDays(1).toMillis());
    if (timeout != null) {
      int millis = Math.toIntExact(timeout.toMillis());
      settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
      settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, millis);
      settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, millis);
      settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, millis);
    }
    return settings;
  }

  /** An administrator's, which looks up where partitions end. */
  Map<String, Object> admin() {
    return Map.copyOf(given);
  }

  /** A consumer's without a group. */
  Map<String, Object> consumer(boolean fromBeginning) {
    Map<String, Object> settings = new HashMap<>(given);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    // A broker would make a missing topic in its own way.
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, fromBeginning ? "earliest" : "latest");
    return settings;
  }
}
