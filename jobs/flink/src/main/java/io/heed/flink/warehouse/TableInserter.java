package io.heed.flink.warehouse;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Inserts rows into one table by the driver, a batch at a time, on a connection of its own. */
final class TableInserter implements RowInserter {
  private final Connection connection;
  private final PreparedStatement statement;
  private final Map<Class<?>, Function<Row, Object>[]> values;

  /**
   * @throws IllegalStateException if the table's columns are not those of its records
   */
  TableInserter(Database database, Table table) throws SQLException {
    this.connection = database.connect();
    try {
      List<String> columns = columns(database, table);
      this.values = table.values(columns);
      // The driver writes rows in the order of the table's columns, whatever the statement lists.
      this.statement =
          connection.prepareStatement(
              "INSERT INTO %s VALUES (%s)"
                  .formatted(
                      table.storage(),
                      String.join(", ", Collections.nCopies(columns.size(), "?"))));
    } catch (SQLException | RuntimeException | Error e) {
      connection.close();
      throw e;
    }
  }

  @Override
  public void insert(List<Row> rows) throws SQLException {
    for (Row row : rows) {
      Function<Row, Object>[] columns = values.get(row.content().getClass());
      for (int i = 0; i < columns.length; i++) {
        statement.setObject(i + 1, columns[i].apply(row));
      }
      statement.addBatch();
    }
    statement.executeBatch();
  }

  private List<String> columns(Database database, Table table) throws SQLException {
    List<String> columns = new ArrayList<>();
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT name FROM system.columns WHERE database = ? AND table = ? ORDER BY position")) {
      query.setString(1, database.name());
      query.setString(2, table.storage());
      try (ResultSet result = query.executeQuery()) {
        while (result.next()) {
          columns.add(result.getString(1));
        }
      }
    }
    return columns;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
