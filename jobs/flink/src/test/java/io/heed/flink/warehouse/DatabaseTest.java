package io.heed.flink.warehouse;

import static org.assertj.core.api.Assertions.assertThat;

import com.clickhouse.client.api.ServerException;
import java.net.ConnectException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class DatabaseTest {
  @Test
  void aServerThatIsAwayOrOverloadedIsWaitedFor() {
    assertThat(Database.passes(new SQLException(new ConnectException("refused")))).isTrue();
    assertThat(Database.passes(server(252))).as("too many parts").isTrue();
    assertThat(Database.passes(server(241))).as("memory limit").isTrue();
    assertThat(Database.passes(server(236))).as("aborted").isTrue();
  }

  @Test
  void aRowOrATableThatWillNeverFitIsNot() {
    assertThat(Database.passes(server(16))).as("no such column").isFalse();
    assertThat(Database.passes(server(60))).as("no such table").isFalse();
    assertThat(Database.passes(server(516))).as("wrong password").isFalse();
    assertThat(Database.passes(new SQLException(new IllegalArgumentException()))).isFalse();
  }

  @Test
  void whatToCheckIsWhatCanHelp() {
    assertThat(problem(516)).contains("; check --clickhouse-user heed and --clickhouse-password");
    assertThat(problem(497)).contains("; check --clickhouse-user heed and --clickhouse-password");
    assertThat(problem(60))
        .endsWith("; check --database, and that the job warehouse has started once");
    assertThat(problem(81))
        .endsWith("; check --database, and that the job warehouse has started once");
    assertThat(problem(47)).as("a fault of the query").doesNotContain("check");
  }

  private static String problem(int code) {
    return Database.problem("jdbc:clickhouse://db:8123", "heed", server(code));
  }

  @Test
  void anUrlIsShownWithoutSecrets() {
    assertThat(Database.withoutSecrets("jdbc:clickhouse://u:secret@db:8123/heed?password=secret"))
        .isEqualTo("jdbc:clickhouse://db:8123/heed");
    assertThat(Database.withoutSecrets("jdbc:ch:https://db:8443"))
        .isEqualTo("jdbc:ch:https://db:8443");
  }

  private static SQLException server(int code) {
    return new SQLException(new ServerException(code, "message", 500, "query"));
  }
}
