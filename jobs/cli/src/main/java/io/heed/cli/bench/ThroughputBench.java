package io.heed.cli.bench;

import io.heed.cli.UserError;
import io.heed.flink.streaming.JobOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Events per CPU-second of every job and of both baselines, over the same records in Kafka. Each
 * figure comes from a process of its own; baselines run before and after the jobs they are held
 * against, so that a machine whose speed drifts shows.
 */
final class ThroughputBench {
  /**
   * Bytes of a typical state value of each job, which the state baseline then reads and writes as
   * well. Measured by the jobs' own tests of their serialised form.
   */
  static final Map<String, Integer> STATE_BYTES =
      new TreeMap<>(
          Map.of("list-health", 200, "send-gate", 200, "experiments", 120, "attribution", 200));

  /** One measured run. */
  record Run(String job, String backend, double cpuSeconds, double wallSeconds, long stateBytes) {}

  private static final long TIMEOUT_MINUTES = 20;

  private final JobOptions options;
  private final Path directory;
  private final long events;

  /**
   * @param options where Kafka is
   * @param directory for checkpoints and logs
   * @param events that the topics hold
   */
  ThroughputBench(JobOptions options, Path directory, long events) {
    this.options = options;
    this.directory = directory;
    this.events = events;
  }

  /** Runs one job or baseline ({@code decode}, {@code state}) in a process of its own. */
  Run run(String job, String backend, int stateBytes) throws InterruptedException {
    Path home = directory.resolve(job + "-" + backend);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(io.heed.cli.local.JvmFlags.flink());
    command.addAll(
        List.of(
            "-Xms2g",
            "-Xmx2g",
            "-XX:+UseParallelGC",
            "-Dlog4j2.configurationFile=classpath:log4j2.xml",
            "-cp",
            System.getProperty("java.class.path"),
            BenchWorker.class.getName(),
            job,
            backend,
            Integer.toString(stateBytes),
            home.toString()));
    command.addAll(List.of(options.toArgs()));
    try {
      Files.createDirectories(home);
      Path log = home.resolve("worker.log");
      Process worker = new ProcessBuilder(command).redirectError(log.toFile()).start();
      try (BufferedReader output =
          new BufferedReader(
              new java.io.InputStreamReader(worker.getInputStream(), StandardCharsets.UTF_8))) {
        String last = null;
        for (String line = output.readLine(); line != null; line = output.readLine()) {
          last = line;
        }
        if (!worker.waitFor(TIMEOUT_MINUTES, TimeUnit.MINUTES) || worker.exitValue() != 0) {
          throw new UserError("the measured process of " + job + " failed, see " + log);
        }
        String[] figures = last.split(" ");
        return new Run(
            job,
            backend,
            Double.parseDouble(figures[0]),
            Double.parseDouble(figures[1]),
            stateBytes);
      } finally {
        worker.destroyForcibly();
      }
    } catch (IOException e) {
      throw new UserError("cannot run the measured process of " + job + ": " + e.getMessage(), e);
    }
  }

  /** Thousand events per CPU-second. */
  double rate(Run run) {
    return events / run.cpuSeconds() / 1_000;
  }

  /** A line of the table: the figure and its ratio to the baseline of the same back end. */
  String line(Run run, double baseline, double goal) {
    double ratio = rate(run) / baseline;
    return String.format(
        Locale.ROOT,
        "%-14s %-8s %8.1f %8.1f s %8.2f %s",
        run.job(),
        run.backend(),
        rate(run),
        run.wallSeconds(),
        ratio,
        goal == 0 ? "" : String.format(Locale.ROOT, "%6.2f %s", goal, ratio >= goal ? "" : "missed"));
  }
}
