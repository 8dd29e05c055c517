package io.heed.cli;

import io.heed.core.model.Topic;
import io.heed.core.model.TopicNames;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;

/** The topics of a deployment, as they have to be in Kafka. */
public final class KafkaTopics {
  private static final int TIMEOUT_MILLIS = 30_000;

  /**
   * A compacted topic is read whole at a start, and its newest segment is never compacted: small
   * ones keep that read short where keys change often.
   */
  private static final long COMPACTED_SEGMENT_BYTES = 64L << 20;

  private KafkaTopics() {}

  /**
   * Creates the topics that are missing and leaves the others as they are.
   *
   * @param partitions of a new deployment; one that exists keeps its number
   * @param replicas of each partition; -1 is the broker's default
   * @throws UserError if Kafka does not answer, or existing topics differ in their partitions, for
   *     then the records about one recipient would not meet in one place
   */
  public static void create(String bootstrap, String prefix, int partitions, short replicas)
      throws InterruptedException {
    try (Admin admin = Admin.create(clientConfig(bootstrap))) {
      TopicNames names = new TopicNames(prefix);
      Map<String, Integer> existing = partitionsByTopic(admin, names);
      if (existing.values().stream().distinct().count() > 1) {
        throw new UserError(
            "the topics of Heed on %s differ in their number of partitions, all need the same: %s"
                .formatted(bootstrap, existing));
      }
      int count = existing.values().stream().findFirst().orElse(partitions);
      List<NewTopic> missing = new ArrayList<>();
      for (Topic topic : Topic.values()) {
        if (!existing.containsKey(names.of(topic))) {
          missing.add(
              new NewTopic(names.of(topic), count, replicas).configs(config(topic.retention())));
        }
      }
      admin.createTopics(missing).values().forEach((name, created) -> awaitCreated(name, created));
    } catch (ExecutionException | TimeoutException e) {
      throw unreachable(bootstrap, e);
    }
  }

  private static void awaitCreated(String name, org.apache.kafka.common.KafkaFuture<Void> created) {
    try {
      created.get(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw new UserError("cannot create topic " + name + ": " + e.getCause().getMessage(), e);
      }
    } catch (TimeoutException e) {
      throw new UserError("cannot create topic " + name + ": Kafka does not answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserError("interrupted while creating topic " + name, e);
    }
  }

  private static Map<String, Integer> partitionsByTopic(Admin admin, TopicNames names)
      throws InterruptedException, ExecutionException, TimeoutException {
    List<String> present = new ArrayList<>(names.of(List.of(Topic.values())));
    present.retainAll(admin.listTopics().names().get(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS));
    Map<String, TopicDescription> described =
        admin.describeTopics(present).allTopicNames().get(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
    Map<String, Integer> partitions = new HashMap<>();
    described.forEach((name, topic) -> partitions.put(name, topic.partitions().size()));
    return partitions;
  }

  private static Map<String, String> config(Topic.Retention retention) {
    Map<String, String> config = new HashMap<>();
    config.put(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime");
    if (retention == Topic.Retention.COMPACTED) {
      config.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT);
      config.put(TopicConfig.SEGMENT_BYTES_CONFIG, Long.toString(COMPACTED_SEGMENT_BYTES));
    } else {
      config.put(TopicConfig.RETENTION_MS_CONFIG, Long.toString(retention.millis()));
    }
    return config;
  }

  /** Whether Kafka answers, asked without patience. */
  public static boolean isReachable(String bootstrap, int timeoutMillis) {
    Map<String, Object> config = clientConfig(bootstrap);
    config.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, timeoutMillis);
    config.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, timeoutMillis);
    try (Admin admin = Admin.create(config)) {
      return !admin.describeCluster().nodes().get().isEmpty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException e) {
      return false;
    }
  }

  private static Map<String, Object> clientConfig(String bootstrap) {
    Map<String, Object> config = new HashMap<>();
    config.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
    config.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, TIMEOUT_MILLIS);
    config.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, TIMEOUT_MILLIS);
    return config;
  }

  private static UserError unreachable(String bootstrap, Exception e) {
    Throwable cause = e instanceof ExecutionException ? e.getCause() : e;
    return new UserError(
        "Kafka at %s cannot be used: %s".formatted(bootstrap, cause.getMessage()), e);
  }
}
