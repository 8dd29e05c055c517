package io.heed.cli.local;

import com.sun.jna.Platform;
import io.heed.cli.DeploymentTopics;
import io.heed.cli.UserError;
import io.heed.cli.config.ConfigFile;
import io.heed.cli.config.PublishedConfig;
import io.heed.cli.local.LocalStackOptions.Part;
import io.heed.core.model.Topic;
import io.heed.flink.Jobs;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.KafkaCluster;
import io.heed.flink.streaming.KafkaTopics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Kafka, ClickHouse and Flink on this machine, each in a process of its own that is started again
 * if it dies. Everything they keep lies in one directory; a stack started on it again goes on where
 * the last one stopped, however that one ended.
 */
public final class LocalStack implements AutoCloseable {
  private static final Duration HEALTH_TIMEOUT = Duration.ofSeconds(2);
  private static final String WAREHOUSE = "warehouse";

  /** What a reader of the warehouse may count on. */
  private static final List<String> TABLES =
      List.of(
          "events",
          "list_health",
          "send_cohort",
          "attribution_credit",
          "experiment_result",
          "decision",
          "consent_ledger",
          "dead_letter",
          // What dashboards read besides; they show the preview as soon as the stack is there.
          "event_hourly",
          "decision_hourly",
          "engagement_recency",
          "attribution_hourly",
          "decision_current",
          "incremental_lift",
          "experiment_list",
          "hot_recipient");

  private final LocalStackOptions options;
  private final DataDirectory directory;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(HEALTH_TIMEOUT).build();
  private final Map<Part, Supervisor> supervisors = new EnumMap<>(Part.class);
  private KafkaCluster kafka;
  private String clickHouseUrl;
  private String clickHouseHttp;
  private Path readerPasswordFile;
  private String flinkUrl;
  private String metricsUrl;

  private LocalStack(LocalStackOptions options, DataDirectory directory) {
    this.options = options;
    this.directory = directory;
  }

  /**
   * Starts a stack and returns when all of it responds, the topics and tables exist, configuration
   * is applied and every job runs.
   *
   * @throws UserError if something is in the way, with what to do about it; nothing is left running
   */
  public static LocalStack start(LocalStackOptions options) throws InterruptedException {
    LocalStack stack = new LocalStack(options, DataDirectory.open(options.dataDirectory));
    boolean started = false;
    try {
      stack.start();
      started = true;
      return stack;
    } finally {
      if (!started) {
        stack.close();
      }
    }
  }

  public Endpoints endpoints() {
    return new Endpoints(
        kafka == null ? null : kafka.servers(),
        kafka == null ? null : kafka.config(),
        clickHouseUrl,
        readerPasswordFile,
        flinkUrl,
        metricsUrl);
  }

  /** The process that runs a part now. */
  public long pid(Part part) {
    return supervisors.get(part).pid();
  }

  /** Stops Flink, then Kafka, then ClickHouse: each writer before what it writes to. */
  @Override
  public void close() {
    for (Part part : List.of(Part.FLINK, Part.KAFKA, Part.CLICKHOUSE)) {
      Supervisor supervisor = supervisors.get(part);
      if (supervisor != null && !supervisor.stop()) {
        options.notices.accept(part + " did not stop cleanly; nothing acknowledged is lost");
      }
    }
    try {
      directory.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void start() throws InterruptedException {
    // First what needs no server: the user's mistakes, and the longest wait.
    boolean ownClickHouse =
        options.parts.contains(Part.CLICKHOUSE) && options.clickHouseUrl == null;
    boolean ownKafka = hasOwnKafka();
    boolean flink = options.parts.contains(Part.FLINK);
    requireKnown(options.jobs);
    options.check.run();
    if (flink) {
      directory.keepStateIn(options.stateBackend);
    }
    List<ConfigFile> configuration =
        options.configuration == null ? List.of() : ConfigFile.readAll(options.configuration);
    Path library =
        ownClickHouse ? ClickHouseEngine.pinned(System.getenv(), options.notices).library() : null;
    directory.awaitOrphans(options.notices);
    kafka = options.kafka;
    clickHouseUrl = options.clickHouseUrl;
    int kafkaPort = ownKafka ? Ports.claim(options.kafkaPort, "Kafka", "--kafka-port") : 0;
    int clickHousePort =
        ownClickHouse ? Ports.claim(options.clickHousePort, "ClickHouse", "--clickhouse-port") : 0;
    int flinkPort = flink ? Ports.claim(options.flinkPort, "Flink", "--flink-port") : 0;
    int metricsPort =
        flink ? Ports.claim(options.metricsPort, "Flink's metrics", "--metrics-port") : 0;
    progress("Starting", ownKafka ? "Kafka" : null, ownClickHouse ? "ClickHouse" : null);
    if (ownKafka) {
      startKafka(kafkaPort);
    }
    if (ownClickHouse) {
      startClickHouse(library, clickHousePort);
    }
    for (Supervisor supervisor : supervisors.values()) {
      supervisor.awaitHealthy();
    }
    if (kafka != null) {
      if (ownKafka) {
        DeploymentTopics.create(jobOptions(), EnumSet.allOf(Topic.class));
      }
      DeploymentTopics.prepare(jobOptions(), options.jobs, options.notices);
      applyConfiguration(configuration);
    }
    if (flink) {
      progress("Starting Flink with", options.jobs.toArray(String[]::new));
      startFlink(flinkPort, metricsPort);
      supervisors.get(Part.FLINK).awaitReady(() -> areJobsRunning() && areTablesThere());
    }
  }

  private void progress(String what, String... names) {
    String list = Arrays.stream(names).filter(Objects::nonNull).collect(Collectors.joining(", "));
    if (!list.isEmpty()) {
      options.notices.accept(what + " " + list);
    }
  }

  /**
   * Refuses jobs that there are not.
   *
   * @throws UserError with those that there are
   */
  public static void requireKnown(Collection<String> jobs) {
    Set<String> known = Jobs.all().keySet();
    for (String job : jobs) {
      if (!known.contains(job)) {
        throw new UserError(
            "there is no job '%s' (allowed: %s)"
                .formatted(job, String.join(", ", new TreeSet<>(known))));
      }
    }
  }

  private void applyConfiguration(List<ConfigFile> files) throws InterruptedException {
    if (!files.isEmpty()) {
      PublishedConfig published = new PublishedConfig(jobOptions());
      published.publish(
          published.changes(options.configuration, files, options.configurationEffectiveFrom));
    }
  }

  private void startKafka(int port) {
    kafka = KafkaCluster.at("127.0.0.1:" + port);
    Path home = directory.of("kafka");
    supervise(
        Part.KAFKA,
        "Kafka",
        () ->
            new ServerProcess.Spec(
                "kafka",
                KafkaServer.class,
                List.of("-Xmx400m", "-XX:+UseSerialGC"),
                List.of(home.toString(), Integer.toString(port), Integer.toString(Ports.free())),
                true,
                Map.of(),
                home,
                directory.log("kafka")),
        () -> KafkaTopics.isReachable(kafka, (int) HEALTH_TIMEOUT.toMillis()));
  }

  private void startClickHouse(Path library, int port) {
    clickHouseUrl = "jdbc:clickhouse://127.0.0.1:%d/%s".formatted(port, ClickHouseConfig.DATABASE);
    clickHouseHttp = "http://127.0.0.1:" + port;
    Path home = directory.of("clickhouse");
    try {
      ClickHouseConfig.write(home, port, options.clickHouseMemoryBytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    readerPasswordFile = home.resolve(ClickHouseConfig.READER_PASSWORD_FILE);
    supervise(
        Part.CLICKHOUSE,
        "ClickHouse",
        () ->
            new ServerProcess.Spec(
                "clickhouse",
                ClickHouseServer.class,
                List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                List.of(
                    library.toString(),
                    home.toString(),
                    directory.log("clickhouse-engine").toString()),
                // A user who may query it can read the environment of its process.
                false,
                signalChaining(),
                home,
                directory.log("clickhouse")),
        () -> answers(clickHouseHttp + "/ping"));
  }

  private void startFlink(int port, int metricsPort) {
    flinkUrl = "http://127.0.0.1:" + port;
    metricsUrl = "http://127.0.0.1:%d/metrics".formatted(metricsPort);
    Path home = directory.of("flink");
    List<String> arguments =
        new ArrayList<>(
            List.of(
                home.toString(),
                Integer.toString(port),
                Integer.toString(metricsPort),
                options.stateBackend.flinkName,
                String.join(",", options.jobs)));
    arguments.addAll(List.of(jobOptions().toArgs()));
    supervise(
        Part.FLINK,
        "Flink",
        () ->
            new ServerProcess.Spec(
                "flink",
                FlinkServer.class,
                List.of(
                    "-Xmx%dm".formatted(options.flinkHeapBytes >> 20),
                    "-XX:+UseG1GC",
                    // What a back-fill needed goes back to the system once it is quiet again.
                    "-XX:G1PeriodicGCInterval=30000",
                    "-XX:MaxHeapFreeRatio=30",
                    "-XX:MinHeapFreeRatio=10"),
                arguments,
                true,
                // Unless it is limited, the C library reserves an arena for every thread.
                Map.of("MALLOC_ARENA_MAX", "2"),
                home,
                directory.log("flink")),
        () -> FlinkJobs.read(http, flinkUrl).answered());
  }

  /** What the stack knows better than the user's options. */
  private JobOptions jobOptions() {
    List<String> args = new ArrayList<>(List.of(options.jobOptions.toArgs()));
    args.addAll(List.of("--topic-prefix", options.topicPrefix));
    args.addAll(List.of("--partitions", Integer.toString(options.partitions)));
    if (kafka != null) {
      args.addAll(kafka.toArgs());
    }
    if (clickHouseUrl != null) {
      args.addAll(List.of("--clickhouse-url", clickHouseUrl));
    }
    // With a Kafka of the user's, jobs elsewhere have the key, and one of its own would hide that
    // it is missing here.
    if (hasOwnKafka() && options.jobOptions.erasureKey() == null) {
      args.addAll(List.of("--erasure-key", directory.erasureKey().toString()));
    }
    return JobOptions.fromArgs(args.toArray(String[]::new));
  }

  private boolean hasOwnKafka() {
    return options.parts.contains(Part.KAFKA) && options.kafka == null;
  }

  /** Whether every task of every job runs, or has come to its end. */
  public boolean areJobsRunning() {
    return FlinkJobs.read(http, flinkUrl).areUp(options.jobs);
  }

  /** Whether every job has come to the end of its topics and finished; only bounded jobs do. */
  public boolean haveJobsFinished() {
    return FlinkJobs.read(http, flinkUrl).haveFinished(options.jobs);
  }

  /**
   * The warehouse makes the tables while it already runs; a server of the user's is not queried.
   */
  private boolean areTablesThere() {
    return !options.jobs.contains(WAREHOUSE)
        || clickHouseHttp == null
        || query(
                "SELECT count() FROM system.tables WHERE database = '%s' AND name IN ('%s')"
                    .formatted(ClickHouseConfig.DATABASE, String.join("', '", TABLES)))
            .equals(Integer.toString(TABLES.size()));
  }

  /** The response of the stack's own ClickHouse; empty if there is none. */
  private String query(String sql) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(clickHouseHttp))
            .timeout(HEALTH_TIMEOUT)
            .POST(HttpRequest.BodyPublishers.ofString(sql))
            .build();
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString()).body().strip();
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }

  /**
   * The engine installs signal handlers of its own; unless they are chained behind the JVM's, the
   * JVM dies of its first null check. By name and path apart, for a preloaded path must not have
   * spaces.
   */
  private static Map<String, String> signalChaining() {
    String lib = Path.of(System.getProperty("java.home"), "lib").toString();
    return Platform.isMac()
        ? Map.of("DYLD_INSERT_LIBRARIES", "libjsig.dylib", "DYLD_LIBRARY_PATH", lib)
        : Map.of("LD_PRELOAD", "libjsig.so", "LD_LIBRARY_PATH", lib);
  }

  private void supervise(
      Part part, String name, Supplier<ServerProcess.Spec> spec, BooleanSupplier healthy) {
    Supervisor supervisor =
        new Supervisor(name, spec, healthy, options.restartDelay, options.notices);
    supervisors.put(part, supervisor);
    supervisor.start();
  }

  private boolean answers(String url) {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url)).timeout(HEALTH_TIMEOUT).build();
    try {
      return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
