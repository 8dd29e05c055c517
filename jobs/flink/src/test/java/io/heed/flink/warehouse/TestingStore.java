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
  Throwable failure;
  Throwable ofSchema;
  CountDownLatch gate = new CountDownLatch(0);

  @Override
  public void prepare() {
    fail(ofSchema);
  }

  /** Throws it, whatever it is. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <T extends Throwable> void fail(Throwable failure) throws T {
    if (failure != null) {
      throw (T) failure;
    }
  }

  @Override
  public void insert(Table table, List<Row> rows) throws SQLException {
    try {
      gate.await();
    } catch (InterruptedException e) {
      throw new SQLException(e);
    }
    synchronized (this) {
      attempts++;
      fail(failure);
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
