package io.heed.cli.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.heed.flink.Jobs;
import io.heed.flink.streaming.KafkaTopics;
import io.heed.sim.Arrival;
import io.heed.sim.Arrival.Nature;
import io.heed.sim.Scenarios;
import io.heed.sim.Simulation;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every part of {@code heed local} may die, and so may the whole; every event is counted once,
 * whenever it came.
 */
class LocalStackIT {
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final int RECIPIENTS = 200;
  private static final int ANSWER_TIMEOUT_MILLIS = 30_000;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Set<String> jobs = Jobs.all().keySet();

  @TempDir private Path directory;
  private TestingLocal local;

  @BeforeEach
  void prepare() {
    local = new TestingLocal(directory, PATIENCE);
  }

  @AfterEach
  void killWhatAFailureLeft() {
    local.close();
  }

  @Test
  void everyPartMayDieAndTheNextStartGoesOn() throws Exception {
    long start = Instant.now().minus(Duration.ofHours(2)).toEpochMilli();
    List<Arrival> trace =
        new Simulation(Scenarios.shipped("default").with(5L, RECIPIENTS, null), start)
            .history()
            .toList();
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
    local.await().until(() -> KafkaTopics.isReachable(kafka, ANSWER_TIMEOUT_MILLIS));
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
    local
        .await()
        .untilAsserted(
            () -> {
              assertThat(count("events")).isEqualTo(events(trace));
              assertThat(count("dead_letter")).isEqualTo(broken(trace));
            });
    local.stop();
  }

  /** Each but the copies; the history has some older than the horizon, which count as well. */
  private static long events(List<Arrival> trace) {
    return trace.stream()
        .filter(arrival -> arrival.nature() != Nature.DUPLICATE)
        .filter(arrival -> arrival.nature() != Nature.BROKEN)
        .count();
  }

  private static long broken(List<Arrival> trace) {
    return trace.stream().filter(arrival -> arrival.nature() == Nature.BROKEN).count();
  }

  private long count(String table) throws IOException {
    return Long.parseLong(local.query("SELECT count() FROM " + table).strip());
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
