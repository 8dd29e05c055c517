package io.heed.flink.sendgate;

import io.heed.core.model.Heartbeat;
import io.heed.flink.sendgate.HeartbeatLog.Beat;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps two gates from giving verdicts at once, such as a gate that a cluster has started again and
 * orphaned tasks of the one before.
 *
 * <p>A gate claims its place by a heartbeat with its instance and its start; the start is the wall
 * clock, but later than every start that it has read, so that skewed clocks do not matter. The
 * newest start holds. A gate gives verdicts only while it has read all heartbeats up to a moment
 * less than {@link #LEASE_MILLIS} ago, so that it has stopped, or read the claim, at the latest so
 * long after it. The newer one waits for {@link #HANDOVER_MILLIS}, which leaves the rest for
 * verdicts on their way to Kafka, and reads those back before it gives its own. Only the rate of
 * clocks matters to this.
 *
 * <p>The older one stands by: it takes no record and no barrier, so that no request without a
 * verdict counts as done, and starts again from its last checkpoint when no newer gate has written
 * a heartbeat for a minute.
 */
final class Fence implements AutoCloseable {
  /** How long after it has read the heartbeats a gate may give verdicts. */
  static final long LEASE_MILLIS = 1_000;

  /** How long a newer gate waits after its claim while another was active. */
  static final long HANDOVER_MILLIS = 2_000;

  private static final Logger LOG = LoggerFactory.getLogger(Fence.class);
  private static final long INTERVAL_MILLIS = 200;
  private static final long ACTIVE_MILLIS = Duration.ofSeconds(60).toMillis();
  private static final long NANOS = 1_000_000L;

  private final HeartbeatLog log;
  private final String instance;
  private final LongSupplier clock;
  private final LongSupplier nanos;
  private final Repeating repeating = new Repeating("send-gate-fence", INTERVAL_MILLIS, this::read);
  private final Map<String, Long> starts = new ConcurrentHashMap<>();
  private long othersActiveAt = Long.MIN_VALUE;
  private long handoverAt;
  private volatile long readAt;
  private volatile long newerReadAt;
  private volatile String newer;

  /**
   * @param log of heartbeats; belongs to the fence's thread once it has claimed
   * @param instance the same for all tasks of one running gate, and of no other
   * @param clock wall clock, epoch milliseconds
   * @param nanos a clock that is never set, nanoseconds
   */
  Fence(HeartbeatLog log, String instance, LongSupplier clock, LongSupplier nanos) {
    this.log = log;
    this.instance = instance;
    this.clock = clock;
    this.nanos = nanos;
  }

  /** Claims the place of the newest gate; older ones stop from here on. */
  void claim() {
    read();
    long now = clock.getAsLong();
    long latest = starts.values().stream().mapToLong(Long::longValue).max().orElse(0);
    // Another task of the same gate may have claimed already.
    long started = starts.getOrDefault(instance, Math.max(now, latest + 1));
    starts.put(instance, started);
    long claimedAt =
        log.append(new Heartbeat(HeartbeatLog.PARTITION, 0, false, now, instance, started));
    boolean othersActive = othersActiveAt > claimedAt - ACTIVE_MILLIS;
    handoverAt = nanos.getAsLong() + (othersActive ? HANDOVER_MILLIS * NANOS : 0);
    repeating.start();
  }

  /** Returns when no older gate gives verdicts any more; to be called once, after the claim. */
  void awaitHandover() throws InterruptedException {
    while (nanos.getAsLong() < handoverAt) {
      Thread.sleep(10);
    }
  }

  /** When this gate started, by its claim. */
  long started() {
    return starts.get(instance);
  }

  /**
   * Returns while this is the newest gate, at once if that has just been read; else stands by.
   *
   * @throws IllegalStateException when this gate has to start again
   */
  void check() throws InterruptedException {
    repeating.check();
    while (newer != null || nanos.getAsLong() - readAt > LEASE_MILLIS * NANOS) {
      if (newer != null) {
        standBy();
      }
      Thread.sleep(10);
      repeating.check();
    }
  }

  private void standBy() throws InterruptedException {
    LOG.warn("Send gate {} gives no verdicts any more: {} is newer", instance, newer);
    while (readAt - newerReadAt < ACTIVE_MILLIS * NANOS) {
      Thread.sleep(100);
      repeating.check();
    }
    throw new IllegalStateException(
        "send gate %s, which is newer, has been silent for a minute: starting again"
            .formatted(newer));
  }

  /** Reads the heartbeats up to the moment of the call. */
  private void read() {
    long at = nanos.getAsLong();
    log.next(beat -> take(beat, at));
    readAt = at;
  }

  private void take(Beat beat, long at) {
    Heartbeat heartbeat = beat.heartbeat();
    if (heartbeat.instance() == null || heartbeat.started() == null) {
      return;
    }
    starts.merge(heartbeat.instance(), heartbeat.started(), Math::max);
    if (heartbeat.instance().equals(instance)) {
      return;
    }
    othersActiveAt = Math.max(othersActiveAt, beat.appendTime());
    Long own = starts.get(instance);
    if (own != null && isNewer(heartbeat.instance(), own)) {
      newerReadAt = at;
      newer = heartbeat.instance();
    }
  }

  private boolean isNewer(String other, long own) {
    int order = Long.compare(starts.get(other), own);
    return order > 0 || (order == 0 && other.compareTo(instance) > 0);
  }

  @Override
  public void close() throws InterruptedException {
    repeating.close();
    if (repeating.hasEnded()) {
      log.close();
    }
  }
}
