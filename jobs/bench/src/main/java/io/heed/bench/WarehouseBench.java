package io.heed.bench;

import io.heed.flink.streaming.JobOptions;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Events per second, by the clock on the wall, of the warehouse job from Kafka into ClickHouse
 * against the driver alone inserting the same rows from memory, one batch after the other. Each in
 * a process and into a database of its own, in pairs whose order alternates, so that a machine
 * whose speed drifts does not favour one of them; the median pair counts.
 */
final class WarehouseBench {
  private static final double GOAL = 0.6;

  private final Path directory;
  private final String clickHouseUrl;
  private final Function<String, JobOptions> options;
  private final int repeat;
  private final Consumer<String> out;
  private int databases;

  /**
   * @param directory for checkpoints and logs
   * @param clickHouseUrl JDBC URL of a user who may make and drop databases
   * @param options of the job for a database's name
   * @param repeat how many pairs
   * @param out takes the lines of the table
   */
  WarehouseBench(
      Path directory,
      String clickHouseUrl,
      Function<String, JobOptions> options,
      int repeat,
      Consumer<String> out) {
    this.directory = directory;
    this.clickHouseUrl = clickHouseUrl;
    this.options = options;
    this.repeat = repeat;
    this.out = out;
  }

  /** Prints the figures of every pair; returns the median of their ratios. */
  double run(long events) throws SQLException, InterruptedException {
    out.accept("%n%,d events into ClickHouse".formatted(events));
    out.accept(String.format("%-14s %10s %14s %8s", "", "k events/s", "k events/cpu s", "wall s"));
    double[] ratios = new double[repeat];
    for (int pair = 0; pair < repeat; pair++) {
      String first = pair % 2 == 0 ? "driver" : "warehouse";
      String second = pair % 2 == 0 ? "warehouse" : "driver";
      double firstSeconds = measure(first, events);
      double secondSeconds = measure(second, events);
      ratios[pair] =
          first.equals("driver") ? firstSeconds / secondSeconds : secondSeconds / firstSeconds;
    }
    out.accept(ThroughputBench.verdict(ratios, GOAL));
    return ThroughputBench.median(ratios);
  }

  /** Returns seconds on the wall. */
  private double measure(String what, long events) throws SQLException, InterruptedException {
    String database = "heed_bench_" + databases++;
    Path home = directory.resolve(database);
    Worker.Figures figures;
    try (Worker worker =
        Worker.start(what, "heap", 1, home, Worker.Size.USUAL, options.apply(database))) {
      figures = worker.figures();
    }
    drop(database);
    out.accept(
        String.format(
            Locale.ROOT,
            "%-14s %10.1f %14.1f %8.3f",
            what,
            events / figures.wallSeconds() / 1_000,
            events / figures.cpuSeconds() / 1_000,
            figures.wallSeconds()));
    return figures.wallSeconds();
  }

  private void drop(String database) throws SQLException {
    try (Connection connection = DriverManager.getConnection(clickHouseUrl);
        Statement statement = connection.createStatement()) {
      statement.execute("DROP DATABASE " + database + " SYNC");
    }
  }
}
