package io.heed.cli.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.heed.flink.Jobs;
import io.heed.flink.streaming.KafkaCluster;
import io.heed.flink.streaming.KafkaTopics;
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
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every part of {@code heed local} may die, and so may the whole; readers see what truly happened,
 * row for row.
 */
class LocalStackIT {
  private static final Duration TIMEOUT = Duration.ofMinutes(10);
  private static final int RECIPIENTS = 200;
  private static final int ANSWER_TIMEOUT_MILLIS = 30_000;
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String EVENTS =
      "SELECT event_type, event_id, recipient_id, toUnixTimestamp64Milli(event_time) FROM events";

  private static final String LIST_HEALTH =
      "SELECT list_id, campaign_id, sum(sends), sum(delivered), sum(undelivered), sum(clicks),"
          + " sum(clickers), sum(scanner_clicks), sum(replies), sum(opt_outs), sum(complaints),"
          + " sum(opt_ins), sum(cost_micros) FROM list_health WHERE window_seconds = 86400"
          + " GROUP BY list_id, campaign_id";

  private final Set<String> jobs = Jobs.all().keySet();

  @TempDir private Path directory;
  private TestingLocal local;

  @BeforeEach
  void prepare() {
    local = new TestingLocal(directory, TIMEOUT);
  }

  @AfterEach
  void killWhatAFailureLeft() {
    local.close();
  }

  @Test
  void everyPartMayDieAndTheNextStartGoesOn() throws Exception {
    Scenario scenario = Scenarios.shipped("default").with(5L, RECIPIENTS, null);
    Simulation simulation =
        new Simulation(scenario, Instant.now().minus(Duration.ofHours(2)).toEpochMilli());
    Truth truth = new Truth(simulation, scenario);
    List<Arrival> trace = simulation.history().toList();
    trace.forEach(truth::published);
    int fifth = trace.size() / 5;
    local.start();
    String kafka = local.endpoint("Kafka");
    String flink = local.endpoint("Flink");
    assertThat(local.get(flink + "/")).contains("Apache Flink");
    assertThat(local.get(local.endpoint("Metrics"))).contains("flink_jobmanager_numRunningJobs");

    assertThat(local.query("SELECT file('/proc/self/environ')"))
        .contains("PATH=")
        .doesNotContain(TestingLocal.SECRET);

    local.publish(trace.subList(0, fifth).stream());
    local.kill("KafkaServer");
    local.publish(trace.subList(fifth, 2 * fifth).stream());
    local
        .await()
        .until(() -> KafkaTopics.isReachable(KafkaCluster.at(kafka), ANSWER_TIMEOUT_MILLIS));
    local.kill("ClickHouseServer");
    local.publish(trace.subList(2 * fifth, 3 * fifth).stream());
    local.await().until(() -> local.get(local.clickHouse() + "/ping").contains("Ok"));
    local.kill("FlinkServer");
    local.publish(trace.subList(3 * fifth, 4 * fifth).stream());
    local.await().until(() -> FlinkJobs.read(local.http(), flink).areUp(jobs));
    local
        .await()
        .untilAsserted(() -> assertThat(checkpoints(flink, "latest", "completed")).isTrue());
    local.killCommand();

    local.start();
    assertThat(checkpoints(local.endpoint("Flink"), "latest", "restored")).isTrue();
    local.publish(trace.subList(4 * fifth, trace.size()).stream());
    assertRows(EVENTS, facts(trace));
    assertRows("SELECT raw FROM dead_letter", broken(trace));
    assertRows(LIST_HEALTH, totals(truth));
    assertRows(
        "SELECT sum(sends) FROM send_cohort WHERE campaign_id != ''", List.of("" + sends(truth)));
    local.stop();
  }

  private void assertRows(String query, List<String> expected) {
    assertThat(expected).isNotEmpty();
    local
        .await()
        .untilAsserted(() -> assertThat(rows(query)).containsExactlyInAnyOrderElementsOf(expected));
  }

  private Stream<String> rows(String query) throws IOException {
    return local.query(query).lines().map(line -> line.replace('\t', '|'));
  }

  /** Each but the copies; the history has some older than the horizon, which count as well. */
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

  /** Whether every job has a checkpoint of a kind. */
  private boolean checkpoints(String flink, String... path) throws IOException {
    JsonNode overview = JSON.readTree(local.get(flink + "/jobs/overview")).path("jobs");
    assertThat(overview).hasSize(jobs.size());
    for (JsonNode job : overview) {
      JsonNode node =
          JSON.readTree(local.get(flink + "/jobs/" + job.path("jid").asText() + "/checkpoints"));
      for (String name : path) {
        node = node.path(name);
      }
      if (!node.isObject()) {
        return false;
      }
    }
    return true;
  }
}
