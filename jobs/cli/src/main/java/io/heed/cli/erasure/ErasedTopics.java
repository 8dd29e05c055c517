package io.heed.cli.erasure;

import io.heed.core.gate.RevocationMethod;
import io.heed.core.model.AttributionCreditRow;
import io.heed.core.model.DeadLetter;
import io.heed.core.model.Erasure;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.KeptSuppression;
import io.heed.core.model.OptOutMethod;
import io.heed.core.model.SuppressionDecision;
import io.heed.core.model.SuppressionState;
import io.heed.core.model.Topic;
import io.heed.core.model.UnreadableException;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.TopicReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Erasure on the topics, in two steps: {@link #request} names the people, so that every job expires
 * its state; {@link #finish}, once all have, leaves hashes and tombstones. Each step can be taken
 * again, whatever was done of it before.
 */
public final class ErasedTopics implements AutoCloseable {
  private static final JsonCodec<Erasure> ERASURE = JsonCodec.of(Erasure.class);
  private static final JsonCodec<SuppressionDecision> SUPPRESSION =
      JsonCodec.of(SuppressionDecision.class);
  private static final JsonCodec<AttributionCreditRow> CREDIT =
      JsonCodec.of(AttributionCreditRow.class);
  private static final JsonCodec<DeadLetter> LETTER = JsonCodec.of(DeadLetter.class);
  private static final String ALL = "*";

  /** A record to be taken out of a compacted topic. */
  private record Found(Topic topic, int partition, String key) {}

  private final JobOptions options;
  private final People people;
  private final LongSupplier clock;
  private final TopicReader reader;
  private final KafkaProducer<byte[], byte[]> producer;
  private final int partitions;
  private final Map<String, Erasure> erasures = new LinkedHashMap<>();

  /**
   * Opens the topics.
   *
   * @param clock wall clock, epoch milliseconds
   */
  public ErasedTopics(JobOptions options, People people, LongSupplier clock) {
    this.options = options;
    this.people = people;
    this.clock = clock;
    reader = new TopicReader(options, "heed-forget");
    partitions = reader.partitions(Topic.ERASURE).size();
    producer =
        new KafkaProducer<>(
            options.cluster().client(Map.of(ProducerConfig.ACKS_CONFIG, "all")),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  /**
   * Requests the erasure of the people.
   *
   * @param suppress whether they are suppressed for everything, also who was not
   * @return the offset after the newest request by partition, which every job has to pass
   */
  public Map<TopicPartition, Long> request(boolean suppress)
      throws InterruptedException, ExecutionException {
    long now = clock.getAsLong();
    Map<String, Erasure> earlier = new HashMap<>();
    each(
        Topic.ERASURE,
        record -> {
          Erasure erasure = read(ERASURE, record);
          if (erasure != null) {
            earlier.merge(erasure.recipientHash(), erasure, Erasure::newer);
          }
        });
    for (String id : people.ids()) {
      String hash = people.hash(id);
      Erasure before = earlier.get(hash);
      Erasure erasure =
          new Erasure(hash + ":" + now, now, id, hash, before == null ? List.of() : before.kept());
      if (suppress) {
        erasure =
            erasure.keeping(List.of(new KeptSuppression(ALL, OptOutMethod.AGENT.name(), now)));
      }
      erasures.put(id, erasure);
    }
    keepSuppressions();
    Map<TopicPartition, Long> until = new HashMap<>();
    for (RecordMetadata written : write(erasures.values())) {
      until.merge(
          new TopicPartition(written.topic(), written.partition()),
          written.offset() + 1,
          Math::max);
    }
    return until;
  }

  /** Takes over what the gate has published; an ALLOWED that is later lifts what stayed before. */
  private void keepSuppressions() {
    Map<String, SuppressionDecision> newest = new HashMap<>();
    each(
        Topic.SUPPRESSION,
        record -> {
          SuppressionDecision decision = read(SUPPRESSION, record);
          if (decision != null && people.ids().contains(decision.recipientId())) {
            // Where partitions were added, more than one holds a record of the key.
            newest.merge(decision.key(), decision, (a, b) -> b.seq() >= a.seq() ? b : a);
          }
        });
    for (SuppressionDecision decision : newest.values()) {
      erasures.computeIfPresent(decision.recipientId(), (id, erasure) -> with(erasure, decision));
    }
  }

  private static Erasure with(Erasure erasure, SuppressionDecision decision) {
    if (decision.state() == SuppressionState.SUPPRESSED) {
      return erasure.keeping(
          List.of(new KeptSuppression(decision.scope(), decision.method(), decision.since())));
    }
    List<KeptSuppression> kept =
        erasure.kept().stream()
            .filter(
                each -> !each.scope().equals(decision.scope()) || each.since() >= decision.since())
            .toList();
    return new Erasure(
        erasure.eventId(),
        erasure.eventTime(),
        erasure.recipientId(),
        erasure.recipientHash(),
        kept);
  }

  /**
   * Leaves hashes of the people, and takes their records out of the compacted topics.
   *
   * @return how many records were taken out, by topic
   */
  public Map<String, Integer> finish() throws InterruptedException, ExecutionException {
    // What the gate has published since the request, before it expired its state.
    keepSuppressions();
    for (Erasure erasure : erasures.values()) {
      publishHashed(erasure);
    }
    write(erasures.values().stream().map(Erasure::done).toList());
    Map<String, Integer> taken = new TreeMap<>();
    List<Future<RecordMetadata>> tombstones = new ArrayList<>();
    for (Found found : find()) {
      String topic = options.topicNames().of(found.topic());
      taken.merge(topic, 1, Integer::sum);
      tombstones.add(
          producer.send(new ProducerRecord<>(topic, found.partition(), bytes(found.key()), null)));
    }
    await(tombstones);
    return taken;
  }

  /** The suppressions of a person under the hash, for systems that follow the topic. */
  private void publishHashed(Erasure erasure) throws InterruptedException, ExecutionException {
    long now = clock.getAsLong();
    String hash = erasure.recipientHash();
    String topic = options.topicNames().of(Topic.SUPPRESSION);
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    for (KeptSuppression kept : erasure.kept()) {
      SuppressionDecision decision =
          new SuppressionDecision(
              people.hashOf(hash + "|" + kept.scope() + "|" + kept.since()),
              kept.since(),
              now,
              List.of(RevocationMethod.named(kept.method()).reason()),
              now * 1_000,
              null,
              hash,
              kept.scope(),
              SuppressionState.SUPPRESSED,
              kept.method(),
              kept.since(),
              null);
      sent.add(
          producer.send(
              new ProducerRecord<>(
                  topic,
                  People.partition(hash, partitions),
                  bytes(decision.key()),
                  SUPPRESSION.write(decision))));
    }
    await(sent);
  }

  /** What stays suppressed of one of them. */
  public List<KeptSuppression> kept(String id) {
    return erasures.get(id).kept();
  }

  /** The records of compacted topics that are about the people, or name them. */
  private Set<Found> find() {
    Set<Found> found = new HashSet<>();
    for (Topic topic : List.of(Topic.SUPPRESSION, Topic.FREQUENCY_CAP, Topic.RECIPIENT_SIGNAL)) {
      each(topic, record -> note(found, topic, record, isOurs(record)));
    }
    each(
        Topic.ATTRIBUTION_RESULT,
        record -> {
          // Most rows are other people's: a glance is cheaper than reading all.
          AttributionCreditRow row =
              record.value() != null && people.areNamedIn(record.value())
                  ? read(CREDIT, record)
                  : null;
          note(
              found,
              Topic.ATTRIBUTION_RESULT,
              record,
              row != null && people.ids().contains(row.recipientId()));
        });
    each(
        Topic.ALERT,
        record ->
            note(
                found,
                Topic.ALERT,
                record,
                record.value() != null && people.areNamedIn(record.value())));
    each(
        Topic.DEAD_LETTER,
        record -> {
          DeadLetter letter = read(LETTER, record);
          note(found, Topic.DEAD_LETTER, record, letter != null && names(letter));
        });
    return found;
  }

  private boolean isOurs(ConsumerRecord<byte[], byte[]> record) {
    if (record.value() == null || record.key() == null) {
      return false;
    }
    String key = text(record.key());
    return people.idOfKey(key) != null || isLifted(key);
  }

  /** Whether a record under a hash no longer holds. */
  private boolean isLifted(String key) {
    return erasures.values().stream()
        .filter(erasure -> key.startsWith(erasure.recipientHash() + "|"))
        .anyMatch(
            erasure ->
                erasure.kept().stream()
                    .noneMatch(kept -> key.equals(erasure.recipientHash() + "|" + kept.scope())));
  }

  private boolean names(DeadLetter letter) {
    return people.areNamedIn(Base64.getDecoder().decode(letter.raw()))
        || people.areNamedIn(bytes(letter.reason()));
  }

  /** Of each key the newest record decides. */
  private static void note(
      Set<Found> found, Topic topic, ConsumerRecord<byte[], byte[]> record, boolean goes) {
    if (record.key() != null) {
      Found each = new Found(topic, record.partition(), text(record.key()));
      if (goes) {
        found.add(each);
      } else {
        found.remove(each);
      }
    }
  }

  private void each(Topic topic, java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> each) {
    reader.readToEnd(topic, Map.of(), each);
  }

  private static <T> T read(JsonCodec<T> codec, ConsumerRecord<byte[], byte[]> record) {
    try {
      return record.value() == null ? null : codec.read(record.value());
    } catch (UnreadableException e) {
      return null;
    }
  }

  private List<RecordMetadata> write(Iterable<Erasure> records)
      throws InterruptedException, ExecutionException {
    String topic = options.topicNames().of(Topic.ERASURE);
    Map<String, Integer> places = new HashMap<>();
    erasures.forEach(
        (id, erasure) -> places.put(erasure.recipientHash(), People.partition(id, partitions)));
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    for (Erasure erasure : records) {
      sent.add(
          producer.send(
              new ProducerRecord<>(
                  topic,
                  places.get(erasure.recipientHash()),
                  bytes(erasure.recipientHash()),
                  ERASURE.write(erasure))));
    }
    return await(sent);
  }

  private List<RecordMetadata> await(List<Future<RecordMetadata>> sent)
      throws InterruptedException, ExecutionException {
    producer.flush();
    List<RecordMetadata> written = new ArrayList<>();
    for (Future<RecordMetadata> each : sent) {
      written.add(each.get());
    }
    return written;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    reader.close();
    producer.close();
  }
}
