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
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
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

  /** Until then a broker that is there has responded. */
  private static final int CONTACT_MILLIS = 8_000;

  private static final int TIMEOUT_MILLIS = 30_000;
  private static final int POLL_MILLIS = 100;
  private static final Logger LOG = LoggerFactory.getLogger(KafkaTopics.class);

  private KafkaTopics() {}

  /**
   * Creates the topics that are missing, all with the same number of partitions, so that records
   * about one recipient lie in partitions of one number. Topics that are there are given what the
   * jobs rely on, since a producer may have made them by writing: LogAppendTime, and compaction
   * where the newest record of each key is kept for ever. What the user may not change is a
   * warning.
   *
   * @param options where Kafka is, and how topics are created
   * @param needed topics that have to be there at the end; of the others those that may be created
   * @throws IllegalStateException with a message for the user, if Kafka does not respond or
   *     refuses, if a topic is missing and may not be created, or if existing topics differ in
   *     their number of partitions
   */
  public static void ensure(JobOptions options, Set<Topic> needed) throws InterruptedException {
    KafkaCluster kafka = options.cluster();
    try (Admin admin = admin(kafka, TIMEOUT_MILLIS)) {
      Map<String, Integer> existing = partitionsByTopic(admin, options.topicNames());
      if (existing.values().stream().distinct().count() > 1) {
        throw new IllegalStateException(
            "the topics of Heed on %s differ in their number of partitions, all need the same (heed topics --add-partitions): %s"
                .formatted(kafka, existing));
      }
      int partitions = existing.values().stream().findFirst().orElse(options.partitions());
      List<Topic> missing =
          Arrays.stream(Topic.values())
              .filter(topic -> !existing.containsKey(options.topicNames().of(topic)))
              .toList();
      create(admin, options, missing, needed, partitions);
      awaitLeaders(admin, options.topicNames().of(needed), partitions);
      require(admin, options.topicNames(), existing.keySet());
    } catch (ExecutionException | KafkaException e) {
      throw unusable(kafka, e);
    }
  }

  /**
   * Gives every topic of a deployment as many partitions as the options state. For jobs that do not
   * run: one that runs would publish by the old number until it is started again.
   *
   * @return names of the topics that had fewer
   * @throws IllegalStateException with a message for the user, if Kafka does not respond or
   *     refuses, if no topic is visible, or if one has more: partitions cannot be taken away
   */
  public static List<String> addPartitions(JobOptions options) throws InterruptedException {
    try (Admin admin = admin(options.cluster(), TIMEOUT_MILLIS)) {
      Map<String, Integer> existing = partitionsByTopic(admin, options.topicNames());
      if (existing.isEmpty()) {
        throw new IllegalStateException(
            "no topic of Heed with prefix '%s' is visible on %s"
                .formatted(options.topicPrefix(), options.cluster()));
      }
      Map<String, NewPartitions> fewer = new TreeMap<>();
      for (var topic : existing.entrySet()) {
        if (topic.getValue() > options.partitions()) {
          throw new IllegalStateException(
              "%s has %d partitions: Kafka takes none away, give --partitions %d or more"
                  .formatted(topic.getKey(), topic.getValue(), topic.getValue()));
        }
        if (topic.getValue() < options.partitions()) {
          fewer.put(topic.getKey(), NewPartitions.increaseTo(options.partitions()));
        }
      }
      admin.createPartitions(fewer).all().get();
      awaitLeaders(admin, List.copyOf(fewer.keySet()), options.partitions());
      return List.copyOf(fewer.keySet());
    } catch (ExecutionException | KafkaException e) {
      throw unusable(options.cluster(), e);
    }
  }

  /** Every topic of a deployment as it is created, whether it is there or not. */
  public static List<NewTopic> all(JobOptions options) {
    return Arrays.stream(Topic.values())
        .map(topic -> newTopic(topic, options, options.partitions()))
        .toList();
  }

  /**
   * Names of the topics that the user may describe.
   *
   * @throws IllegalStateException with a message for the user, if Kafka does not respond or refuses
   */
  public static Set<String> visible(KafkaCluster kafka) throws InterruptedException {
    try (Admin admin = admin(kafka, CONTACT_MILLIS)) {
      return names(admin);
    } catch (ExecutionException | KafkaException e) {
      throw unusable(kafka, e);
    }
  }

  /** Whether Kafka responds within a short timeout. */
  public static boolean isReachable(KafkaCluster kafka, int timeoutMillis) {
    try (Admin admin = admin(kafka, timeoutMillis)) {
      return !admin.describeCluster().nodes().get().isEmpty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException | KafkaException e) {
      return false;
    }
  }

  /** An administrator of a cluster, with a timeout for each call. */
  public static Admin admin(KafkaCluster kafka, int timeoutMillis) {
    return Admin.create(
        kafka.client(
            Map.of(
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                timeoutMillis,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                timeoutMillis)));
  }

  /** What is wrong and what to check, for the user. */
  static IllegalStateException unusable(KafkaCluster kafka, Exception e) {
    Throwable cause = e instanceof ExecutionException ? e.getCause() : e;
    StringBuilder what = new StringBuilder();
    for (Throwable t = cause;
        t != null && what.indexOf(t.getMessage() + "") < 0;
        t = t.getCause()) {
      what.append(what.isEmpty() ? "" : ": ").append(t.getMessage());
    }
    String file = kafka.config() == null ? "a file of --kafka-config" : kafka.config().toString();
    String check =
        cause instanceof SaslAuthenticationException
            ? "; check sasl.mechanism and sasl.jaas.config in " + file
            : cause instanceof SslAuthenticationException
                ? "; check security.protocol and ssl.truststore.location in " + file
                : cause instanceof TimeoutException
                    ? "; check that it runs at this address, and whether it wants TLS or SASL ("
                        + "security.protocol in "
                        + file
                        + ")"
                    : cause instanceof AuthorizationException
                        ? "; grant the user what heed topics --acls prints, and CREATE and DESCRIBE"
                            + " where it creates topics"
                        : "";
    return new IllegalStateException(
        "Kafka at %s cannot be used: %s%s".formatted(kafka, what, check), e);
  }

  private static void create(
      Admin admin, JobOptions options, List<Topic> missing, Set<Topic> needed, int partitions)
      throws InterruptedException {
    if (!options.createsTopics()) {
      if (missing.stream().anyMatch(needed::contains)) {
        throw new IllegalStateException(
            "topics are missing on %s, or may not be described by this user: %s; heed topics prints"
                    .formatted(
                        options.cluster(),
                        options.topicNames().of(missing.stream().filter(needed::contains).toList()))
                + " the commands that create them");
      }
      return;
    }
    Map<String, Topic> byName = new HashMap<>();
    missing.forEach(topic -> byName.put(options.topicNames().of(topic), topic));
    List<NewTopic> topics =
        missing.stream().map(topic -> newTopic(topic, options, partitions)).toList();
    for (var created : admin.createTopics(topics).values().entrySet()) {
      try {
        created.getValue().get();
      } catch (ExecutionException e) {
        boolean refused = e.getCause() instanceof AuthorizationException;
        // Another starter may have been faster; and what this user cannot see may be there.
        if (!(e.getCause() instanceof TopicExistsException)
            && (!refused || needed.contains(byName.get(created.getKey())))) {
          throw new IllegalStateException(
              "cannot create topic %s: %s%s"
                  .formatted(
                      created.getKey(),
                      e.getCause().getMessage(),
                      refused
                          ? "; grant CREATE on it, or create it as heed topics prints and grant"
                              + " DESCRIBE"
                          : ""),
              e);
        }
      }
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
    for (var present : admin.describeConfigs(required.keySet()).values().entrySet()) {
      ConfigResource topic = present.getKey();
      Map<String, String> wanted = required.get(topic);
      if (isAllowed(present.getValue(), "described", topic, wanted)) {
        Config config = present.getValue().get();
        List<AlterConfigOp> wrong =
            wanted.entrySet().stream()
                .filter(entry -> !entry.getValue().equals(value(config, entry.getKey())))
                .map(entry -> new ConfigEntry(entry.getKey(), entry.getValue()))
                .map(entry -> new AlterConfigOp(entry, AlterConfigOp.OpType.SET))
                .toList();
        if (!wrong.isEmpty()) {
          LOG.warn("Topic {} is changed to {}", topic.name(), wrong);
          changes.put(topic, wrong);
        }
      }
    }
    for (var changed : admin.incrementalAlterConfigs(changes).values().entrySet()) {
      isAllowed(changed.getValue(), "altered", changed.getKey(), required.get(changed.getKey()));
    }
  }

  private static boolean isAllowed(
      KafkaFuture<?> result, String what, ConfigResource topic, Map<String, String> wanted)
      throws InterruptedException, ExecutionException {
    try {
      result.get();
      return true;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof AuthorizationException) {
        LOG.warn(
            "The configuration of topic {} may not be {} by this user; jobs rely on {}",
            topic.name(),
            what,
            wanted);
        return false;
      }
      throw e;
    }
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

  /**
   * Waits until every partition has a leader that responds. A producer that writes earlier may have
   * its first batch refused and the second taken; a broker then refuses the first for ever, since
   * its number is lower than the partition's last.
   */
  private static void awaitLeaders(Admin admin, List<String> topics, int partitions)
      throws InterruptedException, ExecutionException {
    Map<TopicPartition, OffsetSpec> all = new HashMap<>();
    for (String topic : topics) {
      for (int partition = 0; partition < partitions; partition++) {
        all.put(new TopicPartition(topic, partition), OffsetSpec.latest());
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

  private static Map<String, Integer> partitionsByTopic(Admin admin, TopicNames names)
      throws InterruptedException, ExecutionException {
    List<String> present = new ArrayList<>(names.of(List.of(Topic.values())));
    present.retainAll(names(admin));
    Map<String, Integer> partitions = new TreeMap<>();
    admin
        .describeTopics(present)
        .allTopicNames()
        .get()
        .forEach((name, topic) -> partitions.put(name, topic.partitions().size()));
    return partitions;
  }

  private static Set<String> names(Admin admin) throws InterruptedException, ExecutionException {
    return admin.listTopics(new ListTopicsOptions().timeoutMs(CONTACT_MILLIS)).names().get();
  }

  private static NewTopic newTopic(Topic topic, JobOptions options, int partitions) {
    Map<String, String> config = new TreeMap<>(required(topic));
    if (topic.retention() == Topic.Retention.COMPACTED) {
      config.put(TopicConfig.SEGMENT_BYTES_CONFIG, Long.toString(COMPACTED_SEGMENT_BYTES));
    } else {
      config.put(TopicConfig.RETENTION_MS_CONFIG, Long.toString(topic.retention().millis()));
    }
    if (options.minInsyncReplicas() > 0) {
      config.put(
          TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, Integer.toString(options.minInsyncReplicas()));
    }
    return new NewTopic(
            options.topicNames().of(topic), partitions, (short) options.replicationFactor())
        .configs(config);
  }
}
