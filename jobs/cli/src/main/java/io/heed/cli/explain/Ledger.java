package io.heed.cli.explain;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Reads rows of the warehouse as lines of text. */
final class Ledger {
  /** Makes a line of the row at hand. */
  @FunctionalInterface
  interface Line {
    String of(ResultSet row) throws SQLException;
  }

  private Ledger() {}

  /** The rows of a query whose every parameter is the id. */
  static List<String> lines(Connection warehouse, String sql, String id, Line line)
      throws SQLException {
    try (PreparedStatement statement = warehouse.prepareStatement(sql)) {
      int parameters = (int) sql.chars().filter(c -> c == '?').count();
      for (int i = 1; i <= parameters; i++) {
        statement.setString(i, id);
      }
      List<String> lines = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          lines.add(line.of(rows));
        }
      }
      return lines;
    }
  }
}
