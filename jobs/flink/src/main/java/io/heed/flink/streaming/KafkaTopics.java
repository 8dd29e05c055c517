package io.heed.flink.streaming;

import io.heed.core.model.Topic;
import io.heed.core.model.TopicNames;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;

/** The topics of a deployment in Kafka. */
public final class KafkaTopics {
  /**
   * A compacted topic is read whole at a start, and its newest segment is never compacted: small
   * ones keep that read short where keys change often.
   */
  private static final long COMPACTED_SEGMENT_BYTES = 64L << 20;

  private KafkaTopics() {}

  /**
   * Creates the topics that are missing, all with the same number of partitions, so that records
   * about one recipient lie in partitions of one number.
   *
   * @param partitions of a new deployment; one that exists keeps its number
   * @param replicas of each partition; -1 is the broker's default
   * @throws IllegalStateException if existing topics differ in their number of partitions
   */
  public static void ensure(Admin admin, TopicNames names, int partitions, int replicas)
      throws InterruptedException, ExecutionException {
    Map<String, Integer> existing = partitionsByTopic(admin, names);
    if (existing.values().stream().distinct().count() > 1) {
      throw new IllegalStateException(
          "the topics of Heed need equal numbers of partitions, but have " + existing);
    }
    int count = existing.values().stream().findFirst().orElse(partitions);
    List<NewTopic> missing =
        Arrays.stream(Topic.values())
            .filter(topic -> !existing.containsKey(names.of(topic)))
            .map(topic -> newTopic(topic, names, count, replicas))
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
    Map<String, String> config = new HashMap<>();
    config.put(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime");
    if (topic.retention() == Topic.Retention.COMPACTED) {
      config.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT);
      config.put(TopicConfig.SEGMENT_BYTES_CONFIG, Long.toString(COMPACTED_SEGMENT_BYTES));
    } else {
      config.put(TopicConfig.RETENTION_MS_CONFIG, Long.toString(topic.retention().millis()));
    }
    return new NewTopic(names.of(topic), partitions, (short) replicas).configs(config);
  }
}
