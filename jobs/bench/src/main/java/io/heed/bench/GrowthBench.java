package io.heed.bench;

import io.heed.cli.local.Endpoints;
import io.heed.cli.local.LocalStack;
import io.heed.cli.local.LocalStackOptions;
import io.heed.cli.local.LocalStackOptions.Part;
import io.heed.core.model.Event;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.warehouse.EventFeed;
import io.heed.preview.ClickHouse;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * What the warehouse costs as history grows at an even pace of traffic: refreshes after a minute of
 * new events, time ranges, one person, panels, writing, bytes. Each as figures by size and as the
 * exponent of growth between the first and the last size: 0 does not grow, 1 grows with history.
 */
final class GrowthBench {
  /** Of {@link BenchTraffic}, in SQL. */
  private static final double EVENTS_PER_MESSAGE = 3.095;

  private static final long EVENTS_PER_DAY = 137_000;
  private static final String DATABASE = "heed";
  private static final int MEGABYTES = 4_096;
  private static final int RECIPIENTS = 300_000;
  private static final int MINUTE_EVENTS = 60_000;
  private static final int BATCH = 50_000;
  private static final int WRITES = 6;
  private static final int REPEATS = 5;
  private static final long DAY_MILLIS = Duration.ofDays(1).toMillis();
  private static final Duration MERGES_TIMEOUT = Duration.ofMinutes(4);

  private static final String AUDIT =
      """
      SELECT toUnixTimestamp64Milli(event_time) AS at, what, scope, method, evidence
      FROM consent_ledger WHERE recipient_id = 'r%d' ORDER BY event_time, what, scope, method""";

  private final GrowthDatabase database;
  private final EventFeed feed;
  private final PanelTimes panels;
  private final Consumer<String> out;
  private final BenchTraffic traffic = new BenchTraffic(1, RECIPIENTS, 20, BenchTraffic.Kind.PLAIN);
  private int measured;
  private final Map<String, Map<Long, Double>> figures = new LinkedHashMap<>();

  /**
   * Measures on a ClickHouse of its own.
   *
   * @param directory for its data
   * @param dashboards the JSON files whose panels are measured
   * @param sizes in events, ascending
   * @param out takes the lines of the table
   */
  static void run(Path directory, Path dashboards, List<Long> sizes, Consumer<String> out)
      throws Exception {
    try (LocalStack stack =
            LocalStack.start(
                LocalStackOptions.builder(directory)
                    .parts(Part.CLICKHOUSE)
                    .clickHousePort(0)
                    .clickHouseMegabytes(MEGABYTES)
                    .build());
        EventFeed feed =
            new EventFeed(
                JobOptions.fromArgs("--clickhouse-url", stack.endpoints().clickHouseUrl()))) {
      feed.prepare();
      Endpoints endpoints = stack.endpoints();
      String server =
          "http://"
              + URI.create(endpoints.clickHouseUrl().substring("jdbc:".length())).getAuthority();
      ClickHouse reader =
          new ClickHouse(
              URI.create(server + "/"),
              DATABASE,
              endpoints.readerName(),
              Files.readString(endpoints.readerPasswordFile()).strip());
      try (PanelTimes panels = new PanelTimes(dashboards, reader)) {
        new GrowthBench(new GrowthDatabase(server, DATABASE), feed, panels, out).run(sizes);
      }
    }
  }

  /**
   * @param database where the tables are
   * @param feed writes as the job does
   * @param panels measures the dashboards
   * @param out takes the lines of the table
   */
  private GrowthBench(
      GrowthDatabase database, EventFeed feed, PanelTimes panels, Consumer<String> out) {
    this.database = database;
    this.feed = feed;
    this.panels = panels;
    this.out = out;
  }

  /** Fills to each size in turn, ascending, and measures there. */
  private void run(List<Long> sizes) throws Exception {
    long newest = System.currentTimeMillis() - Duration.ofMinutes(30).toMillis();
    long oldest = newest;
    long messages = 0;
    for (long size : sizes) {
      long more = Math.round(size / EVENTS_PER_MESSAGE) - messages;
      long from = oldest - Math.round(more * EVENTS_PER_MESSAGE / EVENTS_PER_DAY * DAY_MILLIS);
      long start = System.nanoTime();
      database.fill(messages, more, from, oldest, RECIPIENTS);
      messages += more;
      oldest = from;
      database.awaitMerges(MERGES_TIMEOUT);
      database.refreshAll();
      out.accept(
          String.format(
              Locale.ROOT,
              "filled to %,d events of %,d days in %.0f s",
              database.number("SELECT count() FROM events_versions"),
              (newest - oldest) / DAY_MILLIS,
              seconds(start)));
      measure(size);
    }
    print(sizes);
  }

  private void measure(long size) throws Exception {
    // As three minutes without traffic do.
    database.execute("TRUNCATE TABLE touched_hour");
    // Hours of their own, so that no size finds what the last one wrote.
    long hour = System.currentTimeMillis() - (4 + 2 * measured++) * Duration.ofHours(1).toMillis();
    long minute = hour - hour % Duration.ofHours(1).toMillis() + Duration.ofMinutes(30).toMillis();
    List<Double> writes = new ArrayList<>();
    for (int i = 0; i < WRITES; i++) {
      List<Event> batch = events(BATCH, minute);
      long start = System.nanoTime();
      feed.insert(batch);
      writes.add(batch.size() / seconds(start));
    }
    add("writing, events/s", size, median(writes));
    database.refreshAll();
    database.execute("TRUNCATE TABLE touched_hour");
    for (int i = 0; i < MINUTE_EVENTS; i += MINUTE_EVENTS / 60) {
      feed.insert(events(MINUTE_EVENTS / 60, minute - Duration.ofHours(1).toMillis()));
    }
    for (String view : database.refreshableViews()) {
      List<Double> millis = new ArrayList<>();
      long rows = 0;
      for (int i = 0; i < REPEATS; i++) {
        GrowthDatabase.Refresh refresh = database.refresh(view);
        millis.add((double) refresh.millis());
        rows = refresh.rowsRead();
      }
      add(view + ", ms", size, median(millis));
      add(view + ", rows read", size, (double) rows);
    }
    add(
        "7 days over events, ms",
        size,
        database.millis(
            REPEATS, i -> "SELECT count() FROM events WHERE event_time >= now() - INTERVAL 7 DAY"));
    add(
        "7 days over events by type, ms",
        size,
        database.millis(
            REPEATS,
            i ->
                "SELECT event_type, count(), uniq(recipient_id) FROM events"
                    + " WHERE event_time >= now() - INTERVAL 7 DAY GROUP BY event_type"));
    add(
        "audit of one person, ms",
        size,
        database.millis(REPEATS, i -> AUDIT.formatted(1_000 * (i + 1))));
    Map.Entry<String, Double> slowest = panels.slowest();
    add("slowest panel, ms", size, slowest.getValue());
    out.accept("slowest panel: " + slowest.getKey());
    double events = (double) database.number("SELECT count() FROM events");
    add("bytes an event: events", size, database.bytes("events_versions") / events);
    add("bytes an event: event_place", size, database.bytes("event_place") / events);
    add(
        "bytes an event: recipient_event",
        size,
        database.bytes("recipient_event_versions") / events);
    add("bytes a decision, all its tables", size, decisionBytes());
  }

  private double decisionBytes() throws SQLException, InterruptedException {
    return (double)
            (database.bytes("decision_versions")
                + database.bytes("decision_newest_versions")
                + database.bytes("verdict_hour"))
        / database.number("SELECT count() FROM decision_versions");
  }

  /** New ones, of one minute. */
  private List<Event> events(int count, long minute) {
    List<Event> events = new ArrayList<>(count + 10);
    traffic.generate(count, minute, minute + 60_000, events::add);
    return events;
  }

  private void add(String what, long size, double figure) {
    out.accept(String.format(Locale.ROOT, "  %-44s %,14.1f", what, figure));
    figures.computeIfAbsent(what, name -> new TreeMap<>()).put(size, figure);
  }

  private void print(List<Long> sizes) {
    StringBuilder header = new StringBuilder(String.format("%n%-44s", ""));
    sizes.forEach(size -> header.append(String.format(Locale.ROOT, "%,14d", size)));
    out.accept(header + "  exponent");
    figures.forEach(
        (what, bySize) -> {
          StringBuilder line = new StringBuilder(String.format("%-44s", what));
          bySize.values().forEach(v -> line.append(String.format(Locale.ROOT, "%,14.1f", v)));
          out.accept(line + String.format(Locale.ROOT, "%10.2f", exponent(sizes, bySize)));
        });
  }

  private static double exponent(List<Long> sizes, Map<Long, Double> bySize) {
    long first = sizes.get(0);
    long last = sizes.get(sizes.size() - 1);
    return Math.log(bySize.get(last) / bySize.get(first)) / Math.log((double) last / first);
  }

  private static double median(List<Double> values) {
    return ThroughputBench.median(values.stream().mapToDouble(v -> v).toArray());
  }

  private static double seconds(long sinceNanos) {
    return (System.nanoTime() - sinceNanos) / 1e9;
  }
}
