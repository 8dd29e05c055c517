package io.heed.bench;

import io.heed.cli.UserError;
import io.heed.cli.local.JvmFlags;
import io.heed.flink.streaming.JobOptions;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A measured process, seen from the bench; {@link BenchWorker} is the other side. */
final class Worker implements AutoCloseable {
  /**
   * What a process gets.
   *
   * @param heapGib of its JVM
   * @param checkpoints interval
   */
  record Size(int heapGib, Duration checkpoints) {
    static final Size USUAL = new Size(3, Duration.ofSeconds(10));
  }

  /**
   * What a bounded job took.
   *
   * @param cpuSeconds of the process
   * @param threadSeconds CPU by the names of threads, the largest first; see {@link ThreadCpu}
   */
  record Figures(double cpuSeconds, double wallSeconds, Map<String, Double> threadSeconds) {
    private static final String CPU = "cpu ";
    private static final String WALL = "wall ";
    private static final String THREAD = "thread ";

    /** One figure a line: what else a process prints does no harm. */
    String toLines() {
      List<String> lines = new ArrayList<>(List.of(CPU + cpuSeconds, WALL + wallSeconds));
      threadSeconds.forEach((name, seconds) -> lines.add(THREAD + seconds + " " + name));
      return String.join("\n", lines);
    }

    /** The figures among lines; without a CPU time where there are none. */
    static Figures of(List<String> lines) {
      double cpu = Double.NaN;
      double wall = Double.NaN;
      Map<String, Double> threads = new LinkedHashMap<>();
      for (String line : lines) {
        if (line.startsWith(CPU)) {
          cpu = Double.parseDouble(line.substring(CPU.length()));
        } else if (line.startsWith(WALL)) {
          wall = Double.parseDouble(line.substring(WALL.length()));
        } else if (line.startsWith(THREAD)) {
          String[] parts = line.split(" ", 3);
          threads.put(parts[2], Double.parseDouble(parts[1]));
        }
      }
      return new Figures(cpu, wall, threads);
    }

    /** Share of the CPU time that threads took whose names begin so. */
    double share(String prefix) {
      return threadSeconds.entrySet().stream()
              .filter(each -> each.getKey().startsWith(prefix))
              .mapToDouble(Map.Entry::getValue)
              .sum()
          / cpuSeconds;
    }
  }

  private final Process process;
  private final Path log;
  private final String job;

  private Worker(Process process, Path log, String job) {
    this.process = process;
    this.log = log;
    this.job = job;
  }

  /**
   * Starts one.
   *
   * @param job a job's name, {@code decode}, {@code state} or {@code driver} for a baseline, or
   *     {@code streams} for Kafka Streams
   * @param backend {@code heap} or {@code rocksdb}
   * @param stateBytes size of the state baseline's value
   * @param home for checkpoints and the log
   */
  static Worker start(
      String job, String backend, int stateBytes, Path home, Size size, JobOptions options) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JvmFlags.flink());
    String heap = size.heapGib() + "g";
    command.addAll(List.of("-Xms" + heap, "-Xmx" + heap, "-XX:+UseParallelGC"));
    command.addAll(List.of("-cp", classPath(job)));
    command.add(BenchWorker.class.getName());
    command.addAll(List.of(job, backend, Integer.toString(stateBytes), home.toString()));
    command.add(size.checkpoints().toString());
    command.addAll(List.of(options.toArgs()));
    try {
      Files.createDirectories(home);
      Path log = home.resolve("worker.log");
      return new Worker(new ProcessBuilder(command).redirectError(log.toFile()).start(), log, job);
    } catch (IOException e) {
      throw new UserError("cannot start the measured process of " + job + ": " + e.getMessage(), e);
    }
  }

  /** Flink and Kafka Streams bring the same classes of RocksDB, each in a version of its own. */
  private static String classPath(String job) {
    String other = job.equals(StreamsPeer.NAME) ? "frocksdbjni-" : "rocksdbjni-";
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> !new File(entry).getName().startsWith(other))
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** CPU seconds of an unbounded job until now. */
  double cpuSeconds() {
    try {
      Writer requests = process.outputWriter(StandardCharsets.UTF_8);
      requests.write("cpu\n");
      requests.flush();
      String verdict = process.inputReader(StandardCharsets.UTF_8).readLine();
      if (verdict != null) {
        return Double.parseDouble(verdict);
      }
      throw new UserError("the measured process of " + job + " has ended, see " + log);
    } catch (IOException e) {
      throw new UserError("lost the measured process of " + job + ": " + e.getMessage(), e);
    }
  }

  /** The figures that the process prints once its job has ended. */
  Figures figures() {
    Figures figures;
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      figures = Figures.of(output.lines().toList());
    } catch (IOException e) {
      throw new UserError("lost the measured process of " + job + ": " + e.getMessage(), e);
    }
    if (process.onExit().join().exitValue() != 0 || Double.isNaN(figures.cpuSeconds())) {
      throw new UserError("the measured process of " + job + " failed, see " + log);
    }
    return figures;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
