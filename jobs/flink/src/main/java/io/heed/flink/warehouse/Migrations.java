package io.heed.flink.warehouse;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the database's schema up to date: numbered SQL files, each applied once and in order, and
 * recorded with its checksum.
 *
 * <p>Several tasks may start at once, and one may die between two statements. ClickHouse has no
 * lock to take, so every statement says IF NOT EXISTS (or OR REPLACE, or the like): a file that was
 * applied in part, or by two at once, ends the same. A file that was applied is never changed; what
 * changes is a new file.
 */
final class Migrations {
  private static final Logger LOG = LoggerFactory.getLogger(Migrations.class);

  /** The files in order. */
  static final List<String> FILES =
      List.of(
          "0001_events.sql",
          "0002_list_health.sql",
          "0003_experiments.sql",
          "0004_attribution.sql",
          "0005_decisions.sql",
          "0006_pipeline.sql",
          "0007_rollups.sql",
          "0008_sample_ratio.sql",
          "0009_experiment_breakdown.sql",
          "0010_optimizer.sql",
          "0011_experiment_list.sql",
          "0012_subscribers.sql");

  private static final List<String> MEMORY =
      List.of(
          "CREATE TABLE IF NOT EXISTS schema_migration_versions (number UInt32, file String, "
              + "checksum String, applied_at DateTime64(3, 'UTC') DEFAULT now64(3)) "
              + "ENGINE = ReplacingMergeTree ORDER BY number",
          "CREATE VIEW IF NOT EXISTS schema_migration AS "
              + "SELECT * FROM schema_migration_versions FINAL");

  private Migrations() {}

  /**
   * Applies what is missing.
   *
   * @throws IllegalStateException naming the file if one that was applied has changed since
   */
  static void apply(Database database) throws SQLException {
    Map<String, String> files = new HashMap<>();
    FILES.forEach(file -> files.put(file, read(file)));
    apply(database, FILES, files);
  }

  static void apply(Database database, List<String> order, Map<String, String> sql)
      throws SQLException {
    database.requireCluster();
    ensureExists(database);
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      for (String line : MEMORY) {
        statement.execute(ClusterDdl.of(line, database.cluster()));
      }
      Map<Integer, String> applied = applied(statement);
      for (String file : order) {
        int number = Integer.parseInt(file.substring(0, file.indexOf('_')));
        String checksum = checksum(sql.get(file));
        String before = applied.get(number);
        if (before == null) {
          for (String part : statements(sql.get(file))) {
            statement.execute(ClusterDdl.of(part, database.cluster()));
          }
          record(connection, number, file, checksum);
          LOG.info("applied migration {}", file);
        } else if (!before.equals(checksum)) {
          throw new IllegalStateException(
              "migration %s was applied to database %s and has changed since: what changes the schema is a new file"
                  .formatted(file, database.name()));
        }
      }
    }
  }

  /** Queries first, for a user who may use the database need not be allowed to create one. */
  private static void ensureExists(Database database) throws SQLException {
    try (Connection connection = database.connectBesides();
        Statement statement = connection.createStatement()) {
      boolean exists;
      try (ResultSet result = statement.executeQuery("EXISTS DATABASE " + database.name())) {
        exists = result.next() && result.getInt(1) == 1;
      }
      if (!exists) {
        statement.execute(
            ClusterDdl.of("CREATE DATABASE IF NOT EXISTS " + database.name(), database.cluster()));
      }
    }
  }

  private static Map<Integer, String> applied(Statement statement) throws SQLException {
    Map<Integer, String> applied = new HashMap<>();
    try (ResultSet result =
        statement.executeQuery("SELECT number, checksum FROM schema_migration")) {
      while (result.next()) {
        applied.put(result.getInt(1), result.getString(2));
      }
    }
    return applied;
  }

  private static void record(Connection connection, int number, String file, String checksum)
      throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO schema_migration_versions (number, file, checksum)"
                + " SELECT toUInt32(?), ?, ?")) {
      insert.setInt(1, number);
      insert.setString(2, file);
      insert.setString(3, checksum);
      insert.executeUpdate();
    }
  }

  /** The statements of a file: each ends with a semicolon at the end of a line. */
  static List<String> statements(String sql) {
    String code =
        sql.lines().filter(line -> !line.startsWith("--")).collect(Collectors.joining("\n"));
    return Arrays.stream(code.split(";\n|;$"))
        .map(String::strip)
        .filter(part -> !part.isEmpty())
        .toList();
  }

  static String read(String file) {
    try (InputStream resource = Migrations.class.getResourceAsStream(file)) {
      return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String checksum(String sql) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha256.digest(sql.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
