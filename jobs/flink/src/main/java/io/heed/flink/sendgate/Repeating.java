package io.heed.flink.sendgate;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a task again and again on a thread of its own, so that the gate never waits for Kafka. A
 * task that throws an exception is run again; one that throws an error has ended, and {@link
 * #check} fails the gate, so that Flink restarts it.
 */
final class Repeating implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Repeating.class);

  private final String name;
  private final long intervalMillis;
  private final Runnable task;
  private final ScheduledExecutorService executor;
  private volatile Error failure;

  /**
   * @param name of the thread
   * @param intervalMillis from the end of one run to the start of the next
   */
  Repeating(String name, long intervalMillis, Runnable task) {
    this.name = name;
    this.intervalMillis = intervalMillis;
    this.task = task;
    executor =
        Executors.newSingleThreadScheduledExecutor(
            each -> {
              Thread thread = new Thread(each, name);
              thread.setDaemon(true);
              return thread;
            });
  }

  @SuppressWarnings("FutureReturnValueIgnored") // it ends with the executor
  void start() {
    executor.scheduleWithFixedDelay(
        this::run, intervalMillis, intervalMillis, TimeUnit.MILLISECONDS);
  }

  private void run() {
    try {
      task.run();
    } catch (RuntimeException e) {
      if (!executor.isShutdown()) {
        LOG.warn("{} is tried again: {}", name, e.toString());
      }
    } catch (Error e) {
      failure = e;
      throw e;
    }
  }

  /**
   * Returns while the task goes on.
   *
   * @throws IllegalStateException if an error has ended it
   */
  void check() {
    if (failure != null) {
      throw new IllegalStateException(name + " has ended", failure);
    }
  }

  /** Ends the task; no run begins after this returns. */
  @Override
  public void close() throws InterruptedException {
    executor.shutdownNow();
    executor.awaitTermination(10, TimeUnit.SECONDS);
  }

  /** Whether no run is going on and none will begin. */
  boolean hasEnded() {
    return executor.isTerminated();
  }
}
