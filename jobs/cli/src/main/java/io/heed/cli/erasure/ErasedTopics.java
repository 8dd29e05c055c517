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
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
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

  /** Reads a topic from given offsets by partition, else the beginning, to its end. */
  interface Reads extends AutoCloseable {
    void toEnd(Topic topic, Map<Integer, Long> from, Consumer<ConsumerRecord<byte[], byte[]>> each);

    @Override
    void close();
  }

  /** A record to be taken out of a compacted topic. */
  private record Found(Topic topic, int partition, String key) {}

  /**
   * What the topic of suppressions has of the people.
   *
   * @param newest of each key, by id or hash, the newest record
   * @param next where to read on, by partition
   */
  private record Suppressions(Map<Found, SuppressionDecision> newest, Map<Integer, Long> next) {}

  private final JobOptions options;
  private final People people;
  private final LongSupplier clock;
  private final Reads reads;
  private final Producer<byte[], byte[]> producer;
  private final int partitions;
  private final Map<String, Erasure> erasures = new LinkedHashMap<>();

  ErasedTopics(
      JobOptions options,
      People people,
      LongSupplier clock,
      Reads reads,
      int partitions,
      Producer<byte[], byte[]> producer) {
    this.options = options;
    this.people = people;
    this.clock = clock;
    this.reads = reads;
    this.partitions = partitions;
    this.producer = producer;
  }

  /**
   * Opens the topics.
   *
   * @param clock wall clock, epoch milliseconds
   */
  public static ErasedTopics open(JobOptions options, People people, LongSupplier clock) {
    TopicReader reader = new TopicReader(options, "heed-forget");
    Reads reads =
        new Reads() {
          @Override
          public void toEnd(
              Topic topic, Map<Integer, Long> from, Consumer<ConsumerRecord<byte[], byte[]>> each) {
            reader.readToEnd(topic, from, each);
          }

          @Override
          public void close() {
            reader.close();
          }
        };
    return new ErasedTopics(
        options,
        people,
        clock,
        reads,
        reader.partitions(Topic.ERASURE).size(),
        new KafkaProducer<>(
            options.cluster().client(Map.of(ProducerConfig.ACKS_CONFIG, "all")),
            new ByteArraySerializer(),
            new ByteArraySerializer()));
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
  private Suppressions keepSuppressions() {
    Map<Found, SuppressionDecision> newest = new HashMap<>();
    Map<Integer, Long> next = new HashMap<>();
    each(
        Topic.SUPPRESSION,
        record -> {
          next.put(record.partition(), record.offset() + 1);
          SuppressionDecision decision = suppression(record);
          if (decision != null) {
            newest.put(place(Topic.SUPPRESSION, record), decision);
          } else if (record.key() != null) {
            newest.remove(place(Topic.SUPPRESSION, record));
          }
        });
    // Where partitions were added, more than one holds a record of a key: the newer one last.
    newest.values().stream()
        .sorted(Comparator.comparingLong(SuppressionDecision::seq))
        .forEach(this::keep);
    return new Suppressions(newest, next);
  }

  private void keep(SuppressionDecision decision) {
    erasures.computeIfPresent(decision.recipientId(), (id, erasure) -> with(erasure, decision));
  }

  /**
   * What a record says of one of the people, by id or hash; null for anybody else and a tombstone.
   * What cannot be read suppresses.
   */
  private SuppressionDecision suppression(ConsumerRecord<byte[], byte[]> record) {
    String key = record.key() == null ? "" : text(record.key());
    String id = people.idOfKey(key);
    if (record.value() == null || (id == null && people.idOfHashedKey(key) == null)) {
      return null;
    }
    SuppressionDecision decision = read(SUPPRESSION, record);
    if (decision != null || id == null) {
      return decision;
    }
    long since = record.timestamp();
    return new SuppressionDecision(
        key,
        since,
        since,
        List.of(RevocationMethod.UNREADABLE.reason()),
        since * 1_000,
        null,
        id,
        key.substring(id.length() + 1),
        SuppressionState.SUPPRESSED,
        RevocationMethod.UNREADABLE.name(),
        since,
        null);
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
    Suppressions suppressions = keepSuppressions();
    publish(erasures.values());
    // Before all else is read, so that little can come in between.
    Map<Found, RecordMetadata> taken =
        takeOut(suppressions.newest().keySet().stream().filter(this::goes).toList());
    keepWhatCameBefore(taken, suppressions.next());
    Map<Found, RecordMetadata> others = takeOut(find());
    Map<String, Integer> counts = new TreeMap<>();
    Stream.of(taken, others)
        .flatMap(each -> each.keySet().stream())
        .forEach(found -> counts.merge(options.topicNames().of(found.topic()), 1, Integer::sum));
    return counts;
  }

  /** Leaves what stays of people: their suppressions under the hash, and the erasure. */
  private void publish(Collection<Erasure> all) throws InterruptedException, ExecutionException {
    for (Erasure erasure : all) {
      publishHashed(erasure);
    }
    write(all.stream().map(Erasure::done).toList());
  }

  /** Keeps a suppression that came between the reading of its key and the tombstone. */
  private void keepWhatCameBefore(Map<Found, RecordMetadata> tombstones, Map<Integer, Long> unread)
      throws InterruptedException, ExecutionException {
    Map<String, Erasure> before = Map.copyOf(erasures);
    reads.toEnd(
        Topic.SUPPRESSION,
        unread,
        record -> {
          SuppressionDecision decision = suppression(record);
          if (decision != null && decision.state() == SuppressionState.SUPPRESSED) {
            RecordMetadata tombstone = tombstones.get(place(Topic.SUPPRESSION, record));
            if (tombstone != null && record.offset() < tombstone.offset()) {
              keep(decision);
            }
          }
        });
    publish(
        erasures.values().stream()
            .filter(erasure -> !erasure.equals(before.get(erasure.recipientId())))
            .toList());
  }

  private Map<Found, RecordMetadata> takeOut(Collection<Found> all)
      throws InterruptedException, ExecutionException {
    Map<Found, Future<RecordMetadata>> sent = new LinkedHashMap<>();
    for (Found found : all) {
      String topic = options.topicNames().of(found.topic());
      sent.put(
          found,
          producer.send(new ProducerRecord<>(topic, found.partition(), bytes(found.key()), null)));
    }
    producer.flush();
    Map<Found, RecordMetadata> written = new HashMap<>();
    for (Map.Entry<Found, Future<RecordMetadata>> each : sent.entrySet()) {
      written.put(each.getKey(), each.getValue().get());
    }
    return written;
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

  /** The records of all other compacted topics that are about the people, or name them. */
  private Set<Found> find() {
    Set<Found> found = new HashSet<>();
    for (Topic topic : List.of(Topic.FREQUENCY_CAP, Topic.RECIPIENT_SIGNAL)) {
      find(found, topic, record -> people.idOfKey(text(record.key())) != null);
    }
    find(
        found,
        Topic.ATTRIBUTION_RESULT,
        record -> {
          AttributionCreditRow row = read(CREDIT, record);
          return row != null && people.ids().contains(row.recipientId());
        });
    find(found, Topic.ALERT, record -> people.areNamedIn(record.value()));
    find(
        found,
        Topic.DEAD_LETTER,
        record -> {
          DeadLetter letter = read(LETTER, record);
          return letter != null && names(letter);
        });
    return found;
  }

  /** Of each key the newest record decides. */
  private void find(
      Set<Found> found, Topic topic, Predicate<ConsumerRecord<byte[], byte[]>> isAbout) {
    each(
        topic,
        record -> {
          if (record.key() == null) {
            return;
          }
          if (record.value() != null && isAbout.test(record)) {
            found.add(place(topic, record));
          } else {
            found.remove(place(topic, record));
          }
        });
  }

  /** Whether a suppression goes: it has an id in its key, or what is under the hash was lifted. */
  private boolean goes(Found suppression) {
    String hashed = people.idOfHashedKey(suppression.key());
    if (hashed == null) {
      return true;
    }
    Erasure erasure = erasures.get(hashed);
    return erasure.kept().stream()
        .noneMatch(kept -> suppression.key().equals(erasure.recipientHash() + "|" + kept.scope()));
  }

  private boolean names(DeadLetter letter) {
    return people.areNamedIn(Base64.getDecoder().decode(letter.raw()))
        || people.areNamedIn(bytes(letter.reason()));
  }

  private static Found place(Topic topic, ConsumerRecord<byte[], byte[]> record) {
    return new Found(topic, record.partition(), text(record.key()));
  }

  private void each(Topic topic, Consumer<ConsumerRecord<byte[], byte[]>> each) {
    reads.toEnd(topic, Map.of(), each);
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
    reads.close();
    producer.close();
  }
}
