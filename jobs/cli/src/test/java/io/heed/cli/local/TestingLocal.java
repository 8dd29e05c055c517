package io.heed.cli.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.cli.Heed;
import io.heed.core.model.TopicNames;
import io.heed.sim.Arrival;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/** {@code heed local} as a user has it: a process of its own, seen from the outside. */
public final class TestingLocal implements AutoCloseable {
  /** In the environment of the command; nobody should ever read it from a server. */
  static final String SECRET = "a secret of the environment";

  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);

  private final HttpClient http = HttpClient.newHttpClient();
  private final Set<ProcessHandle> servers = new HashSet<>();
  private final Path directory;
  private final Duration timeout;
  private Process heed;

  /**
   * @param directory for the data and what the command prints
   * @param timeout for whatever is waited for
   */
  public TestingLocal(Path directory, Duration timeout) {
    this.directory = directory;
    this.timeout = timeout;
  }

  /** Starts it on free ports, and returns when it is ready. */
  public void start(String... options) throws IOException {
    Files.createDirectories(directory);
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Heed.class.getName()));
    command.addAll(List.of("local", "--data-dir", directory.resolve("data").toString()));
    for (String port : List.of("kafka", "clickhouse", "flink", "metrics", "preview")) {
      command.addAll(List.of("--" + port + "-port", "0"));
    }
    command.addAll(List.of(options));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectOutput(directory.resolve("out").toFile())
            .redirectError(directory.resolve("err").toFile());
    builder.environment().put("PASSWORD_OF_SOMETHING", SECRET);
    heed = builder.start();
    await()
        .failFast(() -> assertThat(heed.isAlive()).as("heed has ended: %s", read("err")).isTrue())
        .untilAsserted(() -> assertThat(output()).as("after %s", read("err")).endsWith("ready\n"));
    servers.clear();
    heed.descendants().forEach(servers::add);
    assertThat(servers).hasSize(3);
  }

  /** What {@code heed local} printed behind a name. */
  public String endpoint(String name) {
    return output()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .map(line -> line.substring(name.length()).strip())
        .findFirst()
        .orElseThrow();
  }

  /** ClickHouse's HTTP interface. */
  String clickHouse() {
    return endpoint("ClickHouse")
        .replaceFirst("jdbc:clickhouse", "http")
        .replaceFirst("/heed.*", "");
  }

  /** Kills the server with that main class; it is gone when this returns. */
  public void kill(String main) {
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

  /** Kills the command alone; its servers end by themselves. */
  void killCommand() {
    heed.descendants().forEach(servers::add);
    heed.destroyForcibly();
    await().until(() -> servers.stream().noneMatch(ProcessHandle::isAlive));
  }

  /** Kills the whole tree at once. */
  void killAll() {
    heed.descendants().forEach(servers::add);
    heed.destroyForcibly();
    servers.forEach(ProcessHandle::destroyForcibly);
    await().until(() -> servers.stream().noneMatch(ProcessHandle::isAlive));
  }

  /** Stops it as Ctrl-C does; nothing is left running. */
  public void stop() throws InterruptedException {
    heed.descendants().forEach(servers::add);
    heed.destroy();
    assertThat(heed.waitFor(timeout.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(heed.exitValue()).isZero();
    assertThat(output()).endsWith("stopped\n");
    assertThat(servers).noneMatch(ProcessHandle::isAlive);
  }

  String get(String url) throws IOException {
    return send(HttpRequest.newBuilder(URI.create(url)).GET());
  }

  /** Runs a query in database heed, and returns what it gives as tab-separated lines. */
  String query(String sql) throws IOException {
    return send(
        HttpRequest.newBuilder(URI.create(clickHouse() + "/?database=heed"))
            .POST(HttpRequest.BodyPublishers.ofString(sql)));
  }

  private String send(HttpRequest.Builder request) throws IOException {
    try {
      HttpResponse<String> response =
          http.send(request.timeout(ANSWER_TIMEOUT).build(), HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() != 200) {
        throw new IOException(response.body());
      }
      return response.body();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  /** Publishes what arrives to its topics, and returns when Kafka has all of it. */
  @SuppressWarnings("FutureReturnValueIgnored") // flush waits, and a failure shows as missing rows
  void publish(Stream<Arrival> arrivals) {
    TopicNames names = new TopicNames("");
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, endpoint("Kafka"),
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, "240000",
                ProducerConfig.MAX_BLOCK_MS_CONFIG, "240000",
                // A broker that has just started may refuse a new producer's first batch and take
                // its second; it then refuses the first for ever.
                ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, "1"),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      arrivals.forEachOrdered(
          arrival ->
              producer.send(
                  new ProducerRecord<>(
                      names.of(arrival.topic()),
                      arrival.key().getBytes(StandardCharsets.UTF_8),
                      arrival.value())));
      producer.flush();
    }
  }

  HttpClient http() {
    return http;
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

  public ConditionFactory await() {
    return Awaitility.await()
        .atMost(timeout)
        .pollInterval(Duration.ofMillis(200))
        .ignoreExceptions();
  }

  /** Kills what a failed test has left. */
  @Override
  public void close() {
    if (heed != null) {
      heed.descendants().forEach(ProcessHandle::destroyForcibly);
      heed.destroyForcibly();
    }
    servers.forEach(ProcessHandle::destroyForcibly);
  }
}
