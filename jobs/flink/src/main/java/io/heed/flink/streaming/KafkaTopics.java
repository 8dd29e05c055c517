package io.heed.flink.streaming;

import io.heed.core.model.Topic;
import io.heed.core.model.TopicNames;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;

/** The topics of a deployment in Kafka. */
public final class KafkaTopics {
  private KafkaTopics() {}

  /**
   * Creates the topics that are missing, all with the same number of partitions, so that records
   * about one recipient lie in partitions of one number.
   *
   * @throws IllegalStateException if existing topics differ in their number of partitions
   */
  public static void ensure(Admin admin, TopicNames names, int partitions, int replicas)
      throws InterruptedException, ExecutionException {
    Set<String> existing = admin.listTopics().names().get();
    List<NewTopic> missing =
        Arrays.stream(Topic.values())
            .filter(topic -> !existing.contains(names.of(topic)))
            .map(topic -> newTopic(topic, names, partitions, replicas))
            .toList();
    for (var created : admin.createTopics(missing).values().values()) {
      try {
        created.get();
      } catch (ExecutionException e) {
        // Another starter was faster.
        if (!(e.getCause() instanceof TopicExistsException)) {
          throw e;
        }
      }
    }
    checkEqualPartitions(admin, names);
  }

  private static void checkEqualPartitions(Admin admin, TopicNames names)
      throws InterruptedException, ExecutionException {
    List<String> topics = names.of(List.of(Topic.values()));
    Map<Integer, Set<String>> byCount = new HashMap<>();
    for (TopicDescription topic : admin.describeTopics(topics).allTopicNames().get().values()) {
      byCount.computeIfAbsent(topic.partitions().size(), n -> new TreeSet<>()).add(topic.name());
    }
    if (byCount.size() > 1) {
      throw new IllegalStateException(
          "Heed's topics need equal numbers of partitions, but have (count=topics) " + byCount);
    }
  }

  private static NewTopic newTopic(Topic topic, TopicNames names, int partitions, int replicas) {
    Map<String, String> config = new HashMap<>();
    config.put(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime");
    if (topic.retention() == Topic.Retention.COMPACTED) {
      config.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT);
    } else {
      config.put(TopicConfig.RETENTION_MS_CONFIG, "" + topic.retention().millis());
    }
    return new NewTopic(names.of(topic), partitions, (short) replicas).configs(config);
  }
}
