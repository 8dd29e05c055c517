package io.heed.bench;

import io.heed.flink.streaming.JobOptions;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * Events per CPU-second of jobs and of both baselines over the same records in Kafka, each in a
 * process of its own. The state baseline runs right before every job that is held against it, so
 * that a machine whose speed drifts does not favour one of them.
 */
final class ThroughputBench {
  /**
   * What is held against the state baseline.
   *
   * @param stateBytes size of the job's typical state value, which the state baseline reads and
   *     writes
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
          "list-health", new Goal(125, 0.5, 0),
          "send-gate", new Goal(120, 0.7, 0.8),
          "experiments", new Goal(80, 0.6, 0),
          "attribution", new Goal(100, 0.5, 0));

  /** What the gate is held to beside Kafka Streams, which keeps its own state. */
  private static final Goal PEER = new Goal(1, 1, 1.3);

  /** What the gate with value models is held to beside itself without. */
  private static final double MODEL_GOAL = 0.9;

  private final Path directory;
  private final int repeat;
  private final Consumer<String> out;

  /**
   * @param directory for checkpoints and logs
   * @param repeat how often each job is held against the baseline
   * @param out takes the lines of the table
   */
  ThroughputBench(Path directory, int repeat, Consumer<String> out) {
    this.directory = directory;
    this.repeat = repeat;
    this.out = out;
  }

  void header() {
    out.accept(
        String.format(
            "%-14s %-8s %12s %10s %8s %6s",
            "job", "state", "k events/cpu s", "wall s", "ratio", "goal"));
  }

  /** Gives records that no job has read, and so nothing that one has written of them. */
  interface Fresh {
    /** Hands out options that name them, and cleans up afterwards. */
    double measure(ToDoubleFunction<JobOptions> measured) throws Exception;
  }

  /** Measures a job, each time after the baseline with the same value size: the median ratio. */
  double against(String job, String backend, Fresh fresh, long events) throws Exception {
    return against("state", job, GOALS.get(job), backend, fresh, events);
  }

  /** Measures the gate, each time after Kafka Streams: the median ratio. */
  double besidePeer(String backend, Fresh fresh, long events) throws Exception {
    return against(StreamsPeer.NAME, "send-gate", PEER, backend, fresh, events);
  }

  /** Measures the gate with value models, each time after the gate with the same caps alone. */
  void withModel(String backend, Fresh without, Fresh with, long events) throws Exception {
    double[] ratios = new double[repeat];
    for (int i = 0; i < repeat; i++) {
      double plain =
          without.measure(options -> measure("send-gate", backend, 1, options, events, 0, 0));
      ratios[i] =
          with.measure(
              options ->
                  measure("send-gate", backend, 1, options, events, plain, MODEL_GOAL) / plain);
    }
    out.accept("%-14s %-8s %s".formatted("with models", backend, verdict(ratios, MODEL_GOAL)));
  }

  private double against(
      String other, String job, Goal goal, String backend, Fresh fresh, long events)
      throws Exception {
    double[] ratios = new double[repeat];
    for (int i = 0; i < repeat; i++) {
      ratios[i] =
          fresh.measure(
              options -> {
                int bytes = goal.stateBytes();
                double baseline = measure(other, backend, bytes, options, events, 0, 0);
                return measure(job, backend, bytes, options, events, baseline, goal.of(backend))
                    / baseline;
              });
    }
    if (repeat > 1) {
      out.accept("%-14s %-8s %s".formatted(job, backend, verdict(ratios, goal.of(backend))));
    }
    return median(ratios);
  }

  /** Sorts the ratios; of an even number the worse one in the middle is the median. */
  static double median(double[] ratios) {
    Arrays.sort(ratios);
    return ratios[(ratios.length - 1) / 2];
  }

  /** The median of the ratios, which it sorts, and what it is held against; 0 for nothing. */
  static String verdict(double[] ratios, double goal) {
    double median = median(ratios);
    return String.format(
            Locale.ROOT, "ratio %.2f (%.2f to %.2f)", median, ratios[0], ratios[ratios.length - 1])
        + (goal == 0
            ? ""
            : String.format(Locale.ROOT, ", goal %.2f%s", goal, median < goal ? "  missed" : ""));
  }

  /** Measures one job or baseline; returns thousand events per CPU-second. */
  double measure(
      String job,
      String backend,
      int stateBytes,
      JobOptions options,
      long events,
      double baseline,
      double goal) {
    Worker.Figures figures;
    Path home = directory.resolve(job + "-" + backend);
    try (Worker worker = Worker.start(job, backend, stateBytes, home, Worker.Size.USUAL, options)) {
      figures = worker.figures();
    }
    double rate = events / figures.cpuSeconds() / 1_000;
    String line =
        String.format(
            Locale.ROOT,
            "%-14s %-8s %14.1f %10.1f",
            job.equals("state") ? "state " + stateBytes + " B" : job,
            backend,
            rate,
            figures.wallSeconds());
    if (baseline > 0) {
      double ratio = rate / baseline;
      line += String.format(Locale.ROOT, " %8.2f", ratio);
      if (goal > 0) {
        line += String.format(Locale.ROOT, " %6.2f%s", goal, ratio < goal ? "  missed" : "");
      }
    }
    out.accept(line);
    if (job.equals("experiments")) {
      out.accept(
          String.format(
              Locale.ROOT,
              "  of this CPU time, evaluating and publishing takes %.1f %%; goal at most 5 %%",
              100 * figures.share("evaluations")));
    }
    out.accept("  us an event by thread: " + byThread(figures, events));
    return rate;
  }

  /** Those that take a hundredth of the CPU. */
  private static String byThread(Worker.Figures figures, long events) {
    return figures.threadSeconds().entrySet().stream()
        .filter(each -> each.getValue() > figures.cpuSeconds() / 100)
        .map(
            each ->
                String.format(
                    Locale.ROOT, "%s %.1f", each.getKey(), each.getValue() / events * 1e6))
        .collect(Collectors.joining(", "));
  }
}
