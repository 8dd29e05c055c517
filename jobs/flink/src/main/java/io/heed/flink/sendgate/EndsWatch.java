package io.heed.flink.sendgate;

import io.heed.flink.sendgate.GateInput.Part;
import io.heed.flink.sendgate.GateLog.Ends;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Polls where the inputs end. While Kafka does not respond the newest offsets grow old, and the
 * gate defers.
 */
final class EndsWatch implements AutoCloseable {
  private static final long INTERVAL_MILLIS = 500;

  private final GateLog log;
  private final LongSupplier clock;
  private final Repeating repeating =
      new Repeating("send-gate-ends", INTERVAL_MILLIS, this::request);
  private volatile Map<Part, Long> read;
  private volatile Ends newest;

  /**
   * @param log to read from; belongs to the watch's thread once it has started
   * @param clock wall clock, epoch milliseconds
   * @param read how far each partition has been read
   */
  EndsWatch(GateLog log, LongSupplier clock, Map<Part, Long> read) {
    this.log = log;
    this.clock = clock;
    this.read = read;
  }

  /** Requests the ends now, on the caller's thread. */
  Ends request() {
    long at = clock.getAsLong();
    newest = log.ends(at, read);
    return newest;
  }

  void start() {
    repeating.start();
  }

  /**
   * The newest ends.
   *
   * @throws IllegalStateException if the watch has ended
   */
  Ends newest() {
    repeating.check();
    return newest;
  }

  /** Takes how far has been read. */
  void reached(Map<Part, Long> positions) {
    read = positions;
  }

  @Override
  public void close() throws InterruptedException {
    repeating.close();
    if (repeating.hasEnded()) {
      log.close();
    }
  }
}
