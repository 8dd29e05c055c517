package io.heed.cli;

import io.heed.core.model.TopicNames;
import io.heed.flink.streaming.KafkaTopics;

/** The topics of a deployment, made for a user: what is in the way is a {@link UserError}. */
public final class DeploymentTopics {
  private DeploymentTopics() {}

  /**
   * Creates the topics that are missing and leaves the others as they are.
   *
   * @param partitions of a new deployment; one that exists keeps its number
   * @param replicas of each partition; -1 is the broker's default
   * @throws UserError if Kafka does not respond, or existing topics differ in their partitions, for
   *     then the records about one recipient would not meet in one place
   */
  public static void create(String bootstrap, String prefix, int partitions, short replicas)
      throws InterruptedException {
    try {
      KafkaTopics.ensure(bootstrap, new TopicNames(prefix), partitions, replicas);
    } catch (IllegalStateException e) {
      throw new UserError(e.getMessage(), e);
    }
  }
}
