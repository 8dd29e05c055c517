package io.heed.flink.experiments;

import io.heed.core.model.Category;
import io.heed.core.model.Click;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Conversion;
import io.heed.core.model.ConversionKind;
import io.heed.core.model.Delivery;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.model.Event;
import io.heed.core.model.OptOut;
import io.heed.core.model.OptOutMethod;
import io.heed.core.model.Send;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/** Two-armed experiments and the traffic that they see. */
final class TestingTraffic {
  static final long START = Instant.parse("2026-03-02T00:00:00Z").toEpochMilli();
  static final long HOUR = 3_600_000L;
  static final long DAY = 24 * HOUR;

  private final Random random;

  TestingTraffic(long seed) {
    this.random = new Random(seed);
  }

  static ConfigVersion experiment(String id, String more) {
    String document =
        """
        id: %s
        owner: o
        hypothesis: h
        variants:
          - id: a
            weight: 1
          - id: b
            weight: 1
        primary_metric:
          event: click
          window: 24h
          expected_base_rate: 0.12
        guardrails:
          - event: opt-out
            mode: veto
        minimum_effect: 0.5
        start: 2026-03-02
        """
            .formatted(id);
    return new ConfigVersion(
        "experiment", id, "hash-" + (id + more).hashCode(), START, START, document + more);
  }

  /**
   * Recipients of an experiment, sent to within a day.
   *
   * @param rateA clicks per recipient of a
   * @param rateB clicks per recipient of b
   * @param hoursA mean hours to a click in a
   * @param hoursB mean hours to a click in b
   */
  List<Event> recipients(
      String experiment, int count, double rateA, double rateB, double hoursA, double hoursB) {
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String recipient = experiment + "-" + i;
      boolean b = random.nextBoolean();
      long at = START + (long) (random.nextDouble() * DAY);
      events.add(send(recipient, at, experiment, b ? "b" : "a"));
      events.add(
          new Delivery(
              "d" + recipient,
              at + 2_000,
              recipient,
              "m" + recipient,
              DeliveryStatus.DELIVERED,
              null,
              null,
              null));
      if (random.nextDouble() < (b ? rateB : rateA)) {
        double delay = -Math.log(1 - random.nextDouble()) * (b ? hoursB : hoursA) * HOUR;
        long clickedAt = at + (long) delay + 3_000;
        events.add(
            new Click(
                "c" + recipient,
                clickedAt,
                recipient,
                "m" + recipient,
                null,
                null,
                "Mozilla/5.0 (iPhone)",
                null));
        events.add(
            new Conversion(
                "v" + recipient,
                clickedAt + 60_000,
                recipient,
                "o" + recipient,
                ConversionKind.PURCHASE,
                10_000_000,
                null));
      }
      if (random.nextInt(200) == 0) {
        events.add(
            new OptOut("o" + recipient, at + HOUR, recipient, "l", OptOutMethod.KEYWORD, null));
      }
    }
    events.sort(Comparator.comparingLong(Event::eventTime).thenComparing(Event::eventId));
    return events;
  }

  static Send send(String recipient, long at, String experiment, String variant) {
    return new Send(
        "s" + recipient + at,
        at,
        recipient,
        "m" + recipient,
        "c",
        "l",
        Category.PROMOTIONAL,
        experiment,
        variant,
        null,
        null,
        null,
        null,
        1,
        0,
        null,
        null);
  }

  /** The same events out of order by less than the allowed lateness, some of them twice. */
  List<Event> disordered(List<Event> events) {
    record Arrival(long at, Event event) {}
    List<Arrival> arrivals = new ArrayList<>();
    for (Event event : events) {
      arrivals.add(new Arrival(event.eventTime() + random.nextInt((int) HOUR), event));
      if (random.nextInt(10) == 0) {
        arrivals.add(new Arrival(event.eventTime() + random.nextInt((int) HOUR), event));
      }
    }
    arrivals.sort(Comparator.comparingLong(Arrival::at));
    return arrivals.stream().map(Arrival::event).toList();
  }
}
