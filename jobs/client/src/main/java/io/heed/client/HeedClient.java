package io.heed.client;

import io.heed.core.model.Category;
import io.heed.core.model.Event;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicNames;
import io.heed.core.model.UnreadableException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * A sending system's client: requests verdicts, follows suppressions and caps, reports events. It
 * fails safe: whatever is away (Kafka, the gate, a fresh heartbeat), no promotional message is
 * allowed. Safe for concurrent use; one for a process is enough.
 */
public final class HeedClient implements AutoCloseable {
  private static final JsonCodec<SendVerdict> VERDICTS = JsonCodec.of(SendVerdict.class);

  private final TopicNames names;
  private final Recipients recipients;
  private final Duration timeout;
  private final LongSupplier millis = System::currentTimeMillis;
  private final LongSupplier nanos = System::nanoTime;
  private final LocalDecisions local;
  private final PendingRequests pending = new PendingRequests();
  private final EventWriter requests;
  private final EventWriter events;

  /** A producer whose brokers are all away makes its callers wait. */
  private final ExecutorService requesting = Executors.newSingleThreadExecutor(HeedClient::thread);

  private final TopicFeed verdictFeed;
  private final TopicFeed tableFeed;

  private HeedClient(Builder builder) {
    names = new TopicNames(builder.topicPrefix);
    recipients = new Recipients(builder.country, builder.pseudonyms);
    timeout = builder.timeout;
    local =
        new LocalDecisions(
            builder.freshness,
            builder.erasureKey,
            this::partitions,
            this::completeUpTo,
            millis,
            nanos);
    // A request that arrives after its timeout would hold a slot for a message that nobody sends.
    requests = new EventWriter(builder.kafka, names, timeout);
    events = new EventWriter(builder.kafka, names, null);
    verdictFeed =
        new TopicFeed(
            builder.kafka, names, List.of(Topic.SEND_VERDICT), false, this::takeVerdict, nanos);
    tableFeed =
        new TopicFeed(builder.kafka, names, LocalDecisions.TOPICS, true, this::takeDecision, nanos);
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
    CompletableFuture<SendVerdict> verdict = pending.await(request.requestId(), recipient, timeout);
    long deadline = nanos.getAsLong() + timeout.toNanos();
    try {
      requesting.execute(() -> write(request, verdict, deadline));
    } catch (RejectedExecutionException e) {
      verdict.completeExceptionally(new IllegalStateException("the client is closed", e));
    }
    return verdict.handle(
        (given, e) ->
            new Permission(
                request,
                given,
                e == null ? null : problem(e),
                () -> local.isOpen(recipient, request.listId()),
                millis));
  }

  /** Writes a request once no verdict is missed, unless nobody waits for its verdict by then. */
  private void write(
      MessageRequest request, CompletableFuture<SendVerdict> verdict, long deadlineNanos) {
    if (verdict.isDone()) {
      return;
    }
    try {
      verdictFeed.positioned().get(deadlineNanos - nanos.getAsLong(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      // The verdict's time is up as well.
      return;
    } catch (InterruptedException | ExecutionException e) {
      verdict.completeExceptionally(e);
      return;
    }
    // Its outcome is the verdict's.
    var unused =
        requests
            .write(recipients.onTheWire(request.event(millis.getAsLong())))
            .whenComplete(
                (written, e) -> {
                  if (e != null) {
                    verdict.completeExceptionally(e);
                  }
                });
  }

  private String problem(Throwable e) {
    if (verdictFeed.failure() != null) {
      return verdictFeed.failure();
    }
    return e instanceof TimeoutException
        ? "none within " + timeout
        : String.valueOf(e.getMessage());
  }

  /**
   * What the local tables say of a message without a request. They know neither quiet hours nor
   * consent nor hold-outs: the verdict is authoritative.
   */
  public LocalDecision lookUp(Category category, String recipientId, String listId) {
    return local.lookUp(category, recipients.onTheWire(recipientId), listId);
  }

  /**
   * Whether verdicts can be requested, the heartbeats of all partitions are fresh, and all
   * suppressions were read.
   */
  public boolean isReady() {
    return local.isReady() && verdictFeed.positioned().isDone();
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

  /** How many wait until Kafka is reached. */
  int waitingForKafka() {
    return verdictFeed.positioned().getNumberOfDependents();
  }

  private int partitions() {
    return tableFeed.positioned().getNow(0);
  }

  private long completeUpTo(Topic topic, int partition) {
    return tableFeed.completeUpTo(names.of(topic), partition);
  }

  private void takeVerdict(ConsumerRecord<byte[], byte[]> record) {
    try {
      pending.take(VERDICTS.read(record.value()));
    } catch (UnreadableException e) {
      // As if there were none.
    }
  }

  private void takeDecision(ConsumerRecord<byte[], byte[]> record) {
    local.take(names.topic(record.topic()), record.key(), record.value(), record.timestamp());
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
