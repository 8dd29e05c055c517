package io.heed.flink.warehouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heed.cli.local.LocalStack;
import io.heed.cli.local.LocalStackOptions;
import io.heed.cli.local.LocalStackOptions.Part;
import io.heed.flink.streaming.JobOptions;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The migrations on the real engine. Each test has a database of its own. */
class MigrationsIT {
  @TempDir private static Path directory;
  private static LocalStack stack;

  @BeforeAll
  static void start() throws Exception {
    stack =
        LocalStack.start(
            LocalStackOptions.builder(directory).parts(Part.CLICKHOUSE).clickHousePort(0).build());
  }

  @AfterAll
  static void stop() {
    stack.close();
  }

  @Test
  void makeTheColumnsThatTheRecordsHave() throws Exception {
    Database database = database("shapes");
    Migrations.apply(database);
    for (Table table : Table.ALL.values()) {
      Map<String, String> columns = new LinkedHashMap<>();
      for (List<String> column :
          query(
              database,
              "SELECT name, type FROM system.columns WHERE database = 'shapes' AND table = '%s'"
                  .formatted(table.storage()))) {
        columns.put(column.get(0), column.get(1).replace("LowCardinality(String)", "String"));
      }
      assertThat(columns)
          .as(table.storage())
          .containsExactlyInAnyOrderEntriesOf(table.columnTypes());
      assertThat(query(database, "SELECT * FROM " + table.name())).isEmpty();
    }
  }

  @Test
  void areAppliedOnceByTasksThatStartTogether() throws Exception {
    Database database = database("together");
    ExecutorService tasks = Executors.newFixedThreadPool(4);
    try {
      List<Callable<Void>> starts = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        starts.add(
            () -> {
              Migrations.apply(database);
              return null;
            });
      }
      for (Future<Void> started : tasks.invokeAll(starts)) {
        started.get();
      }
    } finally {
      tasks.shutdownNow();
    }
    assertThat(query(database, "SELECT file FROM schema_migration ORDER BY number"))
        .extracting(row -> row.get(0))
        .isEqualTo(Migrations.FILES);
  }

  @Test
  void mayBeAppliedAgainAfterAStartThatDiedBetweenTwoStatements() throws Exception {
    Database database = database("again");
    Migrations.apply(database);
    query(database, "TRUNCATE TABLE schema_migration_versions");
    Migrations.apply(database);
    assertThat(query(database, "SELECT count() FROM schema_migration"))
        .containsExactly(List.of("" + Migrations.FILES.size()));
  }

  @Test
  void refuseAFileThatHasChangedSinceItWasApplied() throws Exception {
    Database database = database("changed");
    Migrations.apply(database);
    Map<String, String> files = new HashMap<>();
    Migrations.FILES.forEach(file -> files.put(file, Migrations.read(file)));
    files.merge("0002_list_health.sql", "-- changed\n", String::concat);
    assertThatThrownBy(() -> Migrations.apply(database, Migrations.FILES, files))
        .hasMessageContaining("0002_list_health.sql")
        .hasMessageContaining("changed");
  }

  /** ON CLUSTER itself needs a server with a keeper, which this engine is not: it parses it. */
  @Test
  void becomeStatementsOfAClusterThatTheEngineCanRead() throws Exception {
    Database database = database("cluster");
    Migrations.apply(database);
    for (String file : Migrations.FILES) {
      for (String statement : Migrations.statements(Migrations.read(file))) {
        String read = formatted(database, ClusterDdl.of(statement, "main"));
        assertThat(read).contains(" ON CLUSTER main ");
        boolean table = read.startsWith("CREATE TABLE");
        assertThat(read.contains(" ENGINE = Replicated")).as(read).isEqualTo(table);
        // Besides that nothing has changed.
        assertThat(read.replace(" ON CLUSTER main", "").replace("ENGINE = Replicated", "ENGINE = "))
            .isEqualTo(formatted(database, statement));
      }
    }
  }

  @Test
  void refuseAClusterThatTheServerDoesNotKnow() {
    Database database =
        new Database(
            JobOptions.fromArgs(
                "--clickhouse-url",
                stack.endpoints().clickHouseUrl(),
                "--clickhouse-cluster",
                "main"));
    assertThatThrownBy(() -> Migrations.apply(database))
        .hasMessageContaining("--clickhouse-cluster main")
        .hasMessageContaining("system.clusters has ");
    assertThatThrownBy(database::obstacle).hasMessageContaining("--clickhouse-cluster main");
  }

  private static String formatted(Database database, String statement) throws SQLException {
    try (Connection connection = database.connect();
        var query = connection.prepareStatement("SELECT formatQuerySingleLine(?)")) {
      query.setString(1, statement);
      ResultSet result = query.executeQuery();
      result.next();
      return result.getString(1);
    }
  }

  private static Database database(String name) {
    return new Database(
        JobOptions.fromArgs(
            "--clickhouse-url", stack.endpoints().clickHouseUrl(), "--database", name));
  }

  private static List<List<String>> query(Database database, String sql) throws SQLException {
    List<List<String>> rows = new ArrayList<>();
    try (Connection connection = database.connect();
        var statement = connection.createStatement()) {
      if (statement.execute(sql)) {
        ResultSet result = statement.getResultSet();
        while (result.next()) {
          List<String> row = new ArrayList<>();
          for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
            row.add(result.getString(i));
          }
          rows.add(row);
        }
      }
    }
    return rows;
  }
}
