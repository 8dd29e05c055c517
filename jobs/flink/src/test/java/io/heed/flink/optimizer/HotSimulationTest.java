package io.heed.flink.optimizer;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.model.Conversion;
import io.heed.core.model.ConversionKind;
import io.heed.core.model.Event;
import io.heed.core.model.RecipientSignal;
import io.heed.core.model.Signal;
import io.heed.core.model.SignalState;
import io.heed.sim.Arrival;
import io.heed.sim.Scenario;
import io.heed.sim.Scenarios;
import io.heed.sim.Simulation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/** Whom HOT names in the simulated programme buys soon. */
class HotSimulationTest {
  private static final long DAY = 86_400_000L;
  private static final long END = Instant.parse("2026-03-01T00:00:00Z").toEpochMilli();
  private static final double GOAL = 2.5;

  @Test
  void theTopTenthBuysTwoAndAHalfTimesTheAverageWithinSevenDays(TestReporter reporter)
      throws Exception {
    Scenario scenario = Scenarios.shipped("default").with(3L, 20_000, null);
    List<Event> events = new ArrayList<>();
    for (Iterator<Arrival> all = new Simulation(scenario, END).history().iterator();
        all.hasNext(); ) {
      Event event = all.next().event();
      if (event != null) {
        events.add(event);
      }
    }
    Set<String> people = new HashSet<>();
    events.forEach(event -> people.add(event.recipientId()));
    double buyers = 0;
    double hotBuyers = 0;
    try (TestingSignals signals = new TestingSignals(1, null, 1, END)) {
      events.sort(Comparator.comparingLong(Event::eventTime));
      int fed = 0;
      for (long at = END - 13 * DAY; at <= END - 7 * DAY; at += 2 * DAY) {
        while (fed < events.size() && events.get(fed).eventTime() <= at) {
          signals.process(events.get(fed++));
        }
        signals.advance(at);
        Set<String> next = buyers(events, at, at + 7 * DAY);
        Set<String> top = hottest(signals.published, at);
        buyers += (double) next.size() / people.size();
        hotBuyers += (double) top.stream().filter(next::contains).count() / top.size();
      }
    }
    reporter.publishEntry(
        "the hottest tenth of HOT buys, in averages", "%.2f".formatted(hotBuyers / buyers));
    assertThat(hotBuyers / buyers).isGreaterThan(GOAL);
  }

  private static Set<String> buyers(List<Event> events, long from, long until) {
    Set<String> buyers = new HashSet<>();
    for (Event event : events) {
      if (event instanceof Conversion c
          && c.kind() == ConversionKind.PURCHASE
          && c.eventTime() > from
          && c.eventTime() <= until) {
        buyers.add(c.recipientId());
      }
    }
    return buyers;
  }

  /** The tenth with the highest scores, as they have decayed until then, of those who are HOT. */
  private static Set<String> hottest(List<RecipientSignal> published, long at) {
    Map<String, RecipientSignal> newest = new HashMap<>();
    for (RecipientSignal signal : published) {
      if (signal.signal() == Signal.HOT) {
        newest.put(signal.recipientId(), signal);
      }
    }
    newest.values().removeIf(signal -> signal.state() == SignalState.CLEARED);
    Set<String> top = new HashSet<>();
    newest.values().stream()
        .sorted(
            Comparator.<RecipientSignal>comparingDouble(
                    s -> -s.score() * Math.pow(2, (s.decidedAt() - at) / (14.0 * DAY)))
                .thenComparing(RecipientSignal::recipientId))
        .limit(newest.size() / 10)
        .forEach(signal -> top.add(signal.recipientId()));
    assertThat(top).hasSizeGreaterThan(50);
    return top;
  }
}
