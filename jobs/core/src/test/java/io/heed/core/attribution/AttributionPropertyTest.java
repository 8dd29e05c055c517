package io.heed.core.attribution;

import static io.heed.core.attribution.Facts.DAY;
import static io.heed.core.attribution.Facts.HOUR;
import static io.heed.core.attribution.Facts.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.model.AttributionCreditRow;
import io.heed.core.model.Click;
import io.heed.core.model.Conversion;
import io.heed.core.model.ConversionKind;
import io.heed.core.model.Event;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Over random histories: money is kept, and neither order, duplicates nor pace change a row. */
class AttributionPropertyTest {
  private static final long SPAN = 20 * DAY;
  private static final long LATENESS = HOUR;

  @Property(tries = 300)
  void conserveCreditAndMoney(@ForAll long seed) {
    Random random = new Random(seed);
    List<Event> events = history(random);
    TestingJob job = new TestingJob();
    List<Event> shuffled = new ArrayList<>(events);
    shuffled.addAll(events.subList(0, events.size() / 3));
    Collections.shuffle(shuffled, random);
    shuffled.forEach(job::process);
    job.advance(START + 60 * DAY);

    Set<Long> clicks = new HashSet<>();
    Map<String, Long> shop = new HashMap<>();
    for (Event event : events) {
      if (event instanceof Conversion c) {
        shop.put(
            c.conversionId(),
            c.kind() == ConversionKind.REFUND ? -c.revenueMicros() : c.revenueMicros());
      } else if (event instanceof Click) {
        clicks.add(event.eventTime());
      }
    }
    for (Model model : Model.values()) {
      Map<String, BigDecimal> credit = new HashMap<>();
      Map<String, Long> money = new HashMap<>();
      for (AttributionCreditRow row : job.select(model)) {
        credit.merge(row.conversionId(), row.credit(), BigDecimal::add);
        money.merge(row.conversionId(), row.revenueMicros(), Long::sum);
        assertWithinWindow(row, clicks);
      }
      assertThat(money).as("%s", model).isEqualTo(shop);
      assertThat(credit.values()).allMatch(sum -> sum.compareTo(BigDecimal.ONE) == 0);
    }
  }

  /** All but Markov: any order at all. Markov: any order within the allowed lateness. */
  @Property(tries = 300)
  void sameRowsWhateverTheOrderTheDuplicatesAndThePace(@ForAll long seed) {
    Random random = new Random(seed);
    List<Event> events = history(random);
    TestingJob inOrder = run(events, random, 0, true);
    TestingJob jittered = run(events, random, LATENESS, true);
    TestingJob allAtOnce = run(events, random, LATENESS, false);
    assertThat(asMaps(jittered)).as("jittered").isEqualTo(asMaps(inOrder));
    assertThat(asMaps(allAtOnce)).as("at once").isEqualTo(asMaps(inOrder));
    assertSame(jittered.select(), inOrder.select());
    assertSame(jittered.lift, inOrder.lift);
    assertSame(allAtOnce.select(), inOrder.select());
    assertSame(allAtOnce.lift, inOrder.lift);

    TestingJob late = run(events, random, 10 * DAY, true);
    assertSame(notMarkov(late), notMarkov(inOrder));
    assertThat(asMaps(late)).isEqualTo(asMaps(inOrder));
  }

  /** Shows the rows that differ, and not hundreds that do not. */
  private static <T> void assertSame(List<T> actual, List<T> expected) {
    List<T> surplus = new ArrayList<>(actual);
    expected.forEach(surplus::remove);
    List<T> missing = new ArrayList<>(expected);
    actual.forEach(missing::remove);
    assertThat(surplus).as("missing: %s", missing).isEmpty();
    assertThat(missing).isEmpty();
  }

  /** Plays events in order of time plus a random delay; event time follows, less the lateness. */
  private static TestingJob run(List<Event> events, Random random, long delay, boolean live) {
    Map<Event, Long> arrival = new HashMap<>();
    events.forEach(
        event -> arrival.put(event, event.eventTime() + (long) (random.nextDouble() * delay)));
    List<Event> arrivals = new ArrayList<>(events);
    if (delay > 0) {
      arrivals.addAll(events.subList(0, events.size() / 4));
    }
    arrivals.sort(Comparator.comparingLong(arrival::get));
    TestingJob job = new TestingJob();
    long reached = Long.MIN_VALUE;
    for (Event event : arrivals) {
      job.process(event);
      reached = Math.max(reached, event.eventTime());
      if (live) {
        job.advance(reached - LATENESS);
      }
    }
    job.advance(START + 100 * DAY);
    return job;
  }

  private static List<AttributionCreditRow> notMarkov(TestingJob job) {
    return job.select().stream().filter(row -> !row.model().equals("markov")).toList();
  }

  private static Map<Integer, Map<?, ?>> asMaps(TestingJob job) {
    Map<Integer, Map<?, ?>> maps = new HashMap<>();
    job.counts.forEach(
        (day, counts) -> {
          if (!counts.isEmpty()) {
            maps.put(day, counts.asMap());
          }
        });
    return maps;
  }

  /** A text that was not clicked is one that was delivered. */
  private static void assertWithinWindow(AttributionCreditRow row, Set<Long> clicks) {
    if (row.touchTime() == null || row.kind() == ConversionKind.REFUND) {
      return;
    }
    long age = row.conversionTime() - row.touchTime();
    long window =
        row.channel().equals("sms") ? clicks.contains(row.touchTime()) ? 5 * DAY : DAY : 30 * DAY;
    assertThat(age).isBetween(0L, window);
  }

  /** Some days of a few recipients: messages, touches, conversions, refunds, exposures. */
  private static List<Event> history(Random random) {
    List<Event> events = new ArrayList<>();
    int recipients = 1 + random.nextInt(3);
    int n = 5 + random.nextInt(40);
    for (int i = 0; i < n; i++) {
      String r = "r" + random.nextInt(recipients);
      long at = instant(random);
      switch (random.nextInt(6)) {
        case 0 -> events.add(Facts.touch(at, r, "ch" + random.nextInt(4), "t" + i));
        case 1 -> {
          ConversionKind kind = ConversionKind.values()[random.nextInt(3)];
          events.add(Facts.conversion(at, r, "v" + i, kind, random.nextInt(1_000_000)));
          if (random.nextBoolean()) {
            events.add(Facts.refund(instant(random), r, "b" + i, random.nextInt(500_000), "v" + i));
          }
        }
        case 2 -> events.add(Facts.refund(at, r, "o" + i, random.nextInt(9), "unknown"));
        case 3 -> events.add(Facts.assignment(at, r, "x" + random.nextInt(2), "none"));
        default -> message(random, r, "m" + i, at, events);
      }
    }
    events.sort(Comparator.comparingLong(Event::eventTime).thenComparing(Event::eventId));
    return events;
  }

  private static void message(Random random, String r, String id, long at, List<Event> events) {
    String experiment = random.nextInt(3) == 0 ? "x" + random.nextInt(2) : null;
    String variant = experiment == null ? null : "v" + random.nextInt(2);
    events.add(Facts.send(at, r, id, "c" + random.nextInt(3), experiment, variant));
    if (random.nextInt(4) > 0) {
      events.add(Facts.delivered(at + random.nextInt(60) * 1_000L, r, id));
    }
    for (int clicks = random.nextInt(3); clicks > 0; clicks--) {
      long clickAt = at + (long) (random.nextDouble() * 3 * DAY);
      events.add(
          random.nextBoolean()
              ? Facts.click(clickAt, r, id)
              : Facts.click(random.nextBoolean() ? at + 500 : clickAt, r, id, "Mozilla/5.0 X"));
    }
  }

  /** Whole hours, so that instants often coincide. */
  private static long instant(Random random) {
    return random.nextInt((int) (SPAN / HOUR)) * HOUR;
  }
}
