package io.heed.client;

import io.heed.core.model.Category;
import io.heed.core.model.Event;
import io.heed.core.model.FrequencyCapDecision;
import io.heed.core.model.Heartbeat;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.SuppressionDecision;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicNames;
import io.heed.core.model.UnreadableException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * A sending system's client: requests verdicts, follows suppressions and caps, reports events. It
 * fails safe: whatever is away (Kafka, the gate, a fresh heartbeat), no promotional message is
 * allowed. Safe for concurrent use; one for a process is enough.
 */
public final class HeedClient implements AutoCloseable {
  private static final JsonCodec<SendVerdict> VERDICTS = JsonCodec.of(SendVerdict.class);
  private static final JsonCodec<Heartbeat> HEARTBEATS = JsonCodec.of(Heartbeat.class);
  private static final JsonCodec<SuppressionDecision> SUPPRESSIONS =
      JsonCodec.of(SuppressionDecision.class);
  private static final JsonCodec<FrequencyCapDecision> CAPS =
      JsonCodec.of(FrequencyCapDecision.class);

  /** One request, or the same one several times at once. */
  private record Pending(String recipient, CompletableFuture<SendVerdict> verdict) {}

  private final TopicNames names;
  private final Recipients recipients;
  private final Pseudonyms erasureKey;
  private final Duration timeout;
  private final LongSupplier millis = System::currentTimeMillis;
  private final LongSupplier nanos = System::nanoTime;
  private final Freshness freshness;
  private final DecisionTables tables = new DecisionTables();
  private final Map<String, Pending> pending = new ConcurrentHashMap<>();
  private final EventWriter requests;
  private final EventWriter events;

  /** A producer whose brokers are all away makes its callers wait. */
  private final ExecutorService requesting = Executors.newSingleThreadExecutor(HeedClient::thread);

  private final TopicFeed verdictFeed;
  private final TopicFeed tableFeed;

  private HeedClient(Builder builder) {
    names = new TopicNames(builder.topicPrefix);
    recipients = new Recipients(builder.country, builder.pseudonyms);
    erasureKey = builder.erasureKey;
    timeout = builder.timeout;
    freshness = new Freshness(builder.freshness, millis, nanos);
    // A request that arrives after its timeout would hold a slot for a message that nobody sends.
    requests = new EventWriter(builder.kafka, names, timeout);
    events = new EventWriter(builder.kafka, names, null);
    verdictFeed =
        new TopicFeed(
            builder.kafka, names, List.of(Topic.SEND_VERDICT), false, this::takeVerdict, nanos);
    tableFeed =
        new TopicFeed(
            builder.kafka,
            names,
            List.of(Topic.SUPPRESSION, Topic.FREQUENCY_CAP, Topic.HEARTBEAT),
            true,
            this::takeDecision,
            nanos);
  }

  /** A client of the cluster; connects in the background. */
  public static Builder builder(KafkaSettings kafka) {
    return new Builder(kafka);
  }

  /** How a client is made. */
  public static final class Builder {
    private final KafkaSettings kafka;
    private String topicPrefix = "";
    private String country = "US";
    private Pseudonyms pseudonyms;
    private Pseudonyms erasureKey;
    private Duration timeout = Duration.ofSeconds(5);
    private Duration freshness = Freshness.MAX;

    private Builder(KafkaSettings kafka) {
      this.kafka = kafka;
    }

    /** The deployment's prefix of topic names; none by default. */
    public Builder topicPrefix(String prefix) {
      topicPrefix = prefix;
      return this;
    }

    /** The country of phone numbers without a plus, as the jobs' --default-country; US. */
    public Builder defaultCountry(String code) {
      country = code;
      return this;
    }

    /** Replaces recipients' ids by pseudonyms before anything leaves the process. */
    public Builder pseudonyms(Pseudonyms key) {
      pseudonyms = key;
      return this;
    }

    /**
     * The jobs' --erasure-key, so that {@link #lookUp} knows erased people's suppressions as well;
     * verdicts know them without.
     */
    public Builder erasureKey(Pseudonyms key) {
      erasureKey = key;
      return this;
    }

    /** How long a request waits for its verdict; 5 seconds. */
    public Builder timeout(Duration longest) {
      timeout = longest;
      return this;
    }

    /**
     * Age from which on a heartbeat is stale; 60 seconds.
     *
     * @throws IllegalArgumentException above that
     */
    public Builder freshness(Duration limit) {
      if (limit.compareTo(Freshness.MAX) > 0) {
        throw new IllegalArgumentException(
            "freshness: at most %d s, for the contract says so"
                .formatted(Freshness.MAX.toSeconds()));
      }
      freshness = limit;
      return this;
    }

    public HeedClient build() {
      return new HeedClient(this);
    }
  }

  /**
   * Requests a verdict. The same request may be repeated, see {@link MessageRequest#requestId}.
   * Does not wait, whether Kafka is there or not.
   *
   * @return done within the timeout, never failed: without a verdict the permission does not hold
   */
  public CompletableFuture<Permission> request(MessageRequest request) {
    String recipient = recipients.onTheWire(request.recipientId());
    Pending mine =
        pending.compute(
            request.requestId(),
            (id, before) ->
                before != null && before.recipient().equals(recipient)
                    ? before
                    : new Pending(recipient, new CompletableFuture<>()));
    CompletableFuture<SendVerdict> verdict = mine.verdict().copy();
    // Its outcome is the verdict's.
    var unused =
        verdictFeed
            .positioned()
            .thenComposeAsync(
                partitions ->
                    verdict.isDone()
                        ? CompletableFuture.<Void>completedFuture(null)
                        : requests.write(recipients.onTheWire(request.event(millis.getAsLong()))),
                requesting)
            .whenComplete(
                (written, e) -> {
                  if (e != null) {
                    verdict.completeExceptionally(e);
                  }
                });
    return verdict
        .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
        .whenComplete((v, e) -> pending.remove(request.requestId(), mine))
        .handle(
            (given, e) ->
                new Permission(
                    request,
                    given,
                    e == null ? null : problem(e),
                    () -> isFresh(recipient) && !isSuppressed(recipient, request.listId()),
                    millis));
  }

  private String problem(Throwable e) {
    if (verdictFeed.failure() != null) {
      return verdictFeed.failure();
    }
    return e instanceof java.util.concurrent.TimeoutException
        ? "none within " + timeout
        : String.valueOf(e.getMessage());
  }

  /**
   * What the local tables say of a message without a request. They know neither quiet hours nor
   * consent nor hold-outs: the verdict is authoritative.
   */
  public LocalDecision lookUp(Category category, String recipientId, String listId) {
    String recipient = recipients.onTheWire(recipientId);
    if (isSuppressed(recipient, listId)) {
      return LocalDecision.SUPPRESSED;
    }
    if (!isFresh(recipient) || !isComplete(recipient)) {
      return LocalDecision.STALE;
    }
    return tables.isCapped(recipient, category, listId, millis.getAsLong())
        ? LocalDecision.CAPPED
        : LocalDecision.OPEN;
  }

  /** Whether verdicts can be requested and the heartbeats of all partitions are fresh. */
  public boolean isReady() {
    int partitions = partitions();
    for (int partition = 0; partition < partitions; partition++) {
      if (!freshness.isFresh(partition)) {
        return false;
      }
    }
    return partitions > 0 && verdictFeed.positioned().isDone();
  }

  /** What is wrong with the connection to Kafka, if anything is. */
  public Optional<String> problem() {
    return Optional.ofNullable(verdictFeed.failure())
        .or(() -> Optional.ofNullable(tableFeed.failure()));
  }

  /**
   * Reports an event: a message that was sent, a receipt, a reply, an opt-out, a conversion.
   *
   * @return done once all replicas have it; failed if that is not known: report the same event
   *     again, for what has one event_id counts once
   */
  public CompletableFuture<Void> report(Event event) {
    return events.write(recipients.onTheWire(event));
  }

  private int partitions() {
    return tableFeed.positioned().getNow(0);
  }

  private boolean isFresh(String recipient) {
    int partitions = partitions();
    return partitions > 0 && freshness.isFresh(Recipients.partition(recipient, partitions));
  }

  private boolean isComplete(String recipient) {
    int partition = Recipients.partition(recipient, partitions());
    return List.of(Topic.SUPPRESSION, Topic.FREQUENCY_CAP).stream()
        .allMatch(topic -> freshness.isRecent(tableFeed.completeUpTo(names.of(topic), partition)));
  }

  private void takeVerdict(ConsumerRecord<byte[], byte[]> record) {
    try {
      SendVerdict verdict = VERDICTS.read(record.value());
      Pending waiting = pending.get(verdict.requestId());
      if (waiting != null && waiting.recipient().equals(verdict.recipientId())) {
        waiting.verdict().complete(verdict);
      }
    } catch (UnreadableException e) {
      // As if there were none.
    }
  }

  private void takeDecision(ConsumerRecord<byte[], byte[]> record) {
    Topic topic = names.topic(record.topic());
    if (record.value() == null) {
      remove(topic, record.key());
      return;
    }
    try {
      switch (topic) {
        case SUPPRESSION -> tables.apply(SUPPRESSIONS.read(record.value()));
        case FREQUENCY_CAP -> tables.apply(CAPS.read(record.value()));
        default -> freshness.received(HEARTBEATS.read(record.value()), record.timestamp());
      }
    } catch (UnreadableException e) {
      if (topic == Topic.SUPPRESSION && record.key() != null) {
        tables.suppress(new String(record.key(), StandardCharsets.UTF_8));
      }
    }
  }

  private void remove(Topic topic, byte[] key) {
    if (key != null && topic == Topic.SUPPRESSION) {
      tables.removeSuppression(new String(key, StandardCharsets.UTF_8));
    } else if (key != null && topic == Topic.FREQUENCY_CAP) {
      tables.removeCap(new String(key, StandardCharsets.UTF_8));
    }
  }

  /** An erased person's suppressions lie under the hash, until something new is known. */
  private boolean isSuppressed(String recipient, String list) {
    return tables.isSuppressed(recipient, list)
        || (erasureKey != null
            && !tables.isKnown(recipient, list)
            && tables.isSuppressed(erasureKey.of(recipient), list));
  }

  /** Stops reading, and gives reported events ten seconds. */
  @Override
  public void close() {
    verdictFeed.close();
    tableFeed.close();
    requesting.shutdown();
    requests.close();
    events.close();
  }

  private static Thread thread(Runnable task) {
    Thread thread = new Thread(task, "heed-requests");
    thread.setDaemon(true);
    return thread;
  }
}
