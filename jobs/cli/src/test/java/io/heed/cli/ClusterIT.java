package io.heed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.cli.local.LocalStack;
import io.heed.cli.local.LocalStackOptions;
import io.heed.cli.local.LocalStackOptions.Part;
import io.heed.cli.local.TestingTruth;
import io.heed.core.model.Category;
import io.heed.core.model.SendRequest;
import io.heed.core.model.Topic;
import io.heed.flink.streaming.JobOptions;
import io.heed.sim.Arrival;
import io.heed.sim.Scenarios;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * All jobs on a cluster whose processes are killed, as are Kafka and ClickHouse, and whose jobs are
 * stopped with savepoints and started with other parallelisms and another jar: whatever they
 * publish and whatever lies in ClickHouse equals a run that nothing disturbed, and the simulator's
 * truth.
 */
@Tag("proof")
class ClusterIT {
  private static final Path JAR =
      Path.of("../flink/target/heed-jobs.jar").toAbsolutePath().normalize();

  private static final List<String> JOBS =
      List.of("send-gate", "list-health", "experiments", "attribution", "optimizer", "warehouse");

  /** One TaskManager alone can run all jobs at parallelism 2. */
  private static final int SLOTS = 2 * JOBS.size();

  private static final int PEOPLE = 600;
  private static final int SLICES = 20;
  private static final int REQUESTS = 10;

  /** Tables that are functions of the events, without versions and clocks. */
  private static final List<String> TABLES =
      List.of(
          "events",
          "dead_letter",
          "list_health",
          "send_cohort",
          "delivery_health",
          "response_time",
          "attribution_credit",
          "experiment_result",
          "incremental_lift",
          "consent_ledger");

  /** Verdicts of one request, once the warehouse has them. */
  private static final String WRITTEN =
      "SELECT decision_id FROM decision WHERE JSONExtractString(payload, 'request_id') = '%s'";

  private static final String ROWS =
      "SELECT * EXCEPT('^(seq|appended_at|topic|partition|offset)$') FROM %s";

  @TempDir private static Path directory;

  /** Noon, when nobody is asleep. */
  private final long now =
      Instant.now()
          .minus(Duration.ofHours(12))
          .truncatedTo(ChronoUnit.DAYS)
          .plus(Duration.ofHours(12))
          .toEpochMilli();

  private final TestingTruth truth =
      new TestingTruth(Scenarios.shipped("default").with(5L, PEOPLE, null), now);
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<String> outages = new ArrayList<>();
  private LocalStack stack;
  private TestingCluster cluster;
  private TestingDeployment deployment;
  private int slices;
  private int requests;

  @Test
  @Timeout(1500)
  void nothingThatHappensToTheClusterChangesAResult() throws Exception {
    assertThat(JAR).as("the jar of the jobs, which mvn package builds").exists();
    try (LocalStack servers =
            LocalStack.start(
                LocalStackOptions.builder(directory.resolve("stack"))
                    .parts(Part.KAFKA, Part.CLICKHOUSE)
                    .kafkaPort(0)
                    .clickHousePort(0)
                    .build());
        TestingCluster flink = new TestingCluster(directory, SLOTS)) {
      stack = servers;
      cluster = flink;
      cluster.start();
      Map<String, Object> calm = play("calm", false);
      cluster.stop();
      Map<String, Object> storm = play("storm", true);
      Set<String> lost = without(calm.keySet(), storm.keySet());
      Set<String> added = without(storm.keySet(), calm.keySet());
      Set<String> wrong = new TreeSet<>(calm.keySet());
      wrong.removeIf(key -> lost.contains(key) || calm.get(key).equals(storm.get(key)));
      System.out.printf(
          "%,d events, %,d requests, %,d results: %d lost, %d added, %d wrong%n%s%n",
          truth.trace().size(),
          requests,
          calm.size(),
          lost.size(),
          added.size(),
          wrong.size(),
          String.join("\n", outages));
      SoftAssertions.assertSoftly(
          all -> {
            all.assertThat(lost).as("lost").isEmpty();
            all.assertThat(added).as("added").isEmpty();
            wrong.forEach(key -> all.assertThat(storm.get(key)).as(key).isEqualTo(calm.get(key)));
          });
    }
  }

  private Map<String, Object> play(String name, boolean disturbed) throws Exception {
    slices = 0;
    requests = 0;
    try (TestingDeployment played = deployment(name)) {
      deployment = played;
      cluster.submit(JOBS, JAR, parallelism(2), Map.of());
      publishSlice();
      if (disturbed) {
        deployment.awaitDone(JOBS, cluster::run);
        disturb();
      }
      while (slices < SLICES) {
        publishSlice();
      }
      finish(disturbed);
      assertTruth(name);
      Map<String, Object> results = new TreeMap<>(deployment.outputs());
      // As tables show them: a row of zeros, of what was counted elsewhere for a moment, is none.
      results.keySet().removeIf(key -> key.startsWith("sms.result."));
      // Factors of a campaign are published by the clock, from what is known then.
      results.keySet().removeIf(key -> key.contains("|campaign|"));
      for (String table : TABLES) {
        List<String> rows = query(name, ROWS.formatted(table));
        assertThat(rows).as(table).isNotEmpty();
        rows.forEach(row -> results.merge(table + " " + row, 1, (a, b) -> (int) a + (int) b));
      }
      return results;
    }
  }

  private void disturb() throws Exception {
    for (String process : TestingCluster.PROCESSES) {
      fault(
          process,
          () -> {
            cluster.kill(process);
            cluster.start(process);
            return null;
          });
    }
    for (Part part : List.of(Part.KAFKA, Part.CLICKHOUSE)) {
      fault(
          part.toString(), () -> ProcessHandle.of(stack.pid(part)).orElseThrow().destroyForcibly());
    }
    for (int parallelism : new int[] {3, 1}) {
      fault("savepoint, parallelism " + parallelism, () -> restart(JAR, parallelism));
    }
    Path next = Files.copy(JAR, directory.resolve("heed-jobs-next.jar"));
    fault("savepoint, another jar, parallelism 2", () -> restart(next, 2));
  }

  private Void restart(Path jar, int parallelism) throws Exception {
    Map<String, String> savepoints = cluster.stop();
    cluster.submit(JOBS, jar, parallelism(parallelism), savepoints);
    return null;
  }

  /** Amid traffic; takes the times until everything works again. */
  private void fault(String what, Callable<?> fault) throws Exception {
    publishSlice();
    long began = System.nanoTime();
    fault.call();
    String request = publishSlice();
    TestingDeployment.await().ignoreExceptions().until(() -> verdicts().containsKey(request));
    long verdict = System.nanoTime() - began;
    TestingDeployment.await()
        .ignoreExceptions()
        .until(() -> !query(deployment.options.database(), WRITTEN.formatted(request)).isEmpty());
    long written = System.nanoTime() - began;
    TestingDeployment.await().until(cluster::run);
    outages.add(
        "%s: verdict after %.1f s, in ClickHouse after %.1f s, all tasks run after %.1f s"
            .formatted(what, verdict / 1e9, written / 1e9, (System.nanoTime() - began) / 1e9));
  }

  /** Requests about everybody, once all else is known; then event time ends. */
  private void finish(boolean disturbed) throws Exception {
    deployment.awaitDone(JOBS, cluster::run);
    truth.trace().stream()
        .filter(arrival -> arrival.topic() == Topic.SEND)
        .map(Arrival::key)
        .distinct()
        .forEach(this::request);
    deployment.awaitDone(JOBS, cluster::run);
    deployment.mark(now + Duration.ofDays(80).toMillis());
    if (disturbed) {
      // While windows close, tests are evaluated and credit is given.
      cluster.kill(TestingCluster.PROCESSES.get(0));
      cluster.start(TestingCluster.PROCESSES.get(0));
    }
    deployment.awaitDone(JOBS, cluster::run);
    assertThat(verdicts())
        .hasSize(requests)
        .allSatisfy((request, decisions) -> assertThat(decisions).as(request).hasSize(1));
  }

  private void assertTruth(String name) throws Exception {
    for (Map.Entry<String, List<String>> rows : truth.rows().entrySet()) {
      assertThat(query(name, rows.getKey()))
          .as(rows.getKey())
          .containsExactlyInAnyOrderElementsOf(rows.getValue());
    }
  }

  /** Publishes the next part of the history, and requests about people of whom there is none. */
  private String publishSlice() {
    int from = truth.trace().size() * slices / SLICES;
    int to = truth.trace().size() * ++slices / SLICES;
    truth
        .trace()
        .subList(from, to)
        .forEach(arrival -> deployment.send(arrival.topic(), arrival.key(), arrival.value()));
    String last = null;
    for (int i = 0; i < REQUESTS; i++) {
      last = request("visitor-" + requests);
    }
    return last;
  }

  private String request(String person) {
    String id = "request-" + requests++;
    deployment.publish(
        List.of(
            new SendRequest(
                "e-" + id,
                now,
                person,
                id,
                "spring",
                "deals",
                Category.PROMOTIONAL,
                null,
                null,
                null,
                null,
                "UTC",
                null)));
    return id;
  }

  /** Ids of the verdicts by request. */
  private Map<String, Set<String>> verdicts() {
    Map<String, Set<String>> verdicts = new HashMap<>();
    deployment.read(
        Topic.SEND_VERDICT,
        (key, verdict) ->
            verdicts
                .computeIfAbsent(verdict.path("request_id").asText(), id -> new HashSet<>())
                .add(verdict.path("decision_id").asText()));
    return verdicts;
  }

  private JobOptions parallelism(int parallelism) {
    return deployment.with(Map.of("--parallelism", "" + parallelism));
  }

  private TestingDeployment deployment(String name) throws Exception {
    TestingDeployment made =
        new TestingDeployment(
            JobOptions.fromArgs(
                "--kafka",
                stack.endpoints().kafka(),
                "--topic-prefix",
                name + ".",
                "--clickhouse-url",
                stack.endpoints().clickHouseUrl(),
                "--database",
                name,
                "--partitions",
                "3",
                // Everything before the watermark record is in time, in whatever order it is read.
                "--lateness",
                "34d",
                "--idle-after",
                "3s",
                "--stale-after",
                "1h"));
    for (String test : List.of("deals-emoji", "launch-copy")) {
      made.configure(
          "experiment",
          test,
          Files.readString(Path.of("../../experiment-config/experiments/" + test + ".yaml")));
    }
    return made;
  }

  /** Rows with bars between their columns. */
  private List<String> query(String database, String sql) throws IOException, InterruptedException {
    String server = stack.endpoints().clickHouseUrl().replaceFirst("jdbc:clickhouse", "http");
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(URI.create(server).resolve("/?database=" + database))
                .POST(HttpRequest.BodyPublishers.ofString(sql))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return response.body().lines().map(line -> line.replace('\t', '|')).toList();
  }

  private static Set<String> without(Set<String> all, Set<String> some) {
    Set<String> left = new TreeSet<>(all);
    left.removeAll(some);
    return left;
  }
}
