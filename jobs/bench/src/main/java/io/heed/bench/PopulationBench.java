package io.heed.bench;

import io.heed.bench.BenchTraffic.Kind;
import io.heed.core.model.Event;
import io.heed.flink.streaming.JobOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * What the number of recipients changes: events per CPU-second of a job and of the state baseline
 * while every recipient is in the state already. Both run unbounded; first each recipient gets a
 * message, and when the process has come to rest, traffic is written twice, of which the second is
 * measured. The heap grows with the recipients, and there are no checkpoints: on heap each writes
 * the whole state, which would say more of their interval than of the job.
 */
final class PopulationBench {
  private static final Duration POLL_MILLIS = Duration.ofSeconds(1);

  /** CPU seconds a second below which a process is at rest: heartbeats go on. */
  private static final double REST = 0.15;

  private static final int LOOKS_AT_REST = 3;

  private final Path directory;
  private final int campaigns;
  private final Consumer<String> out;

  /**
   * @param directory for checkpoints and logs
   * @param campaigns of the traffic
   * @param out takes the lines of the table
   */
  PopulationBench(Path directory, int campaigns, Consumer<String> out) {
    this.directory = directory;
    this.campaigns = campaigns;
    this.out = out;
  }

  /** Measures a job; returns thousand events per CPU-second. */
  double measure(
      String job,
      String backend,
      int stateBytes,
      JobOptions options,
      Kind kind,
      int recipients,
      long events)
      throws InterruptedException {
    Path home = directory.resolve(job + "-" + backend + "-" + recipients);
    long start = System.currentTimeMillis();
    BenchTraffic traffic = new BenchTraffic(1, recipients, campaigns, kind);
    BenchTraffic before = new BenchTraffic(1, recipients, campaigns, Kind.PLAIN);
    publish(options, sink -> before.fill(start - Duration.ofHours(30).toMillis(), sink));
    Worker.Size size = new Worker.Size(3 + recipients / 1_000_000, Duration.ofDays(1));
    try (Worker worker = Worker.start(job, backend, stateBytes, home, size, options)) {
      atRest(worker);
      // To warm up, and for what falls due when time jumps ahead.
      publish(options, sink -> traffic.generate(events, start - 180_000, start - 120_000, sink));
      double filled = atRest(worker);
      publish(options, sink -> traffic.generate(events, start - 120_000, start - 60_000, sink));
      double seconds = atRest(worker) - filled;
      double rate = events / seconds / 1_000;
      out.accept(
          String.format(
              Locale.ROOT, "%-14s %-8s %,12d recipients %12.1f", job, backend, recipients, rate));
      return rate;
    }
  }

  private static void publish(JobOptions options, Consumer<Consumer<Event>> events) {
    BenchPublisher.publish(options.kafka(), options.topicNames(), events);
  }

  private static double atRest(Worker worker) throws InterruptedException {
    double last = worker.cpuSeconds();
    for (int looks = 0; looks < LOOKS_AT_REST; ) {
      Thread.sleep(POLL_MILLIS.toMillis());
      double now = worker.cpuSeconds();
      looks = now - last < REST * POLL_MILLIS.toSeconds() ? looks + 1 : 0;
      last = now;
    }
    return last;
  }
}
