package io.heed.bench;

import com.sun.management.OperatingSystemMXBean;
import io.heed.flink.Jobs;
import io.heed.flink.streaming.JobEnvironment;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.warehouse.DriverBaseline;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Scanner;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Main of a measured process. A bounded job runs over what the topics hold, once over those whose
 * names begin with {@value #WARM_UP} to warm up and once measured, and prints {@link
 * Worker.Figures} of it; an unbounded one runs until it is ended, and responds to each line on its
 * standard input with the CPU seconds so far. A process of its own, so that its CPU time is the
 * job's alone.
 */
final class BenchWorker {
  /** Prefix of the topics to warm up with: no job may find what it wrote itself before. */
  static final String WARM_UP = "warm-";

  /** A process that takes less CPU than this in a second does nothing. */
  private static final Duration IDLE = Duration.ofMillis(10);

  private static final Duration LONGEST_COMPILATION = Duration.ofMinutes(3);

  private BenchWorker() {}

  /**
   * Arguments: job, state back end, bytes of the baseline's value, directory, interval of
   * checkpoints, then job options.
   */
  public static void main(String[] args) throws Exception {
    String job = args[0];
    String backend = args[1];
    int stateBytes = Integer.parseInt(args[2]);
    Path directory = Path.of(args[3]);
    Duration checkpoints = Duration.parse(args[4]);
    JobOptions options = JobOptions.fromArgs(Arrays.copyOfRange(args, 5, args.length));
    OperatingSystemMXBean machine =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    if (!options.bounded()) {
      if (job.equals(StreamsPeer.NAME)) {
        new StreamsPeer(options, backend, directory, checkpoints).start();
      } else {
        start(job, backend, stateBytes, directory, checkpoints, options);
      }
      Scanner requests = new Scanner(System.in, StandardCharsets.UTF_8);
      while (requests.hasNextLine()) {
        requests.nextLine();
        System.out.printf("%.3f%n", machine.getProcessCpuTime() / 1e9);
        System.out.flush();
      }
      Runtime.getRuntime().halt(0);
    }
    List<String> warm = new ArrayList<>(List.of(options.toArgs()));
    warm.addAll(List.of("--topic-prefix", WARM_UP + options.topicPrefix()));
    JobOptions warmUp = JobOptions.fromArgs(warm.toArray(String[]::new));
    Work work;
    if (job.equals("driver")) {
      work = insertFromMemory(options);
      work.run();
    } else {
      work = () -> run(job, backend, stateBytes, directory, checkpoints, options);
      run(job, backend, stateBytes, directory, checkpoints, warmUp);
    }
    awaitCompilers(machine);
    System.gc();
    ThreadCpu threads = new ThreadCpu();
    long cpu = machine.getProcessCpuTime();
    long wall = System.nanoTime();
    work.run();
    double cpuSeconds = (machine.getProcessCpuTime() - cpu) / 1e9;
    double wallSeconds = (System.nanoTime() - wall) / 1e9;
    System.out.println(new Worker.Figures(cpuSeconds, wallSeconds, threads.seconds()).toLines());
    System.out.flush();
    // Nothing here is worth a clean end.
    Runtime.getRuntime().halt(0);
  }

  /**
   * Lets the compilers finish what the warm-up has left them: how much that is depends on what else
   * the machine does, and no event of the measured run is the cause of it.
   */
  private static void awaitCompilers(OperatingSystemMXBean machine) throws InterruptedException {
    long end = System.nanoTime() + LONGEST_COMPILATION.toNanos();
    long before;
    do {
      before = machine.getProcessCpuTime();
      Thread.sleep(1_000);
    } while (machine.getProcessCpuTime() - before > IDLE.toNanos() && System.nanoTime() < end);
  }

  private interface Work {
    void run() throws Exception;
  }

  private static Work insertFromMemory(JobOptions options) throws SQLException {
    DriverBaseline driver = new DriverBaseline(options);
    driver.migrate();
    return driver::insert;
  }

  private static void run(
      String job,
      String backend,
      int stateBytes,
      Path directory,
      Duration checkpoints,
      JobOptions options)
      throws Exception {
    if (job.equals(StreamsPeer.NAME)) {
      new StreamsPeer(options, backend, directory, checkpoints).run();
      return;
    }
    start(job, backend, stateBytes, directory, checkpoints, options).getJobExecutionResult().get();
  }

  private static JobClient start(
      String job,
      String backend,
      int stateBytes,
      Path directory,
      Duration checkpoints,
      JobOptions options)
      throws Exception {
    Configuration settings = new Configuration();
    settings.set(StateBackendOptions.STATE_BACKEND, backend.equals("heap") ? "hashmap" : backend);
    settings.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
    settings.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, directory.toUri().toString());
    settings.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, true);
    settings.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, checkpoints);
    settings.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    settings.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(512));
    StreamExecutionEnvironment env = JobEnvironment.create(job, options, settings);
    switch (job) {
      case "decode" -> Baselines.decode(env, options);
      case "state" -> Baselines.state(env, options, stateBytes);
      default -> Jobs.all().get(job).define(env, options);
    }
    return env.executeAsync(job);
  }
}
