package io.heed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.cli.local.Ports;
import io.heed.flink.streaming.JobOptions;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.curator.test.TestingServer;
import org.apache.flink.api.common.JobID;
import org.apache.flink.client.deployment.StandaloneClusterId;
import org.apache.flink.client.program.PackagedProgram;
import org.apache.flink.client.program.PackagedProgramUtils;
import org.apache.flink.client.program.rest.RestClusterClient;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessUtils;
import org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.taskexecutor.TaskManagerRunner;
import org.apache.flink.runtime.util.config.memory.ProcessMemoryUtils;

/**
 * Flink as a company has it: a JobManager with high availability by ZooKeeper and two TaskManagers,
 * each a process of its own from Flink's jars alone, with RocksDB. It runs the jobs from their jar,
 * as {@code flink run} does.
 */
final class TestingCluster implements AutoCloseable {
  static final List<String> PROCESSES = List.of("TaskManager 1", "TaskManager 2", "JobManager");

  /** What the class path of the tests has, but not a distribution of Flink. */
  private static final Pattern NOT_FLINK =
      Pattern.compile(
          "(heed|kafka|clickhouse|jackson|rocksdbjni|flink-connector-(base|kafka)|flink-test-utils)-.*"
              + "|.*-tests\\.jar");

  /** The connector, Flink's too, is the jar's although the tests have another one. */
  private static final Configuration CLASS_LOADING =
      new Configuration()
          .set(
              CoreOptions.ALWAYS_PARENT_FIRST_LOADER_PATTERNS,
              CoreOptions.ALWAYS_PARENT_FIRST_LOADER_PATTERNS.defaultValue().stream()
                  .filter(pattern -> !pattern.equals("org.apache.flink."))
                  .toList());

  private static final long CALL_SECONDS = 5;
  private static final long SAVEPOINT_SECONDS = 120;

  private final Path directory;
  private final int slotsEach;
  private final TestingServer zooKeeper;
  private final Map<String, List<String>> commands = new HashMap<>();
  private final Map<String, Process> processes = new HashMap<>();
  private final Map<String, JobID> running = new LinkedHashMap<>();
  private final RestClusterClient<StandaloneClusterId> client;

  TestingCluster(Path directory, int slotsEach) throws Exception {
    this.directory = directory;
    this.slotsEach = slotsEach;
    zooKeeper = new TestingServer(Ports.free());
    Path conf = configure();
    Configuration configuration = GlobalConfiguration.loadConfiguration(conf.toString());
    List<String> arguments = List.of("--configDir", conf.toString());
    commands.put(
        PROCESSES.get(2), java("-Xmx512m", StandaloneSessionClusterEntrypoint.class, arguments));
    var memory = TaskExecutorProcessUtils.processSpecFromConfig(configuration);
    List<String> sized = new ArrayList<>(arguments);
    sized.addAll(words(TaskExecutorProcessUtils.generateDynamicConfigsStr(memory)));
    String flags = ProcessMemoryUtils.generateJvmParametersStr(memory);
    PROCESSES
        .subList(0, 2)
        .forEach(name -> commands.put(name, java(flags, TaskManagerRunner.class, sized)));
    client = new RestClusterClient<>(configuration, StandaloneClusterId.getInstance());
  }

  /** Starts every process, and returns when every slot is there. */
  void start() throws IOException {
    for (String name : PROCESSES) {
      start(name);
    }
    TestingDeployment.await()
        .ignoreExceptions()
        .until(
            () ->
                client.getClusterOverview().get(CALL_SECONDS, TimeUnit.SECONDS).getNumSlotsTotal()
                    == 2 * slotsEach);
  }

  private Path configure() throws IOException {
    Path conf = Files.createDirectories(directory.resolve("conf"));
    Files.writeString(
        conf.resolve("config.yaml"),
        """
        rest.address: 127.0.0.1
        rest.bind-address: 127.0.0.1
        rest.port: %d
        jobmanager.rpc.address: 127.0.0.1
        taskmanager.host: 127.0.0.1
        taskmanager.numberOfTaskSlots: %d
        taskmanager.memory.process.size: 3g
        taskmanager.load-balance.mode: SLOTS
        high-availability.type: zookeeper
        high-availability.zookeeper.quorum: %s
        high-availability.zookeeper.client.session-timeout: 8 s
        high-availability.zookeeper.client.tolerate-suspended-connections: true
        high-availability.storageDir: %s
        execution.checkpointing.dir: %s
        execution.checkpointing.incremental: true
        state.backend.type: rocksdb
        heartbeat.interval: 2000
        heartbeat.timeout: 10000
        """
            .formatted(
                Ports.free(),
                slotsEach,
                zooKeeper.getConnectString(),
                directory.resolve("ha").toUri(),
                directory.resolve("checkpoints").toUri()));
    return conf;
  }

  private static List<String> java(String flags, Class<?> main, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(words(flags));
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> flag.startsWith("--add-opens"))
        .forEach(command::add);
    command.addAll(List.of("-XX:+UseSerialGC", "-Dlog4j2.level=INFO", "-cp", flink()));
    command.add(main.getName());
    command.addAll(arguments);
    return command;
  }

  private static String flink() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> entry.endsWith(".jar"))
        .filter(jar -> !NOT_FLINK.matcher(Path.of(jar).getFileName().toString()).matches())
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static List<String> words(String text) {
    return List.of(text.strip().split("\\s+"));
  }

  /** Starts a process, also one that was killed, as its supervisor would. */
  void start(String name) throws IOException {
    File log = directory.resolve(name.replace(" ", "") + ".log").toFile();
    processes.put(
        name,
        new ProcessBuilder(commands.get(name))
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
            .start());
  }

  /** Kills a process; it is gone when this returns. */
  void kill(String name) throws InterruptedException {
    assertThat(processes.get(name).destroyForcibly().waitFor(1, TimeUnit.MINUTES)).isTrue();
  }

  /**
   * Submits jobs.
   *
   * @param jar that has them, at this path for every process
   * @param savepoints by job, what to start from; without one a job starts fresh
   */
  void submit(List<String> jobs, Path jar, JobOptions options, Map<String, String> savepoints)
      throws Exception {
    for (String job : jobs) {
      SavepointRestoreSettings start =
          savepoints.containsKey(job)
              ? SavepointRestoreSettings.forPath(
                  savepoints.get(job), false, RecoveryClaimMode.NO_CLAIM)
              : SavepointRestoreSettings.none();
      JobGraph graph =
          TestingDeployment.await() // a busy broker may be refused as one that is away
              .ignoreExceptions()
              .until(() -> graph(job, jar, options, start), Objects::nonNull);
      running.put(job, client.submitJob(graph).get());
    }
  }

  private static JobGraph graph(
      String job, Path jar, JobOptions options, SavepointRestoreSettings start) throws Exception {
    List<String> arguments = new ArrayList<>(List.of(job));
    arguments.addAll(List.of(options.toArgs()));
    try (PackagedProgram program =
        PackagedProgram.newBuilder()
            .setUserClassPaths(List.of(jar.toUri().toURL()))
            .setEntryPointClassName("io.heed.flink.Jobs")
            .setConfiguration(CLASS_LOADING)
            .setArguments(arguments.toArray(String[]::new))
            .setSavepointRestoreSettings(start)
            .build()) {
      return PackagedProgramUtils.createJobGraph(program, new Configuration(), 1, false);
    }
  }

  /** Whether every task of every job runs. */
  boolean run() throws InterruptedException {
    try {
      for (JobID job : running.values()) {
        var states =
            client.getJobDetails(job).get(CALL_SECONDS, TimeUnit.SECONDS).getJobVerticesPerState();
        int tasks = states.values().stream().mapToInt(Integer::intValue).sum();
        if (tasks == 0 || states.getOrDefault(ExecutionState.RUNNING, 0) < tasks) {
          return false;
        }
      }
      return true;
    } catch (ExecutionException | TimeoutException e) {
      return false;
    }
  }

  /** Stops every job with a savepoint, by job. */
  Map<String, String> stop() throws Exception {
    Map<String, CompletableFuture<String>> stopping = new LinkedHashMap<>();
    running.forEach(
        (job, id) ->
            stopping.put(
                job,
                client.stopWithSavepoint(
                    id,
                    false,
                    directory.resolve("savepoints").resolve(job).toUri().toString(),
                    SavepointFormatType.CANONICAL)));
    Map<String, String> savepoints = new HashMap<>();
    for (String job : running.keySet()) {
      savepoints.put(job, stopping.get(job).get(SAVEPOINT_SECONDS, TimeUnit.SECONDS));
    }
    running.clear();
    return savepoints;
  }

  @Override
  public void close() throws Exception {
    // All of them first: one that does not end in time leaves no other behind.
    processes.values().forEach(Process::destroyForcibly);
    try {
      client.close();
    } finally {
      zooKeeper.close();
    }
  }
}
