package io.heed.client;

import io.heed.core.model.Heartbeat;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Whether the gate lives and knows everything, by partition: its newest heartbeat is ready and
 * recent. A heartbeat's age is the larger of what the clocks of broker and client say and of the
 * time since it was received, so that neither a clock that is behind nor an old record that is read
 * late makes it look recent; a clock that is further ahead or behind than the limit makes every
 * heartbeat stale. Safe for concurrent use.
 */
final class Freshness {
  /** The longest that the contract allows. */
  static final Duration MAX = Duration.ofSeconds(60);

  private record Beat(long appendedMillis, long receivedNanos, boolean ready, long started) {}

  private final Map<Integer, Beat> newest = new ConcurrentHashMap<>();
  private final Duration limit;
  private final LongSupplier millis;
  private final LongSupplier nanos;

  /**
   * No heartbeat yet.
   *
   * @param limit age from which on a heartbeat is stale
   * @param millis the wall clock, epoch milliseconds
   * @param nanos a clock that never jumps
   */
  Freshness(Duration limit, LongSupplier millis, LongSupplier nanos) {
    this.limit = limit;
    this.millis = millis;
    this.nanos = nanos;
  }

  /**
   * Takes a heartbeat. Of two gates the one that started later counts, see docs/send-gate.md.
   *
   * @param appendedMillis when the broker appended it, epoch milliseconds
   */
  void received(Heartbeat heartbeat, long appendedMillis) {
    long started = heartbeat.started() == null ? 0 : heartbeat.started();
    newest.merge(
        heartbeat.partition(),
        new Beat(appendedMillis, nanos.getAsLong(), heartbeat.ready(), started),
        (before, now) -> now.started() >= before.started() ? now : before);
  }

  /** Whether a partition's newest heartbeat allows to rely on what is known. */
  boolean isFresh(int partition) {
    Beat beat = newest.get(partition);
    return beat != null
        && beat.ready()
        && Math.abs(millis.getAsLong() - beat.appendedMillis()) <= limit.toMillis()
        && isRecent(beat.receivedNanos());
  }

  /** Whether an instant of the clock that never jumps lies within the limit. */
  boolean isRecent(long thenNanos) {
    return nanos.getAsLong() - thenNanos <= limit.toNanos();
  }
}
