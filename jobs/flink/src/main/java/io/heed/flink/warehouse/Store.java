package io.heed.flink.warehouse;

import java.sql.SQLException;
import java.util.List;

/** Where batches go; used by one thread at a time. */
interface Store extends AutoCloseable {
  /** Makes tables where they are missing. */
  void prepare() throws SQLException;

  /** Inserts all of {@code rows}, or throws and may have inserted them or not. */
  void insert(Table table, List<Row> rows) throws SQLException;

  @Override
  void close();
}
