package io.heed.cli.explain;

import io.heed.cli.local.LocalStack;
import io.heed.cli.local.LocalStackOptions;
import io.heed.cli.local.LocalStackOptions.Part;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;

/** A real ClickHouse with the warehouse's tables and views, and without jobs. */
public record TestingWarehouse(LocalStack stack, Connection connection) implements AutoCloseable {
  private static final List<String> FILES =
      List.of(
          "0001_events",
          "0002_list_health",
          "0003_experiments",
          "0004_attribution",
          "0005_decisions",
          "0006_pipeline",
          "0007_rollups",
          "0008_sample_ratio",
          "0009_experiment_breakdown",
          "0010_optimizer",
          "0011_experiment_list",
          "0012_subscribers");

  public static TestingWarehouse start(Path directory) throws Exception {
    LocalStack stack =
        LocalStack.start(
            LocalStackOptions.builder(directory).parts(Part.CLICKHOUSE).clickHousePort(0).build());
    String url = stack.endpoints().clickHouseUrl();
    try (Connection any = DriverManager.getConnection(url);
        Statement statement = any.createStatement()) {
      statement.execute("CREATE DATABASE IF NOT EXISTS heed");
    }
    Properties properties = new Properties();
    properties.setProperty("database", "heed");
    TestingWarehouse warehouse =
        new TestingWarehouse(stack, DriverManager.getConnection(url, properties));
    for (String file : FILES) {
      try (InputStream in =
          TestingWarehouse.class.getResourceAsStream("/io/heed/flink/warehouse/" + file + ".sql")) {
        String sql = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        for (String part : sql.replaceAll("(?m)^ *--.*$", "").split(";\n|;$", -1)) {
          if (!part.isBlank()) {
            warehouse.execute(part);
          }
        }
      }
    }
    return warehouse;
  }

  public void execute(String sql) throws Exception {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() throws Exception {
    connection.close();
    stack.close();
  }
}
