package io.heed.cli.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.heed.cli.KafkaTopics;
import io.heed.flink.Jobs;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every part of {@code heed local} may die, and so may the whole. */
class LocalStackIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
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
    local.start();
    String kafka = local.endpoint("Kafka");
    String flink = local.endpoint("Flink");
    assertThat(local.get(flink + "/")).contains("Apache Flink");
    assertThat(local.get(local.endpoint("Metrics"))).contains("flink_jobmanager_numRunningJobs");

    local.kill("KafkaServer");
    local.await().until(() -> KafkaTopics.isReachable(kafka, ANSWER_TIMEOUT_MILLIS));
    local.kill("ClickHouseServer");
    local.await().until(() -> local.get(local.clickHouse() + "/ping").contains("Ok"));
    local.kill("FlinkServer");
    local.await().until(() -> FlinkJobs.read(local.http(), flink).areUp(jobs));
    local
        .await()
        .untilAsserted(() -> assertThat(checkpoints(flink, "latest", "completed")).isTrue());
    local.killCommand();

    local.start();
    assertThat(checkpoints(local.endpoint("Flink"), "latest", "restored")).isTrue();
    local.stop();
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
