package io.heed.cli;

import io.heed.core.model.Topic;
import io.heed.flink.Jobs;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.KafkaTopics;
import java.util.Collection;
import java.util.Set;
import java.util.function.Consumer;

/** The topics of a deployment, made for a user: what is in the way is a {@link UserError}. */
public final class DeploymentTopics {
  private DeploymentTopics() {}

  private interface Step {
    void run() throws InterruptedException;
  }

  /**
   * Creates the topics that are missing and leaves the others as they are.
   *
   * @param options where Kafka is, and how topics are created
   * @param needed topics that have to be there; of the others those that may be created
   * @throws UserError if Kafka does not respond, or existing topics differ in their partitions, for
   *     then the records about one recipient would not meet in one place
   */
  public static void create(JobOptions options, Set<Topic> needed) throws InterruptedException {
    explained(() -> KafkaTopics.ensure(options, needed));
  }

  /**
   * The same for what jobs need; checks the user's rights, and the warehouse's database.
   *
   * @param notices takes what is in the way and passes by itself
   * @throws UserError if a topic or a right is missing as well
   */
  public static void prepare(JobOptions options, Collection<String> jobs, Consumer<String> notices)
      throws InterruptedException {
    explained(() -> Jobs.prepare(options, jobs, notices));
  }

  /**
   * Gives every topic as many partitions as the options state.
   *
   * @return how many had fewer
   * @throws UserError if Kafka does not respond or refuses, or a topic has more
   */
  static int addPartitions(JobOptions options) throws InterruptedException {
    int[] grown = new int[1];
    explained(() -> grown[0] = KafkaTopics.addPartitions(options).size());
    return grown[0];
  }

  private static void explained(Step step) throws InterruptedException {
    try {
      step.run();
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new UserError(e.getMessage(), e);
    }
  }
}
