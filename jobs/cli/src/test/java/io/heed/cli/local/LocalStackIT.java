package io.heed.cli.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.heed.flink.Jobs;
import io.heed.flink.streaming.KafkaCluster;
import io.heed.flink.streaming.KafkaTopics;
import io.heed.sim.Arrival;
import io.heed.sim.Scenarios;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
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
    TestingTruth truth =
        new TestingTruth(
            Scenarios.shipped("default").with(5L, RECIPIENTS, null),
            Instant.now().minus(Duration.ofHours(2)).toEpochMilli());
    List<Arrival> trace = truth.trace();
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
    truth.rows().forEach(this::assertRows);
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
