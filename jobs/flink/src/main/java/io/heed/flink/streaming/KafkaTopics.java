package io.heed.flink.streaming;

import io.heed.core.model.Topic;
import io.heed.core.model.TopicNames;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The topics of a deployment in Kafka. */
public final class KafkaTopics {
  /**
   * A compacted topic is read whole at a start, and its newest segment is never compacted: small
   * ones keep that read short where keys change often.
   */
  private static final long COMPACTED_SEGMENT_BYTES = 64L << 20;

  private static final int TIMEOUT_MILLIS = 30_000;
  private static final int POLL_MILLIS = 100;
  private static final Logger LOG = LoggerFactory.getLogger(KafkaTopics.class);

  private KafkaTopics() {}

  /**
   * Creates the topics that are missing, all with the same number of partitions, so that records
   * about one recipient lie in partitions of one number. Topics that are there are given what the
   * jobs rely on, since a producer may have made them by writing: LogAppendTime, and compaction
   * where the newest record of each key is kept for ever.
   *
   * @param partitions of a new deployment; one that exists keeps its number
   * @param replicas of each partition; -1 is the broker's default
   * @throws IllegalStateException with a message for the user, if Kafka does not respond or
   *     refuses, or if existing topics differ in their number of partitions
   */
  public static void ensure(String bootstrap, TopicNames names, int partitions, int replicas)
      throws InterruptedException {
    try (Admin admin = Admin.create(clientConfig(bootstrap, TIMEOUT_MILLIS))) {
      Map<String, Integer> existing = partitionsByTopic(admin, names);
      if (existing.values().stream().distinct().count() > 1) {
        throw new IllegalStateException(
            "the topics of Heed on %s differ in their number of partitions, all need the same: %s"
                .formatted(bootstrap, existing));
      }
      int count = existing.values().stream().findFirst().orElse(partitions);
      List<NewTopic> missing =
          Arrays.stream(Topic.values())
              .filter(topic -> !existing.containsKey(names.of(topic)))
              .map(topic -> newTopic(topic, names, count, replicas))
              .toList();
      for (var created : admin.createTopics(missing).values().entrySet()) {
        awaitCreated(created.getKey(), created.getValue());
      }
      awaitLeaders(admin, names, count);
      require(admin, names, existing.keySet());
    } catch (ExecutionException | KafkaException e) {
      throw unusable(bootstrap, e);
    }
  }

  /**
   * Whether a topic is there.
   *
   * @throws IllegalStateException with a message for the user, if Kafka does not answer
   */
  public static boolean exists(String bootstrap, String topic) throws InterruptedException {
    try (Admin admin = Admin.create(clientConfig(bootstrap, TIMEOUT_MILLIS))) {
      return admin.listTopics().names().get().contains(topic);
    } catch (ExecutionException | KafkaException e) {
      throw unusable(bootstrap, e);
    }
  }

  /** Sets what the jobs rely on where an existing topic has it otherwise. */
  private static void require(Admin admin, TopicNames names, Set<String> existing)
      throws InterruptedException, ExecutionException {
    Map<ConfigResource, Map<String, String>> required = new HashMap<>();
    for (Topic topic : Topic.values()) {
      if (existing.contains(names.of(topic))) {
        required.put(
            new ConfigResource(ConfigResource.Type.TOPIC, names.of(topic)), required(topic));
      }
    }
    Map<ConfigResource, Collection<AlterConfigOp>> changes = new HashMap<>();
    for (var present : admin.describeConfigs(required.keySet()).all().get().entrySet()) {
      List<AlterConfigOp> wrong =
          required.get(present.getKey()).entrySet().stream()
              .filter(entry -> !entry.getValue().equals(value(present.getValue(), entry.getKey())))
              .map(entry -> new ConfigEntry(entry.getKey(), entry.getValue()))
              .map(entry -> new AlterConfigOp(entry, AlterConfigOp.OpType.SET))
              .toList();
      if (!wrong.isEmpty()) {
        LOG.warn("Topic {} is changed to {}", present.getKey().name(), wrong);
        changes.put(present.getKey(), wrong);
      }
    }
    admin.incrementalAlterConfigs(changes).all().get();
  }

  private static String value(Config config, String name) {
    ConfigEntry entry = config.get(name);
    return entry == null ? "" : entry.value();
  }

  private static Map<String, String> required(Topic topic) {
    Map<String, String> config = new HashMap<>();
    config.put(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime");
    if (topic.retention() == Topic.Retention.COMPACTED) {
      config.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT);
    }
    return config;
  }

  private static IllegalStateException unusable(String bootstrap, Exception e) {
    Throwable cause = e instanceof ExecutionException ? e.getCause() : e;
    return new IllegalStateException(
        "Kafka at %s cannot be used: %s".formatted(bootstrap, cause.getMessage()), e);
  }

  private static void awaitCreated(String name, KafkaFuture<Void> created)
      throws InterruptedException {
    try {
      created.get();
    } catch (ExecutionException e) {
      // Another starter may have been faster.
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw new IllegalStateException(
            "cannot create topic " + name + ": " + e.getCause().getMessage(), e);
      }
    }
  }

  /**
   * Waits until every partition has a leader that responds. A producer that writes earlier may have
   * its first batch refused and the second taken; a broker then refuses the first for ever, since
   * its number is lower than the partition's last.
   */
  private static void awaitLeaders(Admin admin, TopicNames names, int partitions)
      throws InterruptedException, ExecutionException {
    Map<TopicPartition, OffsetSpec> all = new HashMap<>();
    for (Topic topic : Topic.values()) {
      for (int partition = 0; partition < partitions; partition++) {
        all.put(new TopicPartition(names.of(topic), partition), OffsetSpec.latest());
      }
    }
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TIMEOUT_MILLIS);
    while (true) {
      try {
        admin.listOffsets(all).all().get();
        return;
      } catch (ExecutionException e) {
        // A broker does not know of a topic yet that another has just made.
        if (!(e.getCause() instanceof RetriableException) || System.nanoTime() > until) {
          throw e;
        }
        TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      }
    }
  }

  /** Whether Kafka responds within a short timeout. */
  public static boolean isReachable(String bootstrap, int timeoutMillis) {
    try (Admin admin = Admin.create(clientConfig(bootstrap, timeoutMillis))) {
      return !admin.describeCluster().nodes().get().isEmpty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException | KafkaException e) {
      return false;
    }
  }

  private static Map<String, Object> clientConfig(String bootstrap, int timeoutMillis) {
    return Map.of(
        AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
        bootstrap,
        AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
        timeoutMillis,
        AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
        timeoutMillis);
  }

  private static Map<String, Integer> partitionsByTopic(Admin admin, TopicNames names)
      throws InterruptedException, ExecutionException {
    List<String> present = new ArrayList<>(names.of(List.of(Topic.values())));
    present.retainAll(admin.listTopics().names().get());
    Map<String, Integer> partitions = new TreeMap<>();
    admin
        .describeTopics(present)
        .allTopicNames()
        .get()
        .forEach((name, topic) -> partitions.put(name, topic.partitions().size()));
    return partitions;
  }

  private static NewTopic newTopic(Topic topic, TopicNames names, int partitions, int replicas) {
    Map<String, String> config = required(topic);
    if (topic.retention() == Topic.Retention.COMPACTED) {
      config.put(TopicConfig.SEGMENT_BYTES_CONFIG, Long.toString(COMPACTED_SEGMENT_BYTES));
    } else {
      config.put(TopicConfig.RETENTION_MS_CONFIG, Long.toString(topic.retention().millis()));
    }
    return new NewTopic(names.of(topic), partitions, (short) replicas).configs(config);
  }
}
