package io.heed.cli.bench;

import io.heed.flink.streaming.JobOptions;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Events per CPU-second of jobs and of both baselines over the same records in Kafka, each in a
 * process of its own. The state baseline runs right before every job that is held against it, so
 * that a machine whose speed drifts does not favour one of them.
 */
final class ThroughputBench {
  /**
   * What is held against the state baseline.
   *
   * @param stateBytes size of the job's typical state value, which the baseline reads and writes
   * @param heapGoal least ratio on heap; 0 for none
   * @param rocksGoal least ratio on RocksDB; 0 for none
   */
  record Goal(int stateBytes, double heapGoal, double rocksGoal) {
    double of(String backend) {
      return backend.equals("heap") ? heapGoal : rocksGoal;
    }
  }

  static final Map<String, Goal> GOALS =
      Map.of(
          "list-health", new Goal(200, 0.5, 0),
          "send-gate", new Goal(200, 0.7, 0.8),
          "experiments", new Goal(150, 0.6, 0),
          "attribution", new Goal(100, 0.5, 0));

  private final Path directory;
  private final Consumer<String> out;

  /**
   * @param directory for checkpoints and logs
   * @param out takes the lines of the table
   */
  ThroughputBench(Path directory, Consumer<String> out) {
    this.directory = directory;
    this.out = out;
  }

  void header() {
    out.accept(
        String.format(
            "%-14s %-8s %12s %10s %8s %6s",
            "job", "state", "k events/cpu s", "wall s", "ratio", "goal"));
  }

  /** Measures a job after the baseline with the same value size; returns the ratio. */
  double against(String job, String backend, JobOptions options, long events)
      throws InterruptedException {
    Goal goal = GOALS.get(job);
    double baseline = measure("state", backend, goal.stateBytes(), options, events, 0, 0);
    double rate =
        measure(job, backend, goal.stateBytes(), options, events, baseline, goal.of(backend));
    return rate / baseline;
  }

  /** Measures one job or baseline; returns thousand events per CPU-second. */
  double measure(
      String job,
      String backend,
      int stateBytes,
      JobOptions options,
      long events,
      double baseline,
      double goal)
      throws InterruptedException {
    String[] figures;
    Path home = directory.resolve(job + "-" + backend);
    try (Worker worker = Worker.start(job, backend, stateBytes, home, options)) {
      figures = worker.figures().split(" ");
    }
    double rate = events / Double.parseDouble(figures[0]) / 1_000;
    String line =
        String.format(
            Locale.ROOT,
            "%-14s %-8s %14.1f %10s",
            job.equals("state") ? "state " + stateBytes + " B" : job,
            backend,
            rate,
            figures[1]);
    if (baseline > 0) {
      double ratio = rate / baseline;
      line += String.format(Locale.ROOT, " %8.2f", ratio);
      if (goal > 0) {
        line += String.format(Locale.ROOT, " %6.2f%s", goal, ratio < goal ? "  missed" : "");
      }
    }
    out.accept(line);
    return rate;
  }
}
