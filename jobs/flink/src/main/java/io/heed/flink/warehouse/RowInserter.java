package io.heed.flink.warehouse;

import java.sql.SQLException;
import java.util.List;

/** Inserts rows into one table, on a connection of its own. */
interface RowInserter extends AutoCloseable {
  /** Inserts {@code rows}: all of them, or throws and may have inserted them or not. */
  void insert(List<Row> rows) throws SQLException;

  @Override
  void close() throws SQLException;
}
