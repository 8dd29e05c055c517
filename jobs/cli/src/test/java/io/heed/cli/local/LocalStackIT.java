package io.heed.cli.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.heed.cli.Heed;
import io.heed.cli.KafkaTopics;
import io.heed.flink.Jobs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code heed local} as a user has it: a process of its own, seen from the outside. */
class LocalStackIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient http = HttpClient.newHttpClient();
  private final Set<String> jobs = Jobs.all().keySet();
  private final Set<ProcessHandle> servers = new HashSet<>();

  @TempDir private Path directory;
  private Process heed;

  @AfterEach
  void killWhatAFailureLeft() {
    if (heed != null) {
      heed.descendants().forEach(ProcessHandle::destroyForcibly);
      heed.destroyForcibly();
    }
    servers.forEach(ProcessHandle::destroyForcibly);
  }

  @Test
  void everyPartMayDieAndTheNextStartGoesOn() throws Exception {
    start();
    String kafka = endpoint("Kafka");
    String flink = endpoint("Flink");
    String clickHouse =
        endpoint("ClickHouse").replaceFirst("jdbc:clickhouse", "http").replaceFirst("/heed.*", "");
    assertThat(get(flink + "/")).contains("Apache Flink");
    assertThat(get(endpoint("Metrics"))).contains("flink_jobmanager_numRunningJobs");

    kill("KafkaServer");
    await().until(() -> KafkaTopics.isReachable(kafka, (int) ANSWER_TIMEOUT.toMillis()));
    kill("ClickHouseServer");
    await().until(() -> get(clickHouse + "/ping").contains("Ok"));
    kill("FlinkServer");
    await().until(() -> FlinkJobs.read(http, flink).areUp(jobs));
    await().untilAsserted(() -> assertThat(checkpoints(flink, "latest", "completed")).isTrue());

    remember();
    heed.destroyForcibly();
    await().untilAsserted(() -> assertThat(servers).noneMatch(ProcessHandle::isAlive));

    start();
    assertThat(checkpoints(endpoint("Flink"), "latest", "restored")).isTrue();
    remember();
    heed.destroy();
    assertThat(heed.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(heed.exitValue()).isZero();
    assertThat(output()).endsWith("stopped\n");
    assertThat(servers).noneMatch(ProcessHandle::isAlive);
  }

  private void start() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Heed.class.getName()));
    command.addAll(List.of("local", "--data-dir", directory.resolve("data").toString()));
    for (String port : List.of("kafka", "clickhouse", "flink", "metrics", "preview")) {
      command.addAll(List.of("--" + port + "-port", "0"));
    }
    heed =
        new ProcessBuilder(command)
            .redirectOutput(directory.resolve("out").toFile())
            .redirectError(directory.resolve("err").toFile())
            .start();
    await()
        .failFast("heed has ended", () -> !heed.isAlive())
        .untilAsserted(
            () -> {
              assertThat(output()).as("after %s", read("err")).endsWith("ready\n");
            });
  }

  /** What {@code heed local} printed behind a name. */
  private String endpoint(String name) {
    return output()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .map(line -> line.substring(name.length()).strip())
        .findFirst()
        .orElseThrow();
  }

  private void kill(String main) {
    ProcessHandle server =
        heed.descendants().filter(process -> runs(process, main)).findFirst().orElseThrow();
    server.destroyForcibly();
    await().until(() -> !server.isAlive());
  }

  /** The whole command line; {@link ProcessHandle.Info} has its first 4 KiB only. */
  private static boolean runs(ProcessHandle process, String main) {
    try {
      String commandLine = Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"));
      return commandLine.contains("." + main + "\0");
    } catch (IOException e) {
      return false;
    }
  }

  private void remember() {
    servers.clear();
    heed.descendants().forEach(servers::add);
    assertThat(servers).hasSize(3);
  }

  /** Whether every job has a checkpoint of a kind. */
  private boolean checkpoints(String flink, String... path) throws IOException {
    JsonNode overview = JSON.readTree(get(flink + "/jobs/overview")).path("jobs");
    assertThat(overview).hasSize(jobs.size());
    for (JsonNode job : overview) {
      JsonNode node =
          JSON.readTree(get(flink + "/jobs/" + job.path("jid").asText() + "/checkpoints"));
      for (String name : path) {
        node = node.path(name);
      }
      if (!node.isObject()) {
        return false;
      }
    }
    return true;
  }

  private String get(String url) throws IOException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url)).timeout(ANSWER_TIMEOUT).build();
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private String output() {
    return read("out");
  }

  private String read(String name) {
    try {
      return Files.readString(directory.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ConditionFactory await() {
    return Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(200))
        .ignoreExceptions();
  }
}
