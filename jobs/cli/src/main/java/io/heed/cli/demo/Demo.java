package io.heed.cli.demo;

import io.heed.cli.EventPublisher;
import io.heed.cli.UserError;
import io.heed.core.model.Decision;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.TopicNames;
import io.heed.core.model.Verdict;
import io.heed.flink.streaming.KafkaCluster;
import io.heed.sim.Arrival;
import io.heed.sim.Pace;
import io.heed.sim.Scenario;
import io.heed.sim.Simulation;
import io.heed.sim.Truth;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;

/**
 * Simulated traffic on a stack that runs: first the history, then live traffic, and at the end the
 * results beside the truth.
 */
public final class Demo implements AutoCloseable {
  private static final String SEND_GATE = "send-gate";
  private static final String LIST_HEALTH = "list-health";
  private static final long TICK_MILLIS = 50;
  private static final int POLL_EVERY = 5_000;

  /** Without any progress; a slow machine is no fault. */
  private static final Duration TIMEOUT = Duration.ofMinutes(2);

  private static final Duration POLL_INTERVAL = Duration.ofSeconds(2);

  private final Scenario scenario;
  private final Collection<String> jobs;
  private final PrintWriter out;
  private final LiveView view;
  private final Clock clock;
  private final Simulation simulation;
  private final Truth truth;
  private final EventPublisher publisher;
  private final DecisionFeed feed;
  private final Results results;
  private final ResultsWatch watch;
  private final boolean onEmptyTopics;
  private final Map<Verdict, Long> verdicts = new EnumMap<>(Verdict.class);
  private long published;

  /**
   * @param kafka of the stack
   * @param warehouse of the stack
   * @param jobs that run on it
   * @param out takes what the user sees
   * @param inPlace whether it may be written over
   */
  public Demo(
      KafkaCluster kafka,
      Warehouse warehouse,
      TopicNames names,
      Scenario scenario,
      Collection<String> jobs,
      PrintWriter out,
      boolean inPlace) {
    this.scenario = scenario;
    this.jobs = jobs;
    this.out = out;
    this.view = new LiveView(out, inPlace);
    this.clock = Clock.systemUTC();
    this.simulation = new Simulation(scenario, clock.millis());
    this.truth = new Truth(simulation, scenario);
    this.feed =
        new DecisionFeed(kafka, names, simulation.recipientPrefix(), simulation.eventPrefix());
    this.publisher = new EventPublisher(kafka, names);
    Map<TopicPartition, Long> begin = feed.ends();
    this.onEmptyTopics = begin.values().stream().allMatch(offset -> offset == 0);
    this.results = new Results(warehouse, simulation.recipientPrefix(), begin);
    this.watch = new ResultsWatch(results);
  }

  /** Whether nothing had been published before. */
  public boolean isOnEmptyTopics() {
    return onEmptyTopics;
  }

  /** Publishes the history and waits until it is in ClickHouse and the send gate has read it. */
  public void playHistory() throws InterruptedException {
    long began = clock.millis();
    if (jobs.contains(SEND_GATE)) {
      simulation.requestVerdictsOfHistory();
    }
    Iterator<Arrival> history = simulation.history().iterator();
    while (history.hasNext()) {
      publish(history.next());
      if (published % POLL_EVERY == 0) {
        obey();
        showLoading(began);
      }
    }
    publisher.flush();
    // What is live must not wait behind the history: the gate would defer it as stale.
    long all = clock.millis();
    boolean inClickHouse = awaited(() -> watch.rows() >= truth.rows(), watch::rows, began);
    boolean inGate =
        !jobs.contains(SEND_GATE) || awaited(() -> gateTime() >= all, this::gateTime, began);
    view.leave();
    out.printf(
        Locale.ROOT,
        "%,d events of %d days %s in %d s%n",
        published,
        scenario.history().toDays(),
        !inClickHouse
            ? "published, but not yet all in ClickHouse"
            : !inGate ? "loaded, but the send gate has not yet read all of them" : "loaded",
        (clock.millis() - began) / 1_000);
    out.flush();
  }

  private long gateTime() {
    return feed.gateTime().orElse(0);
  }

  /** Whether it came to hold; not if nothing has come further for long. */
  private boolean awaited(BooleanSupplier holds, LongSupplier progress, long began)
      throws InterruptedException {
    long reached = progress.getAsLong();
    long progressAt = clock.millis();
    while (!holds.getAsBoolean()) {
      // A gate that starts again and again falls back each time.
      if (progress.getAsLong() > reached) {
        reached = progress.getAsLong();
        progressAt = clock.millis();
      } else if (clock.millis() - progressAt >= TIMEOUT.toMillis()) {
        return false;
      }
      obey();
      showLoading(began);
      pause();
    }
    return true;
  }

  private void showLoading(long began) {
    long now = clock.millis();
    if (view.isDue(now)) {
      String line =
          String.format(
              Locale.ROOT,
              "history  %3d s  published %,d, in ClickHouse %,d%s",
              (now - began) / 1_000,
              published,
              watch.rows(),
              gateTime() == 0
                  ? ""
                  : ", send gate %,d s behind".formatted((now - gateTime()) / 1_000));
      view.show(now, line, List.of());
    }
  }

  /**
   * Goes on live.
   *
   * @param length null: until the thread is interrupted
   */
  public void live(Duration length) throws InterruptedException {
    long began = clock.millis();
    long end = length == null ? Long.MAX_VALUE : began + length.toMillis();
    if (jobs.contains(SEND_GATE)) {
      simulation.requestVerdicts();
    }
    // What has happened since the history ended, all at once.
    release(began);
    long publishedBefore = published;
    Pace pace = new Pace(scenario.eventsPerSecond(), began);
    long now = began;
    while (now < end) {
      int came = release(now);
      obey();
      pace.came(came + release(now));
      for (int texts = pace.due(now); texts > 0; texts--) {
        simulation.offer();
      }
      if (view.isDue(now)) {
        showLive(now, now - began, published - publishedBefore);
      }
      pause();
      now = clock.millis();
    }
    view.leave();
  }

  private void showLive(long now, long elapsed, long publishedLive) {
    String time = String.format(Locale.ROOT, "%02d:%02d", elapsed / 60_000, elapsed / 1_000 % 60);
    String line =
        String.format(
            Locale.ROOT,
            "live %s  published %,d (%d/s), in ClickHouse %,d, dead letters %,d, opt-outs %,d%s",
            time,
            published,
            elapsed < 1_000 ? 0 : publishedLive * 1_000 / elapsed,
            watch.rows(),
            watch.deadLetters(),
            watch.events().getOrDefault("opt-out", 0L),
            verdictsText());
    List<String> more =
        watch.events().entrySet().stream()
            .map(e -> String.format(Locale.ROOT, "  %-14s %,12d", e.getKey(), e.getValue()))
            .toList();
    view.show(now, line, more);
  }

  private String verdictsText() {
    return verdicts.isEmpty()
        ? ""
        : verdicts.entrySet().stream()
            .map(e -> String.format(Locale.ROOT, "%s %,d", e.getKey(), e.getValue()))
            .collect(Collectors.joining(", ", ", verdicts ", ""));
  }

  /** Publishes what has arrived by now. */
  private int release(long now) throws InterruptedException {
    int count = 0;
    for (Arrival arrival = simulation.next(now); arrival != null; arrival = simulation.next(now)) {
      publish(arrival);
      count++;
    }
    return count;
  }

  private void publish(Arrival arrival) throws InterruptedException {
    publisher.publish(arrival.topic(), arrival.key(), arrival.value());
    truth.published(arrival);
    published++;
  }

  private void obey() {
    for (Decision decision : takeDecisions()) {
      simulation.decided(decision);
    }
  }

  private List<Decision> takeDecisions() {
    List<Decision> decisions = feed.poll();
    for (Decision decision : decisions) {
      if (decision instanceof SendVerdict verdict) {
        verdicts.merge(verdict.verdict(), 1L, Long::sum);
      }
    }
    feed.assignments().forEach(truth::publishedByOthers);
    return decisions;
  }

  /**
   * Waits until everything on its way has arrived, then compares, and writes {@code truth.json} and
   * {@code summary.json}.
   *
   * @return whether results and truth agree
   */
  public boolean finish(Path directory) throws InterruptedException, IOException {
    publisher.flush();
    out.println("Traffic has stopped; waiting for what is on its way");
    out.flush();
    Comparison comparison = compareWhenArrived();
    truth.summary().write(directory.resolve("truth.json"));
    Summary summary = new Summary(truth.summary(), comparison, decisions(), onEmptyTopics);
    summary.write(directory.resolve("summary.json"));
    summary.print(out);
    return summary.agrees();
  }

  /** The truth of an interrupted run: what was published until then. */
  public void writeTruth(Path directory) throws IOException {
    truth.summary().write(directory.resolve("truth.json"));
  }

  private Comparison compareWhenArrived() throws InterruptedException {
    long progressAt = clock.millis();
    Comparison comparison = null;
    SQLException failure = null;
    while (clock.millis() - progressAt < TIMEOUT.toMillis()) {
      // Traffic has ended, but hold-out assignments are still being published.
      takeDecisions();
      try {
        Comparison last = comparison;
        comparison = compare();
        if (!comparison.equals(last)) {
          progressAt = clock.millis();
        } else if (comparison.agrees()) {
          // The same twice: what the jobs themselves publish was not just on its way to both.
          return comparison;
        }
        failure = null;
      } catch (SQLException e) {
        failure = e;
      }
      TimeUnit.MILLISECONDS.sleep(POLL_INTERVAL.toMillis());
    }
    if (comparison == null) {
      throw new UserError(
          "ClickHouse does not answer: " + (failure == null ? "no time" : failure.getMessage()),
          failure);
    }
    return comparison;
  }

  private Comparison compare() throws SQLException {
    return Comparison.of(truth.summary(), results, onEmptyTopics && jobs.contains(LIST_HEALTH));
  }

  private Map<String, Long> decisions() {
    try {
      return results.decisions();
    } catch (SQLException e) {
      out.println("Decisions cannot be counted: " + e.getMessage());
      return Map.of();
    }
  }

  private static void pause() throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(TICK_MILLIS);
  }

  @Override
  public void close() {
    watch.close();
    publisher.close();
    feed.close();
  }
}
