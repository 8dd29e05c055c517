package io.heed.flink.warehouse;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A store in memory that can be away, refuse, or hold a batch until it is let go. */
final class TestingStore implements Store {
  final List<List<Row>> batches = new ArrayList<>();
  int attempts;
  int timesAway;
  boolean refuses;
  CountDownLatch gate = new CountDownLatch(0);

  @Override
  public void prepare() {}

  @Override
  public void insert(Table table, List<Row> rows) throws SQLException {
    try {
      gate.await();
    } catch (InterruptedException e) {
      throw new SQLException(e);
    }
    synchronized (this) {
      attempts++;
      if (refuses) {
        throw new SQLException("no such column");
      }
      if (attempts <= timesAway) {
        throw new SQLException("away", new IOException("connection refused"));
      }
      batches.add(List.copyOf(rows));
    }
  }

  synchronized int rows() {
    return batches.stream().mapToInt(List::size).sum();
  }

  @Override
  public void close() {}
}
