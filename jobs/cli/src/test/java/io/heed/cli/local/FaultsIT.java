package io.heed.cli.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.sim.Arrival;
import io.heed.sim.Scenarios;
import io.heed.sim.Simulation;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One trace, played undisturbed and with every kind of death in between: what readers see at the
 * end is the same, row for row.
 */
@Tag("proof")
class FaultsIT {
  private static final Duration TIMEOUT = Duration.ofMinutes(5);
  private static final int RECIPIENTS = 3_000;

  /** What readers see, without versions and the broker's clock. */
  private static final Map<String, String> TABLES =
      Map.of(
          "events", "SELECT * EXCEPT (appended_at) FROM events ORDER BY ALL",
          "list_health", "SELECT * EXCEPT (seq) FROM list_health ORDER BY ALL",
          "send_cohort", "SELECT * EXCEPT (seq) FROM send_cohort ORDER BY ALL",
          "dead_letter", "SELECT * EXCEPT (appended_at) FROM dead_letter ORDER BY ALL");

  @TempDir private Path directory;

  @Test
  void whicheverProcessDiesReadersSeeTheSame() throws Exception {
    long start = Instant.now().minus(Duration.ofHours(2)).toEpochMilli();
    List<Arrival> trace =
        new Simulation(Scenarios.shipped("default").with(7L, RECIPIENTS, null), start)
            .history()
            .toList();
    Map<String, List<String>> expected = undisturbed(trace);
    assertThat(expected.get("events")).hasSizeGreaterThan(RECIPIENTS * 5);
    assertThat(expected.get("dead_letter")).hasSizeGreaterThan(20);
    Map<String, List<String>> seen = disturbed(trace, expected);
    SoftAssertions.assertSoftly(
        all ->
            expected.forEach(
                (table, rows) -> all.assertThat(seen.get(table)).as(table).isEqualTo(rows)));
  }

  private Map<String, List<String>> undisturbed(List<Arrival> trace) throws Exception {
    try (TestingLocal local = new TestingLocal(directory.resolve("undisturbed"), TIMEOUT)) {
      local.start();
      local.publish(trace.stream());
      Map<String, List<String>> rows = settled(local);
      local.stop();
      return rows;
    }
  }

  private Map<String, List<String>> disturbed(
      List<Arrival> trace, Map<String, List<String>> expected) throws Exception {
    int quarter = trace.size() / 4;
    try (TestingLocal local = new TestingLocal(directory.resolve("disturbed"), TIMEOUT)) {
      local.start("--restart-delay", "60");
      local.publish(trace.subList(0, quarter).stream());
      local.kill("ClickHouseServer");
      local.publish(trace.subList(quarter, 2 * quarter).stream());
      local.await().until(() -> !local.query("SELECT 1").isEmpty());
      local.killAll();
      local.start("--restart-delay", "20");
      local.publish(trace.subList(2 * quarter, 3 * quarter).stream());
      local.kill("KafkaServer");
      local.publish(trace.subList(3 * quarter, trace.size()).stream());
      local.kill("FlinkServer");
      local
          .await()
          .until(
              () ->
                  local
                      .query("SELECT count() FROM events")
                      .strip()
                      .equals("" + expected.get("events").size()));
      return settled(local);
    }
  }

  /**
   * The rows once nothing moves any more: the same at two looks that are further apart than any row
   * waits.
   */
  private static Map<String, List<String>> settled(TestingLocal local) throws Exception {
    Map<String, List<String>> last = rows(local);
    for (int same = 0; same < 3; ) {
      Thread.sleep(Duration.ofSeconds(6).toMillis());
      Map<String, List<String>> now = rows(local);
      same = !now.get("events").isEmpty() && now.equals(last) ? same + 1 : 0;
      last = now;
    }
    return last;
  }

  private static Map<String, List<String>> rows(TestingLocal local) throws IOException {
    Map<String, List<String>> rows = new TreeMap<>();
    for (Map.Entry<String, String> table : TABLES.entrySet()) {
      rows.put(table.getKey(), local.query(table.getValue()).lines().toList());
    }
    return rows;
  }
}
