package io.heed.flink.warehouse;

import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes to the database, over one connection a table; after an error over a new one. */
final class DatabaseStore implements Store {
  private static final Logger LOG = LoggerFactory.getLogger(DatabaseStore.class);

  private final Database database;
  private final Map<Table, RowInserter> inserters = new HashMap<>();

  DatabaseStore(Database database) {
    this.database = database;
  }

  @Override
  public void prepare() throws SQLException {
    Migrations.apply(database);
    TableTtl.apply(database, database.keep());
  }

  @Override
  public void insert(Table table, List<Row> rows) throws SQLException {
    // Out while in use, so that one that failed is never used again.
    RowInserter inserter = inserters.remove(table);
    if (inserter == null) {
      inserter = open(table);
    }
    boolean inserted = false;
    try {
      inserter.insert(rows);
      inserted = true;
    } finally {
      if (inserted) {
        inserters.put(table, inserter);
      } else {
        close(inserter);
      }
    }
  }

  private RowInserter open(Table table) throws SQLException {
    return table == Table.EVENTS
        ? new EventInserter(database, table)
        : new TableInserter(database, table);
  }

  @Override
  public void close() {
    inserters.values().forEach(DatabaseStore::close);
  }

  private static void close(RowInserter inserter) {
    try {
      inserter.close();
    } catch (SQLException e) {
      LOG.debug("closing a connection", e);
    }
  }
}
