package io.heed.flink.warehouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ClusterDdlTest {
  @Test
  void tablesReplicateOnEveryReplica() {
    assertThat(
            ClusterDdl.of(
                "CREATE TABLE IF NOT EXISTS t\n(\n a Int64\n)\nENGINE = ReplacingMergeTree(seq)\nORDER BY a",
                "main"))
        .isEqualTo(
            "CREATE TABLE IF NOT EXISTS t ON CLUSTER 'main'\n(\n a Int64\n)\n"
                + "ENGINE = ReplicatedReplacingMergeTree(seq)\nORDER BY a");
    assertThat(ClusterDdl.of("CREATE DATABASE IF NOT EXISTS heed", "main"))
        .isEqualTo("CREATE DATABASE IF NOT EXISTS heed ON CLUSTER 'main'");
  }

  @Test
  void whatARefreshReplacesStaysLocal() {
    assertThat(
            ClusterDdl.of(
                "CREATE MATERIALIZED VIEW IF NOT EXISTS v\nREFRESH AFTER 1 MINUTE (a Int64)\n"
                    + "ENGINE = MergeTree ORDER BY a AS SELECT 1 AS a",
                "main"))
        .isEqualTo(
            "CREATE MATERIALIZED VIEW IF NOT EXISTS v ON CLUSTER 'main'\nREFRESH AFTER 1 MINUTE"
                + " (a Int64)\nENGINE = MergeTree ORDER BY a AS SELECT 1 AS a");
  }

  @Test
  void oneServerGetsTheStatementAsItIs() {
    assertThat(ClusterDdl.of("ALTER TABLE t DROP COLUMN a", null))
        .isEqualTo("ALTER TABLE t DROP COLUMN a");
  }

  @Test
  void anotherKindOfStatementIsRefused() {
    assertThatThrownBy(() -> ClusterDdl.of("ALTER TABLE t DROP COLUMN a", "main"))
        .hasMessageContaining("ALTER TABLE t");
  }
}
