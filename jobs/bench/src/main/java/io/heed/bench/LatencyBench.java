package io.heed.bench;

import io.heed.cli.UserError;
import io.heed.core.model.Event;
import io.heed.core.model.FrequencyCapDecision;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.OptOut;
import io.heed.core.model.Send;
import io.heed.core.model.SendRequest;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.SuppressionDecision;
import io.heed.core.model.Topic;
import io.heed.core.model.UnreadableException;
import io.heed.flink.streaming.JobOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * How long after a record was appended its output is appended, by the broker's own clock, under a
 * steady load: of the state baseline from send to output, of the send gate from opt-out to
 * suppression and from request to verdict; of the send gate and Kafka Streams from send to cap.
 */
final class LatencyBench {
  /** A job that has not caught up with its load by then does not keep up with it. */
  private static final Duration LONGEST_START = Duration.ofMinutes(4);

  private static final long BEHIND_MILLIS = 1_000;
  private static final Duration DRAIN = Duration.ofSeconds(5);

  /** Of so many events one is the hot recipient's. */
  private static final int HOT_EVERY = 100;

  private static final int CAMPAIGNS = 20;
  private static final Duration HOT_SPAN = Duration.ofDays(20);
  private static final JsonCodec<Baselines.Written> WRITTEN = JsonCodec.of(Baselines.Written.class);
  private static final JsonCodec<SendVerdict> VERDICT = JsonCodec.of(SendVerdict.class);
  private static final JsonCodec<FrequencyCapDecision> CAP =
      JsonCodec.of(FrequencyCapDecision.class);
  private static final JsonCodec<SuppressionDecision> SUPPRESSION =
      JsonCodec.of(SuppressionDecision.class);

  /** Latencies in milliseconds, sorted. */
  record Latencies(String what, List<Long> millis) {
    long percentile(double share) {
      return millis.isEmpty() ? -1 : millis.get((int) (share * (millis.size() - 1)));
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%-34s %8d outputs  p50 %4d ms  p99 %5d ms",
          what,
          millis.size(),
          percentile(0.5),
          percentile(0.99));
    }
  }

  private final JobOptions options;
  private final Path directory;
  private final BenchTraffic.Kind kind;
  private final int eventsPerSecond;
  private final Duration warmUp;
  private final Duration measured;
  private final int hotMessages;
  private final Consumer<String> out;

  LatencyBench(
      JobOptions options,
      Path directory,
      BenchTraffic.Kind kind,
      int eventsPerSecond,
      Duration warmUp,
      Duration measured,
      int hotMessages,
      Consumer<String> out) {
    this.options = options;
    this.directory = directory;
    this.kind = kind;
    this.eventsPerSecond = eventsPerSecond;
    this.warmUp = warmUp;
    this.measured = measured;
    this.hotMessages = hotMessages;
    this.out = out;
  }

  /** Prints the baseline's and the gate's latencies; returns the worse ratio at p99. */
  double run(String backend, int stateBytes) throws InterruptedException {
    out.accept(
        "latency at %,d events/s, state on %s, from append to append"
            .formatted(eventsPerSecond, backend));
    Latencies baseline = measure("state", backend, stateBytes, 0).get(0);
    List<Latencies> gate = measure("send-gate", backend, stateBytes, 0);
    double worst = 0;
    for (Latencies latencies : gate) {
      double ratio = (double) latencies.percentile(0.99) / baseline.percentile(0.99);
      out.accept(
          "  %s  ratio %.2f, goal 1.50%s"
              .formatted(latencies, ratio, ratio > 1.5 ? "  missed" : ""));
      worst = Math.max(worst, ratio);
    }
    if (hotMessages > 0) {
      besideHot(backend, stateBytes, gate);
    }
    return worst;
  }

  /** Prints both latencies from send to published cap; returns the gate's, as a ratio at p99. */
  double besidePeer(String backend) throws InterruptedException {
    out.accept(
        "latency at %,d sends/s, state on %s, from append to append"
            .formatted(eventsPerSecond, backend));
    Latencies peer = measure(StreamsPeer.NAME, backend, 1, 0).get(0);
    out.accept("  " + peer);
    Latencies gate = measure("send-gate", backend, 1, 0).get(0);
    double ratio = (double) gate.percentile(0.99) / peer.percentile(0.99);
    out.accept(
        "  %s  ratio %.2f, goal 0.50%s".formatted(gate, ratio, ratio > 0.5 ? "  missed" : ""));
    return ratio;
  }

  /** Prints the gate's latencies without and with value models. */
  void withModel(String backend) throws Exception {
    out.accept(
        "latency at %,d events/s, state on %s, without and with value models"
            .formatted(eventsPerSecond, backend));
    BenchModel.without(options.kafka(), options.topicNames());
    List<Latencies> without = measure("send-gate", backend, 1, 0);
    without.forEach(latencies -> out.accept("  " + latencies));
    long now = System.currentTimeMillis();
    long from = now - Duration.ofDays(1).toMillis();
    BenchModel.with(options.kafka(), options.topicNames(), CAMPAIGNS, from, now);
    beside(without, measure("send-gate", backend, 1, 0));
  }

  private void besideHot(String backend, int stateBytes, List<Latencies> without)
      throws InterruptedException {
    out.accept(
        "  beside one recipient with %,d messages who gets %d more a second"
            .formatted(hotMessages, eventsPerSecond / HOT_EVERY));
    beside(without, measure("send-gate", backend, stateBytes, hotMessages));
  }

  private void beside(List<Latencies> without, List<Latencies> with) {
    for (int i = 0; i < with.size(); i++) {
      out.accept(
          "  %s  ratio %.2f"
              .formatted(
                  with.get(i),
                  (double) with.get(i).percentile(0.99) / without.get(i).percentile(0.99)));
    }
  }

  private List<Latencies> measure(String job, String backend, int stateBytes, int hot)
      throws InterruptedException {
    Path home = directory.resolve(String.join("-", "latency", job, backend, "" + hot));
    try (Worker worker = Worker.start(job, backend, stateBytes, home, Worker.Size.USUAL, options);
        Verdicts verdicts = new Verdicts(options, kind)) {
      List<Latencies> result = verdicts.latencies(job, load(verdicts, hot));
      if (job.equals("state")) {
        result.forEach(latencies -> out.accept("  " + latencies));
      }
      return result;
    }
  }

  /**
   * Returns what was requested while the job was measured. The job starts under load and first
   * works off what arrived meanwhile: it is measured from when it has been level with its input for
   * as long as it takes to warm up.
   */
  @SuppressWarnings("FutureReturnValueIgnored") // a request that was not sent has no verdict
  private Map<String, Long> load(Verdicts verdicts, int hot) {
    Map<String, Long> requested = verdicts.requested;
    long start = System.nanoTime();
    long levelSince = start;
    long end = Long.MAX_VALUE;
    List<Event> events = new ArrayList<>();
    BenchTraffic traffic = new BenchTraffic(System.nanoTime(), 100_000, CAMPAIGNS, kind);
    try (KafkaProducer<String, byte[]> producer = BenchPublisher.producer(options.kafka(), 0)) {
      long now = System.currentTimeMillis();
      for (int i = 0; i < hot; i++) {
        long at = now - HOT_SPAN.toMillis() + HOT_SPAN.toMillis() / hot * i;
        producer.send(BenchPublisher.record(options.topicNames(), traffic.hot("h" + i, at)));
      }
      long sent = 0;
      while (System.nanoTime() - end < 0) {
        if (events.isEmpty()) {
          traffic.message(System.currentTimeMillis() - 120_000, events::add);
        }
        Event event =
            hot > 0 && sent % HOT_EVERY == 0
                ? traffic.hot("n" + sent, System.currentTimeMillis())
                : events.remove(0);
        String request = verdicts.request(event);
        producer.send(
            BenchPublisher.record(options.topicNames(), event),
            (metadata, failure) -> {
              if (failure == null && request != null) {
                requested.put(request, metadata.timestamp());
              }
            });
        sent++;
        long due = start + sent * 1_000_000_000L / eventsPerSecond;
        if (sent % 50 == 0) {
          boolean level = verdicts.poll(Duration.ZERO) <= BEHIND_MILLIS;
          long instant = System.nanoTime();
          if (end == Long.MAX_VALUE) {
            levelSince = level ? levelSince : instant;
            if (instant - levelSince >= warmUp.toNanos()) {
              requested.clear();
              end = instant + measured.toNanos();
            } else if (instant - start > LONGEST_START.toNanos()) {
              throw new UserError(
                  "the job was still behind after %d s: lower --rate %d"
                      .formatted(LONGEST_START.toSeconds(), eventsPerSecond));
            }
          }
          LockSupport.parkNanos(due - instant);
        }
      }
      producer.flush();
    }
    long drained = System.nanoTime() + DRAIN.toNanos();
    while (System.nanoTime() < drained) {
      verdicts.poll(Duration.ofMillis(100));
    }
    return requested;
  }

  /** Outputs, by the request that they belong to. */
  private static final class Verdicts implements AutoCloseable {
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<String, Long> verdictAt = new HashMap<>();
    private final JobOptions options;

    /** When each request was appended, by the broker's clock. */
    final Map<String, Long> requested = new ConcurrentHashMap<>();

    private final BenchTraffic.Kind kind;
    private long behind = Long.MAX_VALUE;

    Verdicts(JobOptions options, BenchTraffic.Kind kind) {
      this.options = options;
      this.kind = kind;
      this.consumer =
          new KafkaConsumer<>(
              Map.of(
                  ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                  options.kafka(),
                  ConsumerConfig.CLIENT_ID_CONFIG,
                  "heed-bench"),
              new ByteArrayDeserializer(),
              new ByteArrayDeserializer());
      List<TopicPartition> partitions = new ArrayList<>();
      for (Topic topic :
          List.of(
              Topic.SEND_VERDICT,
              Topic.SUPPRESSION,
              Topic.FREQUENCY_CAP,
              Topic.LIST_HEALTH_RESULT)) {
        String name = options.topicNames().of(topic);
        consumer
            .partitionsFor(name)
            .forEach(info -> partitions.add(new TopicPartition(name, info.partition())));
      }
      consumer.assign(partitions);
      consumer.seekToEnd(partitions);
      partitions.forEach(consumer::position);
    }

    /** Returns the latency of the newest output in milliseconds; the largest before the first. */
    long poll(Duration timeout) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(timeout)) {
        String request = request(record);
        if (request != null) {
          verdictAt.putIfAbsent(request, record.timestamp());
          Long appended = requested.get(request);
          behind = appended == null ? behind : record.timestamp() - appended;
        }
      }
      return behind;
    }

    /** What an event's output is known by; null for none. */
    String request(Event event) {
      if (event instanceof SendRequest request) {
        return "verdict " + request.requestId() + "|" + request.recipientId();
      }
      if (event instanceof OptOut optOut) {
        return "suppression " + optOut.recipientId() + "|" + optOut.scope();
      }
      if (event instanceof Send send) {
        return kind == BenchTraffic.Kind.SENT
            ? "cap " + send.recipientId() + "|" + send.eventTime()
            : "state " + send.messageId();
      }
      return null;
    }

    private String request(ConsumerRecord<byte[], byte[]> record) {
      try {
        return switch (options.topicNames().topic(record.topic())) {
          case SEND_VERDICT -> verdict(VERDICT.read(record.value()));
          case SUPPRESSION -> "suppression " + SUPPRESSION.read(record.value()).key();
          case FREQUENCY_CAP -> cap(CAP.read(record.value()));
          default -> "state " + WRITTEN.read(record.value()).messageId();
        };
      } catch (UnreadableException e) {
        return null;
      }
    }

    /** A cap holds since the instant of the message that changed it. */
    private static String cap(FrequencyCapDecision cap) {
      return "cap " + cap.recipientId() + "|" + cap.decidedAt();
    }

    /** The baseline's run has used the same ids, about other recipients. */
    private static String verdict(SendVerdict verdict) {
      return "verdict " + verdict.requestId() + "|" + verdict.recipientId();
    }

    List<Latencies> latencies(String job, Map<String, Long> requested) {
      if (kind == BenchTraffic.Kind.SENT) {
        return List.of(of(job + ", send to cap", "cap ", requested));
      }
      return job.equals("state")
          ? List.of(of("state baseline, send to output", "state ", requested))
          : List.of(
              of("opt-out to suppression", "suppression ", requested),
              of("request to verdict", "verdict ", requested));
    }

    private Latencies of(String what, String prefix, Map<String, Long> requested) {
      List<Long> millis =
          requested.entrySet().stream()
              .filter(e -> e.getKey().startsWith(prefix) && verdictAt.containsKey(e.getKey()))
              .map(e -> verdictAt.get(e.getKey()) - e.getValue())
              .filter(latency -> latency >= 0)
              .sorted()
              .toList();
      return new Latencies(what, millis);
    }

    @Override
    public void close() {
      consumer.close();
    }
  }
}
