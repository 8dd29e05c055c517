package io.heed.cli.explain;

import io.heed.cli.UserError;
import io.heed.flink.warehouse.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import picocli.CommandLine.Option;

/** Where the warehouse is. */
public final class WarehouseOptions {
  @Option(
      names = "--clickhouse-url",
      paramLabel = "URL",
      defaultValue = "jdbc:clickhouse://127.0.0.1:8123",
      description = "JDBC URL of the warehouse (default: ${DEFAULT-VALUE}).")
  private String url;

  @Option(
      names = "--clickhouse-user",
      paramLabel = "USER",
      defaultValue = "default",
      description = "Its user (default: ${DEFAULT-VALUE}).")
  private String user;

  @Option(
      names = "--clickhouse-password-file",
      paramLabel = "FILE",
      description = "File that holds the user's password.")
  private Path passwordFile;

  @Option(
      names = "--database",
      paramLabel = "NAME",
      defaultValue = "heed",
      description = "Its database (default: ${DEFAULT-VALUE}).")
  private String database;

  /** Opens the warehouse. */
  public Connection connect() throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", user);
    properties.setProperty("database", database);
    try {
      if (passwordFile != null) {
        properties.setProperty("password", Files.readString(passwordFile).strip());
      }
    } catch (IOException e) {
      throw UserError.of("--clickhouse-password-file " + passwordFile, e);
    }
    return DriverManager.getConnection(url, properties);
  }

  /** One clear line of what went wrong there. */
  public UserError unreachable(SQLException e) {
    return new UserError(Database.problem(url, user, e), e);
  }
}
