package io.heed.flink.streaming;

import io.heed.core.model.Topic;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeConsumerGroupsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/**
 * The rights in Kafka that a job needs: READ on what it reads and WRITE on what it writes, both of
 * which include DESCRIBE, and READ on its consumer groups, whose names begin with {@link #group}.
 */
public final class KafkaRights {
  private static final int TIMEOUT_MILLIS = 30_000;

  private final String job;
  private final Set<Topic> reads;
  private final Set<Topic> writes;

  /** Every job reads the watermark records, too. */
  public KafkaRights(String job, Collection<Topic> reads, Collection<Topic> writes) {
    this.job = job;
    this.reads = EnumSet.copyOf(reads);
    this.reads.add(Topic.TIME_MARK);
    this.writes = EnumSet.copyOf(writes);
  }

  /** The same with topics that are read beside the job's inputs. */
  public KafkaRights reading(Topic... others) {
    Set<Topic> all = reads();
    all.addAll(List.of(others));
    return new KafkaRights(job, all, writes);
  }

  public String job() {
    return job;
  }

  public Set<Topic> reads() {
    return EnumSet.copyOf(reads);
  }

  public Set<Topic> writes() {
    return EnumSet.copyOf(writes);
  }

  /** Every topic that has to be there. */
  public Set<Topic> topics() {
    Set<Topic> topics = reads();
    topics.addAll(writes);
    return topics;
  }

  /** Prefix of the names of the job's consumer groups. */
  public String group(JobOptions options) {
    return options.topicPrefix() + "heed-" + job;
  }

  /**
   * The same as arguments of {@code kafka-acls}: operations by resource. With the right to write
   * the job's metrics, without which it runs as well.
   *
   * @param options the deployment's prefix of topics
   */
  public Map<String, String> acls(JobOptions options) {
    Map<String, String> acls = new LinkedHashMap<>();
    Set<Topic> written = writes();
    written.add(Topic.PIPELINE_METRIC);
    Set<Topic> topics = topics();
    topics.addAll(written);
    for (Topic topic : topics) {
      String operations =
          (reads.contains(topic) ? " --operation READ" : "")
              + (written.contains(topic) ? " --operation WRITE" : "");
      acls.put("--topic " + options.topicNames().of(topic), operations.strip());
    }
    acls.put("--group " + group(options) + " --resource-pattern-type PREFIXED", "--operation READ");
    return acls;
  }

  /**
   * Makes sure that the user may do what the job needs, since a job that starts without it fails
   * again and again.
   *
   * @throws IllegalStateException with every right that is missing
   */
  public void require(JobOptions options) throws InterruptedException {
    Set<String> missing = new TreeSet<>();
    try (Admin admin = KafkaTopics.admin(options.cluster(), TIMEOUT_MILLIS)) {
      var topics =
          admin
              .describeTopics(
                  options.topicNames().of(List.copyOf(topics())),
                  new DescribeTopicsOptions().includeAuthorizedOperations(true))
              .topicNameValues();
      for (Topic topic : topics()) {
        String name = options.topicNames().of(topic);
        Set<AclOperation> allowed = allowed(topics.get(name).get());
        if (reads.contains(topic) && !allowed.contains(AclOperation.READ)) {
          missing.add("READ on topic " + name);
        }
        if (writes.contains(topic) && !allowed.contains(AclOperation.WRITE)) {
          missing.add("WRITE on topic " + name);
        }
      }
      for (String group : List.of(group(options), group(options) + "-config")) {
        if (!mayRead(admin, group)) {
          missing.add("READ on consumer groups with prefix " + group(options));
        }
      }
    } catch (ExecutionException | KafkaException e) {
      throw KafkaTopics.unusable(options.cluster(), e);
    }
    if (!missing.isEmpty()) {
      throw new IllegalStateException(
          "job %s: the user of Kafka at %s lacks %s"
              .formatted(job, options.cluster(), String.join(", ", missing)));
    }
  }

  private static Set<AclOperation> allowed(TopicDescription topic) {
    // A broker that controls no access may leave it out.
    return topic.authorizedOperations() == null
        ? EnumSet.allOf(AclOperation.class)
        : topic.authorizedOperations();
  }

  private static boolean mayRead(Admin admin, String group)
      throws InterruptedException, ExecutionException {
    try {
      Set<AclOperation> allowed =
          admin
              .describeConsumerGroups(
                  List.of(group),
                  new DescribeConsumerGroupsOptions().includeAuthorizedOperations(true))
              .describedGroups()
              .get(group)
              .get()
              .authorizedOperations();
      return allowed == null || allowed.contains(AclOperation.READ);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof AuthorizationException) {
        return false;
      }
      if (e.getCause() instanceof GroupIdNotFoundException) {
        // Whether it may be read shows only once it is there; DESCRIBE at least is granted.
        return true;
      }
      throw e;
    }
  }
}
