package io.heed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Event;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.TimeMark;
import io.heed.core.model.Topic;
import io.heed.flink.Jobs;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.TopicReader;
import io.heed.flink.warehouse.WarehouseTopology;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/** The topics of one deployment: what is published to its jobs, and what they have made of it. */
final class TestingDeployment implements AutoCloseable {
  /** Outputs that are functions of the events. */
  static final List<Topic> OUTPUTS =
      List.of(
          Topic.SUPPRESSION,
          Topic.FREQUENCY_CAP,
          Topic.SEND_VERDICT,
          Topic.EXPERIMENT,
          Topic.RECIPIENT_SIGNAL,
          Topic.VALUE_MODEL,
          Topic.LIST_HEALTH_RESULT,
          Topic.ATTRIBUTION_RESULT,
          Topic.EXPERIMENT_RESULT);

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration TIMEOUT = Duration.ofMinutes(4);

  /** Longer than any job waits before it publishes what it has. */
  private static final Duration SETTLED = Duration.ofSeconds(8);

  final JobOptions options;
  private final KafkaProducer<byte[], byte[]> producer;
  private final Admin admin;

  /**
   * A deployment whose topics are made.
   *
   * @param options of its jobs
   */
  TestingDeployment(JobOptions options) throws InterruptedException {
    this.options = options;
    Map<String, Object> kafka =
        Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, options.cluster().toString());
    producer = new KafkaProducer<>(kafka, new ByteArraySerializer(), new ByteArraySerializer());
    admin = Admin.create(kafka);
    Jobs.ensureTopics(options);
  }

  /** The same topics with other options of the jobs. */
  JobOptions with(Map<String, String> changes) {
    List<String> args = new ArrayList<>(List.of(options.toArgs()));
    changes.forEach((name, value) -> args.set(args.indexOf(name) + 1, value));
    return JobOptions.fromArgs(args.toArray(String[]::new));
  }

  /** Publishes a document that holds always. */
  void configure(String kind, String id, String document) throws Exception {
    ConfigVersion version = ConfigVersion.of(kind, id, 0, 0, document);
    producer
        .send(
            new ProducerRecord<>(
                options.topicNames().of(Topic.CONFIG),
                version.key().getBytes(StandardCharsets.UTF_8),
                JsonCodec.of(ConfigVersion.class).write(version)))
        .get();
  }

  /** Publishes events, and returns when Kafka has them. */
  void publish(List<Event> events) {
    for (Event event : events) {
      send(EventPublisher.topic(event), event.recipientId(), json(event));
    }
    producer.flush();
  }

  /** Publishes a record; to be flushed by {@link #publish}. */
  @SuppressWarnings("FutureReturnValueIgnored") // flushed, and what is missing is missed
  void send(Topic topic, String key, byte[] value) {
    producer.send(
        new ProducerRecord<>(
            options.topicNames().of(topic), key.getBytes(StandardCharsets.UTF_8), value));
  }

  @SuppressWarnings("unchecked")
  private static byte[] json(Event event) {
    return ((JsonCodec<Event>) JsonCodec.of(EventPublisher.topic(event).type())).write(event);
  }

  /** Moves event time to an instant, epoch milliseconds. */
  void mark(long eventTime) throws Exception {
    byte[] mark = JsonCodec.of(TimeMark.class).write(new TimeMark(eventTime));
    for (TopicPartition partition : partitions(Topic.TIME_MARK)) {
      producer
          .send(new ProducerRecord<>(partition.topic(), partition.partition(), null, mark))
          .get();
    }
  }

  /**
   * Returns when all that was published is in a checkpoint of every job, and nothing more comes.
   *
   * @param running whether every job runs; throws if one never will
   */
  void awaitDone(Collection<String> jobs, Callable<Boolean> running) {
    await().until(running);
    for (String job : jobs) {
      List<Topic> inputs =
          Jobs.rights(job).reads().stream()
              .filter(topic -> topic.carriesEvents() || topic == Topic.TIME_MARK)
              .toList();
      await()
          .untilAsserted(
              () -> {
                assertThat(running.call()).isTrue();
                assertRead(job, inputs);
              });
    }
    long[] newest = {-1, System.nanoTime()};
    await()
        .until(
            () -> {
              long records = OUTPUTS.stream().mapToLong(this::records).sum();
              if (records != newest[0]) {
                newest[0] = records;
                newest[1] = System.nanoTime();
              }
              return System.nanoTime() - newest[1] > SETTLED.toNanos();
            });
    if (jobs.contains(WarehouseTopology.JOB)) {
      // Its positions are those of rows that are in the tables.
      await().untilAsserted(() -> assertRead(WarehouseTopology.JOB, OUTPUTS));
    }
  }

  private void assertRead(String job, List<Topic> inputs) throws Exception {
    Map<TopicPartition, OffsetAndMetadata> committed =
        admin
            .listConsumerGroupOffsets(options.topicPrefix() + "heed-" + job)
            .partitionsToOffsetAndMetadata()
            .get();
    for (Topic topic : inputs) {
      ends(topic)
          .forEach(
              (partition, end) -> {
                OffsetAndMetadata read = committed.get(partition);
                assertThat(end == 0 || (read != null && read.offset() >= end))
                    .as("%s has read %s of %d of %s", job, read, end, partition)
                    .isTrue();
              });
    }
  }

  /** How many records a topic has been given. */
  long records(Topic topic) {
    return ends(topic).values().stream().mapToLong(Long::longValue).sum();
  }

  private List<TopicPartition> partitions(Topic topic) {
    String name = options.topicNames().of(topic);
    try {
      int partitions =
          admin.describeTopics(List.of(name)).allTopicNames().get().get(name).partitions().size();
      List<TopicPartition> all = new ArrayList<>();
      for (int partition = 0; partition < partitions; partition++) {
        all.add(new TopicPartition(name, partition));
      }
      return all;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private Map<TopicPartition, Long> ends(Topic topic) {
    try {
      Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
      partitions(topic).forEach(partition -> latest.put(partition, OffsetSpec.latest()));
      Map<TopicPartition, Long> ends = new HashMap<>();
      admin
          .listOffsets(latest)
          .all()
          .get()
          .forEach((partition, end) -> ends.put(partition, end.offset()));
      return ends;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /**
   * The newest record of each key of every output, and every verdict by its request, without what
   * differs from run to run.
   */
  Map<String, JsonNode> outputs() {
    Map<String, JsonNode> newest = new TreeMap<>();
    for (Topic topic : OUTPUTS) {
      read(
          topic,
          (key, record) ->
              newest.merge(
                  topic.baseName()
                      + " "
                      + (topic == Topic.SEND_VERDICT ? record.path("request_id").asText() : key),
                  record,
                  (a, b) -> a.path("seq").asLong() > b.path("seq").asLong() ? a : b));
    }
    newest.forEach(
        (key, record) -> {
          ((ObjectNode) record).remove(List.of("seq", "emitted_at"));
          if (key.startsWith(Topic.VALUE_MODEL.baseName())) {
            // Factors of a campaign are published as its clicks are read: their content is
            // compared,
            // not the instant of the version, which its hash has in it.
            ((ObjectNode) record)
                .remove(List.of("effective_from", "decided_at", "model_version", "decision_id"));
          }
        });
    return newest;
  }

  /** The reasons of all verdicts among outputs. */
  static Set<String> reasons(Map<String, JsonNode> outputs) {
    Set<String> reasons = new HashSet<>();
    outputs.forEach(
        (key, record) -> {
          if (key.startsWith(Topic.SEND_VERDICT.baseName())) {
            record.path("reasons").forEach(reason -> reasons.add(reason.asText()));
          }
        });
    return reasons;
  }

  /** Takes a record with its key. */
  interface Each {
    void take(String key, JsonNode record);
  }

  /** Gives every record of a topic. */
  void read(Topic topic, Each each) {
    try (TopicReader reader = new TopicReader(options, "test")) {
      reader.readToEnd(
          topic,
          Map.of(),
          record -> {
            try {
              each.take(
                  new String(record.key(), StandardCharsets.UTF_8), JSON.readTree(record.value()));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
  }

  static ConditionFactory await() {
    return Awaitility.await().atMost(TIMEOUT).pollInterval(Duration.ofMillis(200));
  }

  @Override
  public void close() {
    producer.close();
    admin.close();
  }
}
