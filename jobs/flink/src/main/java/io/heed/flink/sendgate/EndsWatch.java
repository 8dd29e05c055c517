package io.heed.flink.sendgate;

import io.heed.flink.sendgate.GateInput.Part;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks again and again where the inputs end, on a thread of its own, so that the gate never waits
 * for Kafka. While Kafka does not answer the newest answer grows old, and the gate defers.
 */
final class EndsWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EndsWatch.class);
  private static final long INTERVAL_MILLIS = 500;

  /**
   * An answer.
   *
   * @param at wall clock before the question, epoch milliseconds
   */
  record Ends(long at, Map<Part, Long> offsets) {}

  private final GateLog log;
  private final LongSupplier clock;
  private final ScheduledExecutorService executor =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "send-gate-ends");
            thread.setDaemon(true);
            return thread;
          });
  private volatile Map<Part, Long> read = Map.of();
  private volatile Ends newest;

  /**
   * @param log to ask
   * @param clock wall clock, epoch milliseconds
   */
  EndsWatch(GateLog log, LongSupplier clock) {
    this.log = log;
    this.clock = clock;
  }

  /** Asks once, on the caller's thread, before anything else does. */
  Ends ask() {
    long at = clock.getAsLong();
    newest = new Ends(at, log.ends(read));
    return newest;
  }

  /** From now on the log belongs to the watch's thread. */
  @SuppressWarnings("FutureReturnValueIgnored") // it ends with the executor
  void start() {
    executor.scheduleWithFixedDelay(
        this::askAgain, INTERVAL_MILLIS, INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void askAgain() {
    try {
      ask();
    } catch (RuntimeException e) {
      LOG.warn("Kafka does not tell where the inputs end: {}", e.toString());
    }
  }

  Ends newest() {
    return newest;
  }

  /** Tells how far has been read. */
  void reached(Map<Part, Long> positions) {
    read = positions;
  }

  @Override
  public void close() throws InterruptedException {
    executor.shutdownNow();
    if (executor.awaitTermination(10, TimeUnit.SECONDS)) {
      log.close();
    }
  }
}
