package io.heed.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heed.cli.local.LocalStack;
import io.heed.cli.local.LocalStackOptions;
import io.heed.cli.local.LocalStackOptions.Part;
import io.heed.core.model.Category;
import io.heed.core.model.Send;
import io.heed.core.model.TopicNames;
import io.heed.flink.Jobs;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.KafkaCluster;
import io.heed.flink.warehouse.WarehouseTopology;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The job warehouse as a user with exactly the documented rights, from an empty server on. */
class WarehouseRightsIT {
  private static final String PASSWORD = "kept-by-the-warehouse";
  private static final String USER = "heed_warehouse";

  @TempDir private static Path directory;
  private static LocalStack stack;
  private static Path password;

  @BeforeAll
  static void start() throws Exception {
    password = Files.writeString(directory.resolve("password"), PASSWORD + "\n");
    Path users = Files.createDirectories(directory.resolve("data/clickhouse/users.d"));
    Files.writeString(
        users.resolve("warehouse.xml"),
        """
        <clickhouse><users><%1$s>
          <password>%2$s</password>
          <networks><ip>127.0.0.1</ip></networks>
          <profile>default</profile><quota>default</quota>
          <grants>%3$s</grants>
        </%1$s></users></clickhouse>
        """
            .formatted(USER, PASSWORD, grants()));
    stack =
        LocalStack.start(
            LocalStackOptions.builder(directory.resolve("data"))
                .parts(Part.KAFKA, Part.CLICKHOUSE)
                .kafkaPort(0)
                .clickHousePort(0)
                .build());
  }

  @AfterAll
  static void stop() {
    stack.close();
  }

  /** What docs/warehouse.md grants, and what it grants on top for --keep. */
  private static String grants() throws Exception {
    String text = Files.readString(Path.of("../../docs/warehouse.md"));
    List<String> grants =
        Pattern.compile("(GRANT [^;`]+ ON [^;`\\s]+)( TO " + USER + ";|`)")
            .matcher(text)
            .results()
            .map(match -> match.group(1))
            .toList();
    assertThat(grants).hasSizeGreaterThan(3);
    return grants.stream().map("<query>%s</query>"::formatted).collect(Collectors.joining());
  }

  @Test
  void theWarehouseRunsFromAnEmptyServerWithTheRightsThatAreDocumented() throws Exception {
    try (EventPublisher publisher =
        new EventPublisher(KafkaCluster.at(stack.endpoints().kafka()), new TopicNames(""))) {
      Jobs.ensureTopics(options());
      publisher.publish(
          new Send(
              "s1",
              System.currentTimeMillis(),
              "+12125550100",
              "m1",
              "spring",
              "deals",
              Category.PROMOTIONAL,
              null,
              null,
              null,
              "att",
              "US-NY",
              null,
              1,
              7_900L,
              null,
              null));
      publisher.flush();
    }
    List<String> notices = new ArrayList<>();
    try (LocalStack flink =
        LocalStack.start(
            LocalStackOptions.builder(directory.resolve("flink"))
                .parts(Part.FLINK)
                .kafka(KafkaCluster.at(stack.endpoints().kafka()))
                .clickHouseUrl(stack.endpoints().clickHouseUrl())
                .flinkPort(0)
                .metricsPort(0)
                .jobs(List.of(WarehouseTopology.JOB))
                .jobOptions(options("--keep", "events=13mo"))
                .notices(notices::add)
                .build())) {
      Awaitility.await()
          .atMost(90, TimeUnit.SECONDS)
          .ignoreExceptions()
          .untilAsserted(() -> assertThat(count("SELECT count() FROM heed.events")).isOne());
      // The rollups are refreshed by the database as the job's user.
      Awaitility.await()
          .atMost(90, TimeUnit.SECONDS)
          .untilAsserted(
              () -> assertThat(count("SELECT sum(events) FROM heed.event_hourly")).isOne());
      assertThat(
              count(
                  "SELECT count() FROM system.view_refreshes WHERE database = 'heed' AND"
                      + " exception != ''"))
          .isZero();
      assertThat(flink.areJobsRunning()).isTrue();
    }
    assertThat(notices).noneMatch(notice -> notice.contains("does not respond"));
  }

  @Test
  void aWrongPasswordIsRefusedAtTheStart() throws Exception {
    Path wrong = Files.writeString(directory.resolve("wrong"), "guessed");

    assertThatThrownBy(
            () ->
                WarehouseTopology.obstacle(options("--clickhouse-password-file", wrong.toString())))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Authentication failed")
        .hasMessageContaining(
            "check --clickhouse-user heed_warehouse and --clickhouse-password-file")
        .hasMessageNotContaining("guessed");
    assertThat(WarehouseTopology.obstacle(options())).isNull();
  }

  @Test
  void aServerThatIsAwayIsNamedAndWaitedFor() {
    assertThat(
            WarehouseTopology.obstacle(
                options("--clickhouse-url", "jdbc:clickhouse://127.0.0.1:1?password=secret")))
        .startsWith("ClickHouse at jdbc:clickhouse://127.0.0.1:1 does not respond")
        .contains("check that it runs")
        .doesNotContain("secret");
  }

  @Test
  void aCertificateThatIsNotTrustedIsRefusedUnlessItsFileIsGiven() throws Exception {
    String target = stack.endpoints().clickHouseUrl().replaceFirst(".*:(\\d+)/.*", "$1");
    try (TestingTlsProxy proxy =
        new TestingTlsProxy(directory.resolve("tls"), Integer.parseInt(target))) {
      String url = "jdbc:clickhouse:https://127.0.0.1:" + proxy.port();

      assertThatThrownBy(() -> WarehouseTopology.obstacle(options("--clickhouse-url", url)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("check its certificate, and sslrootcert in --clickhouse-url");
      assertThat(
              WarehouseTopology.obstacle(
                  options("--clickhouse-url", url + "?sslrootcert=" + proxy.certificate())))
          .isNull();
    }
  }

  private static JobOptions options(String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "--kafka",
                stack.endpoints().kafka(),
                "--clickhouse-url",
                stack.endpoints().clickHouseUrl(),
                "--clickhouse-user",
                USER,
                "--clickhouse-password-file",
                password.toString()));
    args.addAll(List.of(more));
    return JobOptions.fromArgs(args.toArray(String[]::new));
  }

  private static long count(String sql) throws SQLException {
    try (var connection = DriverManager.getConnection(url());
        var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  private static String url() {
    return stack.endpoints().clickHouseUrl().replaceFirst("/heed$", "/system");
  }
}
