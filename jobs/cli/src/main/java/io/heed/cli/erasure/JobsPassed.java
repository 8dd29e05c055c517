package io.heed.cli.erasure;

import io.heed.core.model.Topic;
import io.heed.flink.Jobs;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.KafkaTopics;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Which jobs have a checkpoint from after given records: a job commits the offsets of its consumer
 * group when a checkpoint is complete, and what came of the records is in it.
 */
public final class JobsPassed {
  private static final int TIMEOUT_MILLIS = 30_000;
  private static final long POLL_MILLIS = 500;

  private JobsPassed() {}

  /**
   * Waits until every job that has ever run, and reads erasures, has passed the records.
   *
   * @param until offset after the last of them, by partition
   * @param without jobs that are not waited for
   * @return those that have passed (true), and those that have not within the timeout
   */
  public static Map<String, Boolean> await(
      JobOptions options,
      Map<TopicPartition, Long> until,
      Collection<String> without,
      Duration timeout)
      throws InterruptedException, ExecutionException {
    long deadline = System.nanoTime() + timeout.toNanos();
    try (Admin admin = KafkaTopics.admin(options.cluster(), TIMEOUT_MILLIS)) {
      while (true) {
        Map<String, Boolean> passed = new TreeMap<>();
        for (String job : jobs(admin, options)) {
          if (!without.contains(job)) {
            passed.put(job, hasPassed(admin, Jobs.rights(job).group(options), until));
          }
        }
        if (!passed.containsValue(false) || System.nanoTime() > deadline) {
          return passed;
        }
        TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      }
    }
  }

  private static Set<String> jobs(Admin admin, JobOptions options)
      throws InterruptedException, ExecutionException {
    Set<String> groups = new TreeSet<>();
    for (GroupListing group : admin.listGroups().all().get()) {
      groups.add(group.groupId());
    }
    Set<String> jobs = new TreeSet<>(Jobs.all().keySet());
    jobs.removeIf(
        job ->
            !Jobs.rights(job).reads().contains(Topic.ERASURE)
                || !groups.contains(Jobs.rights(job).group(options)));
    return jobs;
  }

  private static boolean hasPassed(Admin admin, String group, Map<TopicPartition, Long> until)
      throws InterruptedException, ExecutionException {
    Map<TopicPartition, OffsetAndMetadata> committed =
        admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
    return until.entrySet().stream()
        .allMatch(
            each -> {
              OffsetAndMetadata offset = committed.get(each.getKey());
              return offset != null && offset.offset() >= each.getValue();
            });
  }
}
