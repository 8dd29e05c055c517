package io.heed.cli.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.heed.core.model.Topic;
import io.heed.flink.Jobs;
import io.heed.sim.Arrival;
import io.heed.sim.Arrival.Nature;
import io.heed.sim.Scenarios;
import io.heed.sim.Simulation;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A million good records with thousands of broken ones among them, broken in every way that the
 * simulator knows: the good ones count, the broken ones are set aside as they came, and no job
 * notices.
 */
@Tag("proof")
class BrokenRecordsIT {
  private static final Duration TIMEOUT = Duration.ofMinutes(8);
  private static final int RECIPIENTS = 75_000;
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String DAILY_SENDS =
      "sum(sends) FROM list_health WHERE window_seconds = 86400 AND campaign_id = ''";

  /** What is an event of its own, and not too old to be counted. */
  private static final Set<Nature> COUNTED =
      EnumSet.of(Nature.FACT, Nature.SCANNER_CLICK, Nature.REVOKING_REPLY);

  @TempDir private Path directory;
  private final List<String> broken = new ArrayList<>();
  private long events;
  private long sends;

  @Test
  void goodOnesCountAndBrokenOnesAreSetAside() throws Exception {
    long start = Instant.now().minus(Duration.ofHours(2)).toEpochMilli();
    Simulation simulation =
        new Simulation(Scenarios.shipped("default").with(11L, RECIPIENTS, null), start);
    try (TestingLocal local = new TestingLocal(directory, TIMEOUT)) {
      local.start();
      try (Stream<Arrival> history = simulation.history()) {
        local.publish(history.peek(this::note));
      }
      assertThat(events).isGreaterThan(1_000_000);
      assertThat(broken).hasSizeGreaterThan(1_000);
      local.await().until(() -> count(local, "count() FROM events") == events);
      local.await().until(() -> count(local, DAILY_SENDS) == sends);
      local.await().until(() -> count(local, "count() FROM dead_letter") == broken.size());

      assertThat(local.query("SELECT raw FROM dead_letter").lines())
          .containsExactlyInAnyOrderElementsOf(broken);
      assertThat(count(local, "count() FROM dead_letter WHERE reason = ''")).isZero();
      // Flink gathers a metric only after a first request for it.
      local.await().until(() -> restarts(local) == 0);
      local.stop();
    }
  }

  private void note(Arrival arrival) {
    if (arrival.nature() == Nature.BROKEN) {
      byte[] value = arrival.value();
      broken.add(value == null ? "" : Base64.getEncoder().encodeToString(value));
    } else if (arrival.nature() != Nature.DUPLICATE) {
      events++;
      if (arrival.topic() == Topic.SEND && COUNTED.contains(arrival.nature())) {
        sends++;
      }
    }
  }

  private static long count(TestingLocal local, String what) throws IOException {
    return Long.parseLong(local.query("SELECT " + what).strip());
  }

  /** How often any job was restarted, by Flink's metrics. */
  static long restarts(TestingLocal local) throws IOException {
    String flink = local.endpoint("Flink");
    JsonNode jobs = JSON.readTree(local.get(flink + "/jobs/overview")).path("jobs");
    assertThat(jobs).hasSameSizeAs(Jobs.all().keySet());
    long restarts = 0;
    for (JsonNode job : jobs) {
      String metrics = flink + "/jobs/" + job.path("jid").asText() + "/metrics?get=numRestarts";
      restarts += JSON.readTree(local.get(metrics)).get(0).path("value").asLong(-1);
    }
    return restarts;
  }
}
