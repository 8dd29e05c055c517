package io.heed.replay;

import io.heed.core.config.ConfigError;
import io.heed.core.model.Event;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;

/**
 * The events of a file, in order of event time. Opening one reads and checks the whole file, so
 * that nothing is published of one that is broken; the events are made as they are needed.
 *
 * <p>Memory holds neither the rows (they are sorted externally, first by content, which
 * distinguishes the identical ones, then by their first event) nor the events (each row makes its
 * own in order of time, and the rows whose time has come are merged): only the rows that are under
 * way.
 */
public final class Replay implements AutoCloseable {
  private static final Comparator<SourceRow> BY_CONTENT = Comparator.comparing(SourceRow::hash);
  private static final Comparator<SourceRow> BY_START =
      Comparator.comparingLong(SourceRow::start)
          .thenComparing(SourceRow::hash)
          .thenComparing(SourceRow::ordinal);

  private static final int ERRORS_KEPT = 20;

  /** Takes events. */
  @FunctionalInterface
  public interface Sink {
    void accept(Event event) throws IOException, InterruptedException;
  }

  private final Path file;
  private final Mapping mapping;
  private final ReplayOptions options;
  private final Instant base;
  private final ExternalSort byContent;
  private final ExternalSort byStart;
  private final List<RowError> errors = new ArrayList<>();
  private long rows;
  private long brokenRows;
  private long latest = Long.MIN_VALUE;

  private Replay(Path file, Mapping mapping, ReplayOptions options) {
    this.file = file;
    this.mapping = mapping;
    this.options = options;
    this.base = options.base() == null ? mapping.base() : options.base();
    this.byContent = new ExternalSort(BY_CONTENT, options.sortBytes());
    this.byStart = new ExternalSort(BY_START, options.sortBytes());
  }

  /**
   * Reads and checks a file.
   *
   * @throws ReplayException if it cannot be replayed at all; broken rows are in {@link #errors}
   */
  public static Replay open(Path file, Mapping mapping, ReplayOptions options)
      throws IOException, ReplayException {
    if (options.groups() > 0 && mapping.group() == null) {
      throw new ReplayException("mapping " + mapping.name() + " names no column of groups");
    }
    if (options.base() != null && mapping.base() == null) {
      throw new ReplayException("the times of mapping " + mapping.name() + " count from no base");
    }
    Replay replay = new Replay(file, mapping, options);
    try {
      replay.read();
    } catch (IOException | ReplayException e) {
      replay.close();
      throw e;
    }
    return replay;
  }

  private void read() throws IOException, ReplayException {
    Set<String> groups = options.groups() > 0 ? firstGroups() : null;
    Rows.read(
        file,
        mapping.delimiter(),
        new Rows.Sink() {
          @Override
          public void header(List<String> columns) throws ReplayException {
            checkHeader(columns);
          }

          @Override
          public void row(long number, SortedMap<String, String> cells) throws IOException {
            if (isSelected(cells)
                && (groups == null || groups.contains(cells.getOrDefault(mapping.group(), "")))) {
              take(number, cells);
            }
          }

          @Override
          public void broken(RowError error) {
            rows++;
            keep(error);
          }
        });
  }

  private boolean isSelected(SortedMap<String, String> cells) {
    return options.where().entrySet().stream()
        .allMatch(wanted -> wanted.getValue().contains(cells.getOrDefault(wanted.getKey(), "")));
  }

  private void take(long number, SortedMap<String, String> cells) throws IOException {
    rows++;
    List<String> values =
        mapping.columns().stream().map(column -> cells.getOrDefault(column.name(), "")).toList();
    SourceRow row = new SourceRow(number, Rows.hash(cells), 0, 0, values);
    try {
      Scope scope = mapping.scope(row, base);
      for (Journey journey : mapping.journeys()) {
        latest = Math.max(latest, journey.check(scope, options.now().toEpochMilli()));
      }
      byContent.add(row);
    } catch (RowException e) {
      keep(e.at(file.toString(), number));
    }
  }

  private void keep(RowError error) {
    brokenRows++;
    if (errors.size() < ERRORS_KEPT) {
      errors.add(error);
    }
  }

  private void checkHeader(List<String> columns) throws ReplayException {
    for (Names.Column column : mapping.columns()) {
      if (!columns.contains(column.name())) {
        throw new ReplayException(
            new ConfigError(
                    mapping.file(),
                    column.line(),
                    column.path(),
                    "no column '" + column.name() + "' in " + file,
                    String.join(", ", columns))
                .toString());
      }
    }
    Set<String> selecting = new LinkedHashSet<>(options.where().keySet());
    if (mapping.group() != null) {
      selecting.add(mapping.group());
    }
    selecting.removeAll(columns);
    if (!selecting.isEmpty()) {
      throw new ReplayException(
          "%s has no column %s (allowed: %s)"
              .formatted(file, String.join(", ", selecting), String.join(", ", columns)));
    }
  }

  /** The least names of groups: another order of the rows does not change them. */
  private Set<String> firstGroups() throws IOException, ReplayException {
    TreeSet<String> first = new TreeSet<>();
    Rows.read(
        file,
        mapping.delimiter(),
        new Rows.Sink() {
          @Override
          public void header(List<String> columns) throws ReplayException {
            checkHeader(columns);
          }

          @Override
          public void row(long number, SortedMap<String, String> cells) {
            if (isSelected(cells)) {
              first.add(cells.getOrDefault(mapping.group(), ""));
              if (first.size() > options.groups()) {
                first.pollLast();
              }
            }
          }

          @Override
          public void broken(RowError error) {
            // Reported by the second reading.
          }
        });
    return first;
  }

  /** The rows taken, the broken ones among them. */
  public long rows() {
    return rows;
  }

  public long brokenRows() {
    return brokenRows;
  }

  /** The first broken rows, in the order of the file. */
  public List<RowError> errors() {
    return List.copyOf(errors);
  }

  /** No event lies behind this instant, epoch milliseconds; the least long without events. */
  public long latest() {
    return latest;
  }

  /** Hands out the events of all rows that are not broken; to be called once. */
  public void forEach(Sink sink) throws IOException, InterruptedException {
    try {
      findStarts();
      merge(sink);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private void merge(Sink sink) throws IOException, InterruptedException {
    Iterator<SourceRow> waiting = byStart.sorted();
    SourceRow next = waiting.hasNext() ? waiting.next() : null;
    PriorityQueue<Source> underWay =
        new PriorityQueue<>((a, b) -> JourneyEvents.ORDER.compare(a.head, b.head));
    while (next != null || !underWay.isEmpty()) {
      // A row that starts at the same instant may hold the smaller id.
      while (next != null
          && (underWay.isEmpty() || next.start() <= underWay.peek().head.eventTime())) {
        sources(next).forEach(events -> addSource(underWay, events));
        next = waiting.hasNext() ? waiting.next() : null;
      }
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      Source source = underWay.remove();
      sink.accept(source.head);
      addSource(underWay, source.rest);
    }
  }

  private void findStarts() throws IOException {
    Iterator<SourceRow> sorted = byContent.sorted();
    SourceRow previous = null;
    while (sorted.hasNext()) {
      SourceRow row = sorted.next();
      boolean again = previous != null && previous.hash().equals(row.hash());
      row = row.withOrdinal(again ? previous.ordinal() + 1 : 0);
      previous = row;
      long start = Long.MAX_VALUE;
      for (Iterator<Event> events : sources(row)) {
        start = Math.min(start, events.next().eventTime());
      }
      if (start != Long.MAX_VALUE) {
        byStart.add(row.withStart(start));
      }
    }
  }

  /** The events of each kind of journey of a row, where there are any. */
  private List<Iterator<Event>> sources(SourceRow row) {
    try {
      Scope scope = mapping.scope(row, base);
      return mapping.journeys().stream()
          .<Iterator<Event>>map(journey -> new JourneyEvents(journey, scope.copy(), mapping.name()))
          .filter(Iterator::hasNext)
          .toList();
    } catch (RowException e) {
      throw new IllegalStateException("a row that passed its check is broken after all", e);
    }
  }

  private static void addSource(PriorityQueue<Source> sources, Iterator<Event> events) {
    if (events.hasNext()) {
      sources.add(new Source(events.next(), events));
    }
  }

  @Override
  public void close() throws IOException {
    byContent.close();
    byStart.close();
  }

  private record Source(Event head, Iterator<Event> rest) {}
}
