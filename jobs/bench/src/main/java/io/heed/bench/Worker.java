package io.heed.bench;

import io.heed.cli.UserError;
import io.heed.cli.local.JvmFlags;
import io.heed.flink.streaming.JobOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

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
   * @param job a job's name, or {@code decode}, {@code state} or {@code driver} for a baseline
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
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
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

  /** The figures that the process prints as its last line, once it has ended. */
  String figures() {
    String last = null;
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        last = line;
      }
    } catch (IOException e) {
      throw new UserError("lost the measured process of " + job + ": " + e.getMessage(), e);
    }
    if (process.onExit().join().exitValue() != 0 || last == null) {
      throw new UserError("the measured process of " + job + " failed, see " + log);
    }
    return last;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
