package io.heed.cli.demo;

import io.heed.cli.UserError;
import io.heed.core.gate.Optimise;
import io.heed.core.model.Assignment;
import io.heed.core.model.Decision;
import io.heed.core.model.Heartbeat;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import io.heed.core.model.TopicNames;
import io.heed.core.model.UnreadableException;
import io.heed.flink.streaming.KafkaCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** The decisions for the sending system from the moment when this is made. */
public final class DecisionFeed implements AutoCloseable {
  /** What a simulated sending system reads. */
  public static final List<Topic> TOPICS =
      List.of(
          Topic.SUPPRESSION,
          Topic.FREQUENCY_CAP,
          Topic.SEND_VERDICT,
          Topic.EXPERIMENT,
          Topic.ASSIGNMENT,
          Topic.HEARTBEAT);

  /** An idle broker answers a poll after half a second. */
  private static final Duration FIRST_POLL = Duration.ofSeconds(1);

  private final KafkaCluster kafka;
  private final TopicNames names;
  private final String recipientPrefix;
  private final TopicCodec codec = new TopicCodec();
  private final Consumer<byte[], byte[]> consumer;
  private final List<Assignment> assignments = new ArrayList<>();
  private final String ownEvents;
  private final Set<String> knownAssignments = new HashSet<>();
  private final Map<Integer, Long> stateTimes = new HashMap<>();

  /**
   * @param recipientPrefix what the ids of this run's people begin with
   * @param ownEvents what the ids of events that the simulation itself has published begin with
   * @throws UserError if the user may not read the decisions
   */
  DecisionFeed(KafkaCluster kafka, TopicNames names, String recipientPrefix, String ownEvents) {
    this(
        kafka,
        names,
        recipientPrefix,
        ownEvents,
        new KafkaConsumer<>(
            kafka.client(
                Map.of(
                    ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                    "read_committed",
                    ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                    false)),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer()));
  }

  DecisionFeed(
      KafkaCluster kafka,
      TopicNames names,
      String recipientPrefix,
      String ownEvents,
      Consumer<byte[], byte[]> consumer) {
    this.kafka = kafka;
    this.names = names;
    this.recipientPrefix = recipientPrefix;
    this.ownEvents = ownEvents;
    this.consumer = consumer;
    List<TopicPartition> partitions = partitions(TOPICS);
    consumer.assign(partitions);
    consumer.seekToEnd(partitions);
    // The end is looked up when it is first used: now, not at the first poll.
    partitions.forEach(consumer::position);
    // Whether the user may read shows at the first poll, before anybody is made up. What comes is
    // about others.
    poll(FIRST_POLL);
  }

  private List<TopicPartition> partitions(Collection<Topic> topics) {
    List<TopicPartition> partitions = new ArrayList<>();
    for (String topic : names.of(topics)) {
      consumer
          .partitionsFor(topic)
          .forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
    }
    return partitions;
  }

  private ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
    try {
      return consumer.poll(timeout);
    } catch (AuthorizationException e) {
      throw new UserError(
          "cannot read decisions from Kafka at %s: %s; grant the user READ on %s"
              .formatted(kafka, e.getMessage(), String.join(", ", names.of(TOPICS))),
          e);
    }
  }

  /** Where every partition of the topics that carry events ends now. */
  Map<TopicPartition, Long> ends() {
    return consumer.endOffsets(partitions(Topic.events()));
  }

  /** What was decided since the last call, in order per recipient; does not wait. */
  List<Decision> poll() {
    List<Decision> decisions = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : poll(Duration.ZERO)) {
      Object content = read(record);
      if (content instanceof Decision decision) {
        decisions.add(decision);
      } else if (content instanceof Assignment assignment) {
        take(assignment);
      } else if (content instanceof Heartbeat heartbeat) {
        stateTimes.put(heartbeat.partition(), heartbeat.stateTime());
      }
    }
    return decisions;
  }

  private Object read(ConsumerRecord<byte[], byte[]> record) {
    try {
      return codec.read(names.topic(record.topic()), record.value(), record.timestamp());
    } catch (UnreadableException e) {
      // A broken assignment of the simulation's own, or a tombstone.
      return null;
    }
  }

  private void take(Assignment assignment) {
    if (assignment.recipientId().startsWith(recipientPrefix)
        && !assignment.eventId().startsWith(ownEvents)
        // Who comes to the optimizer is no hold-out.
        && !Optimise.isKey(assignment.experimentId())
        && knownAssignments.add(assignment.eventId())) {
      assignments.add(assignment);
    }
  }

  /** Assignments that the jobs have published since the last call. */
  List<Assignment> assignments() {
    List<Assignment> taken = List.copyOf(assignments);
    assignments.clear();
    return taken;
  }

  /** Up to when the send gate has read everything; not known at first. */
  OptionalLong gateTime() {
    return stateTimes.values().stream().mapToLong(Long::longValue).min();
  }

  @Override
  public void close() {
    consumer.close();
  }
}
