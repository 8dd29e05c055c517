package io.heed.flink.warehouse;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/** Metrics of the writer; written by its background threads. */
final class WriterMetrics {
  private final Map<String, LongAdder> rows = new TreeMap<>();
  private final LongAdder batches = new LongAdder();
  private final LongAdder retries = new LongAdder();
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicLong newestAppendTime = new AtomicLong();

  WriterMetrics(MetricGroup group) {
    for (String table : Table.ALL.keySet()) {
      LongAdder count = new LongAdder();
      rows.put(table, count);
      group.addGroup("table", table).gauge("heed_rows_written", (Gauge<Long>) count::sum);
    }
    group.gauge("heed_batches", (Gauge<Long>) batches::sum);
    group.gauge("heed_retries", (Gauge<Long>) retries::sum);
    group.gauge("heed_waiting_for_database", (Gauge<Integer>) waiting::get);
    group.gauge("heed_newest_row_age_ms", (Gauge<Long>) this::newestRowAgeMillis);
  }

  void written(Table table, int count, long lastAppendTime) {
    rows.get(table.name()).add(count);
    batches.increment();
    newestAppendTime.accumulateAndGet(lastAppendTime, Math::max);
  }

  void retry() {
    retries.increment();
  }

  /** A background thread has begun (1) or ended (-1) to wait for the database. */
  void waiting(int change) {
    waiting.addAndGet(change);
  }

  /** How long ago Kafka took the newest row that is in the database; -1 before the first. */
  private long newestRowAgeMillis() {
    long newest = newestAppendTime.get();
    return newest == 0 ? -1 : System.currentTimeMillis() - newest;
  }
}
