package io.heed.cli.demo;

import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Polls ClickHouse now and then for its progress, so that no caller has to wait for the result. */
final class ResultsWatch implements AutoCloseable {
  private static final long EVERY_MILLIS = 2_000;

  private final Results results;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread daemon = new Thread(task, "results-watch");
            daemon.setDaemon(true);
            return daemon;
          });

  private volatile Map<String, Long> events = Map.of();
  private volatile long deadLetters;

  ResultsWatch(Results results) {
    this.results = results;
    ScheduledFuture<?> unused =
        thread.scheduleWithFixedDelay(this::look, 0, EVERY_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void look() {
    try {
      events = results.events();
      deadLetters = sum(results.deadLetters());
    } catch (SQLException e) {
      // ClickHouse is away: what was read last stands until it is back.
    }
  }

  /** Events by type, as read last. */
  Map<String, Long> events() {
    return events;
  }

  long rows() {
    return sum(events);
  }

  long deadLetters() {
    return deadLetters;
  }

  private static long sum(Map<String, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
