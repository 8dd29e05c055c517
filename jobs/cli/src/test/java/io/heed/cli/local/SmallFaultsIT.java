package io.heed.cli.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.sim.Arrival;
import io.heed.sim.Arrival.Nature;
import io.heed.sim.ListHealthTruth;
import io.heed.sim.Scenario;
import io.heed.sim.Scenarios;
import io.heed.sim.Simulation;
import io.heed.sim.Truth;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A small trace while the database, the tasks' process and the broker are killed one after another:
 * at the end readers see what truly happened, row for row.
 */
class SmallFaultsIT {
  private static final Duration TIMEOUT = Duration.ofMinutes(8);
  private static final int RECIPIENTS = 300;

  private static final String EVENTS =
      "SELECT event_type, event_id, recipient_id, toUnixTimestamp64Milli(event_time) FROM events";

  private static final String LIST_HEALTH =
      "SELECT list_id, campaign_id, sum(sends), sum(delivered), sum(undelivered), sum(clicks),"
          + " sum(clickers), sum(scanner_clicks), sum(replies), sum(opt_outs), sum(complaints),"
          + " sum(opt_ins), sum(cost_micros) FROM list_health WHERE window_seconds = 86400"
          + " GROUP BY list_id, campaign_id";

  @TempDir private Path directory;

  @Tag("proof")
  @Test
  void whateverDiesReadersSeeWhatHappened() throws Exception {
    Scenario scenario = Scenarios.shipped("default").with(7L, RECIPIENTS, null);
    Simulation simulation =
        new Simulation(scenario, Instant.now().minus(Duration.ofHours(2)).toEpochMilli());
    Truth truth = new Truth(simulation, scenario);
    List<Arrival> trace = simulation.history().toList();
    trace.forEach(truth::published);
    int quarter = trace.size() / 4;
    try (TestingLocal local = new TestingLocal(directory, TIMEOUT)) {
      local.start("--restart-delay", "3");
      local.publish(trace.subList(0, quarter).stream());
      local.kill("ClickHouseServer");
      local.publish(trace.subList(quarter, 2 * quarter).stream());
      local.kill("FlinkServer");
      local.publish(trace.subList(2 * quarter, 3 * quarter).stream());
      local.kill("KafkaServer");
      local.publish(trace.subList(3 * quarter, trace.size()).stream());

      assertRows(local, EVENTS, facts(trace));
      assertRows(local, "SELECT raw FROM dead_letter", broken(trace));
      assertRows(local, LIST_HEALTH, totals(truth));
      assertRows(
          local,
          "SELECT sum(sends) FROM send_cohort WHERE campaign_id != ''",
          List.of("" + sends(truth)));
      local.stop();
    }
  }

  private static void assertRows(TestingLocal local, String query, List<String> expected) {
    assertThat(expected).isNotEmpty();
    local
        .await()
        .untilAsserted(
            () -> assertThat(rows(local, query)).containsExactlyInAnyOrderElementsOf(expected));
  }

  private static Stream<String> rows(TestingLocal local, String query) throws IOException {
    return local.query(query).lines().map(line -> line.replace('\t', '|'));
  }

  private static List<String> facts(List<Arrival> trace) {
    return trace.stream()
        .filter(a -> a.nature() != Nature.BROKEN && a.nature() != Nature.DUPLICATE)
        .map(
            a ->
                String.join(
                    "|",
                    a.topic().shortName(),
                    a.event().eventId(),
                    a.event().recipientId(),
                    "" + a.event().eventTime()))
        .toList();
  }

  private static List<String> broken(List<Arrival> trace) {
    return trace.stream()
        .filter(a -> a.nature() == Nature.BROKEN)
        .map(a -> a.value() == null ? "" : Base64.getEncoder().encodeToString(a.value()))
        .toList();
  }

  private static List<String> totals(Truth truth) {
    return truth.summary().listHealth().stream()
        .map(
            row ->
                row.listId()
                    + "|"
                    + row.campaignId()
                    + row.metrics().values().stream()
                        .map(value -> "|" + value)
                        .collect(Collectors.joining()))
        .toList();
  }

  private static long sends(Truth truth) {
    return truth.summary().listHealth().stream()
        .filter(row -> row.campaignId().isEmpty())
        .mapToLong(ListHealthTruth.Row::sends)
        .sum();
  }
}
