package io.heed.flink.warehouse;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Inserts batches in the background, so that the next is read while the last is written. While the
 * database is away a batch is tried again with growing pauses, for as long as it takes; an error
 * that does not pass is kept and thrown to the task.
 */
final class BatchQueue implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BatchQueue.class);

  /** One batch is encoded while the server works on the other. */
  private static final int PLACES = 2;

  private static final long FIRST_PAUSE_MILLIS = 100;
  private static final long LAST_PAUSE_MILLIS = 5_000;
  private static final Duration REMIND = Duration.ofSeconds(30);

  private final WriterMetrics metrics;
  private final Semaphore places = new Semaphore(PLACES);
  private final ExecutorService threads;
  private final BlockingQueue<Store> stores = new LinkedBlockingQueue<>();
  private final CompletableFuture<Void> schema;
  private volatile Throwable failure;

  /** Opens nothing yet: what the first batch waits for is done in the background, too. */
  BatchQueue(Supplier<Store> store, WriterMetrics metrics) {
    this.metrics = metrics;
    this.threads =
        Executors.newFixedThreadPool(
            PLACES,
            work -> {
              Thread thread = new Thread(work, "warehouse-insert");
              thread.setDaemon(true);
              return thread;
            });
    for (int i = 0; i < PLACES; i++) {
      stores.add(store.get());
    }
    this.schema = CompletableFuture.runAsync(this::migrate, threads);
  }

  /** Whether {@link #submit} would return at once. */
  boolean hasPlace() {
    return places.availablePermits() > 0;
  }

  /** Takes a batch over, waiting for a place. */
  void submit(Table table, List<Row> rows) throws IOException, InterruptedException {
    places.acquire();
    check();
    threads.execute(
        () -> {
          try {
            schema.join();
            insert(table, rows);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          } catch (Throwable e) {
            fail("cannot write to table " + table.name(), e);
          } finally {
            places.release();
          }
        });
  }

  /** Waits until everything that was submitted is in the database. */
  void awaitEmpty() throws IOException, InterruptedException {
    places.acquire(PLACES);
    places.release(PLACES);
    check();
  }

  /** Throws what a background thread could not get over. */
  void check() throws IOException {
    if (failure != null) {
      throw new IOException(failure.getMessage(), failure);
    }
  }

  private void migrate() {
    try {
      withStore("schema", Store::prepare);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Throwable e) {
      fail("cannot bring the schema up to date", e);
      throw e;
    }
  }

  private void insert(Table table, List<Row> rows) throws InterruptedException {
    withStore(table.name(), store -> store.insert(table, rows));
    metrics.written(table, rows.size(), rows.get(rows.size() - 1).appendTime());
  }

  private void withStore(String what, Attempt attempt) throws InterruptedException {
    Store store = stores.take();
    try {
      untilItPasses(what, attempt, store);
    } finally {
      stores.add(store);
    }
  }

  private interface Attempt {
    void run(Store store) throws SQLException;
  }

  private void untilItPasses(String what, Attempt attempt, Store store)
      throws InterruptedException {
    long pauseMillis = FIRST_PAUSE_MILLIS;
    long since = 0;
    long remindAt = 0;
    while (true) {
      try {
        attempt.run(store);
        if (since != 0) {
          metrics.waiting(-1);
          LOG.info("{}: the database is back", what);
        }
        return;
      } catch (SQLException e) {
        if (!Database.passes(e)) {
          throw new IllegalStateException(e.getMessage(), e);
        }
        metrics.retry();
        long now = System.nanoTime();
        if (since == 0) {
          since = now;
          remindAt = now;
          metrics.waiting(1);
        }
        if (now >= remindAt) {
          LOG.warn(
              "{}: waiting for the database since {} s: {}",
              what,
              TimeUnit.NANOSECONDS.toSeconds(now - since),
              e.getMessage());
          remindAt = now + REMIND.toNanos();
        }
      }
      TimeUnit.MILLISECONDS.sleep(pauseMillis);
      pauseMillis = Math.min(2 * pauseMillis, LAST_PAUSE_MILLIS);
    }
  }

  private void fail(String what, Throwable e) {
    LOG.error("{}", what, e);
    if (failure == null) {
      failure = new IllegalStateException(what + ": " + e.getMessage(), e);
    }
  }

  /** Gives up what is under way: it is read again from the last checkpoint. */
  @Override
  public void close() {
    threads.shutdownNow();
    stores.forEach(Store::close);
  }
}
