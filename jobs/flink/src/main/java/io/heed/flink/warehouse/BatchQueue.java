package io.heed.flink.warehouse;

import io.heed.flink.streaming.Background;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
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
  private final Background threads = new Background("warehouse-insert", PLACES);
  private final BlockingQueue<Store> stores = new LinkedBlockingQueue<>();
  private final CountDownLatch schema = new CountDownLatch(1);

  /** Opens nothing yet: what the first batch waits for is done in the background, too. */
  BatchQueue(Supplier<Store> store, WriterMetrics metrics) {
    this.metrics = metrics;
    for (int i = 0; i < PLACES; i++) {
      stores.add(store.get());
    }
    threads.run(
        "cannot bring the schema up to date",
        () -> withStore("schema", Store::prepare),
        schema::countDown);
  }

  /** Whether {@link #submit} would return at once. */
  boolean hasPlace() {
    return places.availablePermits() > 0;
  }

  /** Takes a batch over, waiting for a place. */
  void submit(Table table, List<Row> rows) throws IOException, InterruptedException {
    awaitPlaces(1);
    threads.run(
        "cannot write to table " + table.name(), () -> insert(table, rows), places::release);
  }

  /** Waits until everything that was submitted is in the database. */
  void awaitEmpty() throws IOException, InterruptedException {
    awaitPlaces(PLACES);
    places.release(PLACES);
  }

  /** Takes places, unless what had them before has failed. */
  private void awaitPlaces(int count) throws IOException, InterruptedException {
    places.acquire(count);
    try {
      check();
    } catch (IOException e) {
      places.release(count);
      throw e;
    }
  }

  /** Throws what a background thread could not get over. */
  void check() throws IOException {
    threads.check();
  }

  private void insert(Table table, List<Row> rows)
      throws IOException, SQLException, InterruptedException {
    schema.await();
    check();
    withStore(table.name(), store -> store.insert(table, rows));
    metrics.written(table, rows.size(), rows.get(rows.size() - 1).appendTime());
  }

  private void withStore(String what, Attempt attempt) throws SQLException, InterruptedException {
    Store store = stores.take();
    try {
      untilItPasses(what, attempt, store);
    } finally {
      stores.add(store);
      if (threads.isClosed()) {
        closeStores();
      }
    }
  }

  private interface Attempt {
    void run(Store store) throws SQLException;
  }

  private void untilItPasses(String what, Attempt attempt, Store store)
      throws SQLException, InterruptedException {
    long pauseMillis = FIRST_PAUSE_MILLIS;
    long since = 0;
    long remindAt = 0;
    try {
      while (true) {
        try {
          attempt.run(store);
          if (since != 0) {
            LOG.info("{}: the database is back", what);
          }
          return;
        } catch (SQLException e) {
          if (!Database.passes(e)) {
            throw e;
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
    } finally {
      if (since != 0) {
        metrics.waiting(-1);
      }
    }
  }

  /** Gives up what is under way: it is read again from the last checkpoint. */
  @Override
  public void close() {
    threads.close();
    closeStores();
  }

  /** Each store is closed once, one that is in use by the thread that uses it. */
  private void closeStores() {
    for (Store store = stores.poll(); store != null; store = stores.poll()) {
      store.close();
    }
  }
}
