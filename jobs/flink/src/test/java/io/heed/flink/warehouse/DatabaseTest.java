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

  private static SQLException server(int code) {
    return new SQLException(new ServerException(code, "message", 500, "query"));
  }
}
