package io.heed.flink.optimizer;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.model.Category;
import io.heed.core.model.Click;
import io.heed.core.model.Conversion;
import io.heed.core.model.ConversionKind;
import io.heed.core.model.Delivery;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.model.Event;
import io.heed.core.model.RecipientSignal;
import io.heed.core.model.Reply;
import io.heed.core.model.Send;
import io.heed.core.model.Signal;
import io.heed.core.model.SignalState;
import io.heed.core.optimizer.DelayCurve;
import io.heed.core.optimizer.StoredModel;
import io.heed.core.signals.SignalPublisher;
import io.heed.flink.streaming.TestingErasures;
import io.heed.flink.streaming.TestingStates;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignalOperatorTest {
  private static final long HOUR = 3_600_000L;
  private static final long DAY = 24 * HOUR;
  private static final long LATENESS = HOUR;
  private static final long START = 20_000 * DAY;
  private static final long CLOCK = START;
  private static final int DAYS = 200;
  private static final List<ListModel> MODELS = models();
  private static final String PHONE = "Mozilla/5.0 (iPhone)";

  /** Half a year of some recipients, in order. */
  private static List<Event> events(Random random, int recipients, int messages) {
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < messages; i++) {
      String r = "r" + random.nextInt(recipients);
      long at = START + (long) (random.nextDouble() * DAYS * DAY);
      events.add(send("s" + i, at, r, random.nextInt(5) > 0, list(r, random)));
      boolean arrives = random.nextInt(12) > 0;
      events.add(
          new Delivery(
              "d" + i,
              at + 900 + random.nextInt(3_000),
              r,
              "ms" + i,
              arrives ? DeliveryStatus.DELIVERED : DeliveryStatus.UNDELIVERED,
              arrives ? null : random.nextInt(2) == 0 ? "30005" : "30003",
              "twilio",
              null));
      // Some are fast, some are machines, some come after weeks.
      for (int click = random.nextInt(8) - 5; click > 0; click--) {
        long after = (long) Math.pow(10, 2 + 7 * random.nextDouble());
        String agent = random.nextInt(4) == 0 ? null : random.nextInt(4) == 0 ? "bot" : PHONE;
        String message = random.nextInt(6) == 0 ? null : "ms" + i;
        events.add(new Click("k" + i + click, at + after, r, message, null, null, agent, null));
      }
      if (random.nextInt(9) == 0) {
        long then = at + random.nextInt(100) * HOUR;
        String body = random.nextInt(2) == 0 ? "STOP" : "do you have it in blue?";
        events.add(new Reply("p" + i, then, r, "ms" + i, body));
      }
      if (random.nextInt(9) == 0) {
        ConversionKind kind = ConversionKind.values()[random.nextInt(4)];
        long then = at + random.nextInt(100) * HOUR;
        events.add(new Conversion("c" + i, then, r, "o" + i, kind, 5_000_000, null));
      }
    }
    events.sort(Comparator.comparingLong(Event::eventTime).thenComparing(Event::eventId));
    return events;
  }

  /** Every third recipient is on both lists. */
  private static String list(String recipient, Random random) {
    int number = Integer.parseInt(recipient.substring(1));
    return "l" + (number % 3 == 2 ? random.nextInt(2) : number % 3);
  }

  /**
   * A model a day on each list, by which messages to a dormant recipient are worth their cost on
   * some days; on the second list a week is missing.
   */
  static List<ListModel> models() {
    long[] valuesPerClick = {30_000, 100_000_000, 40_000};
    List<ListModel> models = new ArrayList<>();
    for (int day = 0; day < DAYS + 120; day++) {
      for (int list = 0; list < 2; list++) {
        if (list == 0 || day % 40 < 33) {
          long micros = valuesPerClick[(day / 5 + list) % 4 == 3 ? 1 : day % 2 * 2];
          models.add(
              new ListModel("l" + list, StoredModel.of(20_000 + day, micros), new DelayCurve()));
        }
      }
    }
    return models;
  }

  private static Send send(String id, long at, String recipient, boolean promotional, String list) {
    return new Send(
        id,
        at,
        recipient,
        "m" + id,
        "c",
        list,
        promotional ? Category.PROMOTIONAL : Category.TRANSACTIONAL,
        null,
        null,
        null,
        null,
        null,
        null,
        1,
        0,
        null,
        null);
  }

  /** In another order, none by as much as the lateness, and some twice. */
  private static List<Event> disordered(List<Event> events, Random random) {
    Map<String, Long> arrival = new HashMap<>();
    events.forEach(
        e -> arrival.put(e.eventId(), e.eventTime() + (long) (random.nextDouble() * LATENESS)));
    List<Event> twice = new ArrayList<>(events);
    twice.addAll(events.subList(events.size() / 4, events.size() / 2));
    twice.sort(Comparator.comparingLong(e -> arrival.get(e.eventId())));
    return twice;
  }

  /** What stands of a record when a repeated one has replaced it, in order per key. */
  private static Map<String, List<String>> trail(List<RecipientSignal> published) {
    Map<String, TreeMap<Long, String>> byKey = new TreeMap<>();
    for (RecipientSignal s : published) {
      byKey
          .computeIfAbsent(s.key(), key -> new TreeMap<>())
          .put(
              s.decidedAt(),
              s.decisionId() + s.state() + s.score() + s.evidence() + s.validUntil());
    }
    Map<String, List<String>> trails = new TreeMap<>();
    byKey.forEach((key, records) -> trails.put(key, List.copyOf(records.values())));
    return trails;
  }

  private static List<RecipientSignal> play(List<Event> events, Random random, int failures)
      throws Exception {
    List<RecipientSignal> published = new ArrayList<>();
    OperatorSubtaskState checkpoint = null;
    List<ListModel> models = MODELS;
    int from = 0;
    int parallelism = 1;
    int before = 1;
    for (int failed = 0; ; failed++) {
      int until =
          failed < failures
              ? Math.min(events.size(), from + 1 + random.nextInt(events.size() / 4))
              : events.size();
      int checkpointAt = from + random.nextInt(until - from + 1);
      try (TestingSignals signals =
          new TestingSignals(parallelism, checkpoint, before, CLOCK + failed * 5_000L, models)) {
        long reached = Long.MIN_VALUE;
        for (Event event : events.subList(0, from)) {
          reached = Math.max(reached, event.eventTime());
        }
        for (int i = from; i < until; i++) {
          if (i == checkpointAt && failures > 0) {
            checkpoint = signals.checkpoint();
            models = signals.models();
            before = parallelism;
            from = i;
          }
          signals.process(events.get(i));
          reached = Math.max(reached, events.get(i).eventTime());
          signals.advance(reached - LATENESS);
        }
        if (until == events.size()) {
          signals.advance(START + (DAYS + 200) * DAY);
          assertThat(signals.recipientsInState()).isZero();
          published.addAll(signals.published);
          return published;
        }
        published.addAll(signals.published);
      }
      parallelism = 3 - parallelism;
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void sameRecordsWhateverTheOrderTheRestartsAndTheParallelism(long seed) throws Exception {
    Random random = new Random(seed);
    List<Event> events = events(random, 12, 600);
    List<RecipientSignal> straight = play(events, random, 0);
    // Nothing is written twice.
    assertThat(straight).extracting(RecipientSignal::decisionId).doesNotHaveDuplicates();
    assertThat(trail(play(disordered(events, random), random, 8))).isEqualTo(trail(straight));
    for (Signal signal : Signal.values()) {
      for (SignalState state : SignalState.values()) {
        assertThat(straight)
            .filteredOn(s -> s.signal() == signal && s.state() == state)
            .as("%s %s", signal, state)
            .hasSizeGreaterThan(5);
      }
    }
    Map<String, Long> lastSeq = new HashMap<>();
    for (RecipientSignal s : straight) {
      Long before = lastSeq.put(s.key(), s.seq());
      assertThat(s.seq()).isGreaterThan(before == null ? 0 : before);
    }
  }

  /** At the end of every step in which something happened, and of some others. */
  @ParameterizedTest
  @ValueSource(longs = {4, 5})
  void signalsAreThoseOfANaiveCount(long seed) throws Exception {
    Random random = new Random(seed);
    List<Event> events = events(random, 15, 500);
    Map<String, List<Event>> byRecipient =
        events.stream().collect(Collectors.groupingBy(Event::recipientId));
    List<RecipientSignal> published = play(disordered(events, random), random, 0);
    int checked = 0;
    for (Map.Entry<String, List<Event>> recipient : byRecipient.entrySet()) {
      List<RecipientSignal> own =
          published.stream().filter(s -> s.recipientId().equals(recipient.getKey())).toList();
      List<Long> instants = new ArrayList<>();
      recipient.getValue().forEach(e -> instants.add(e.eventTime()));
      own.forEach(s -> instants.add(s.decidedAt() - 1));
      for (int i = 0; i < 300; i++) {
        instants.add(START + (long) (random.nextDouble() * (DAYS + 120) * DAY));
      }
      for (long instant : instants) {
        long step = -Math.floorDiv(-instant, SignalPublisher.STEP_MILLIS);
        long end = step * SignalPublisher.STEP_MILLIS;
        assertThat(standing(own, end))
            .as("%s at %d", recipient.getKey(), end)
            .isEqualTo(NaiveSignals.at(recipient.getValue(), end, MODELS));
        checked++;
      }
    }
    assertThat(checked).isGreaterThan(5_000);
  }

  private static Set<Signal> standing(List<RecipientSignal> published, long until) {
    Map<Signal, RecipientSignal> newest = new EnumMap<>(Signal.class);
    published.stream().filter(s -> s.decidedAt() <= until).forEach(s -> newest.put(s.signal(), s));
    Set<Signal> held = EnumSet.noneOf(Signal.class);
    newest.forEach(
        (signal, record) -> {
          if (record.state() == SignalState.SET) {
            held.add(signal);
            // Steps are shorter than any signal.
            assertThat(record.validUntil()).isGreaterThan(until - SignalPublisher.STEP_MILLIS);
          }
        });
    return held;
  }

  @Test
  void theEndOfABoundedInputIsNoDate() throws Exception {
    try (TestingSignals signals = new TestingSignals(1, null, 1, CLOCK)) {
      signals.process(new Conversion("c", START + 1, "r", "o", ConversionKind.PURCHASE, 1, null));
      signals.advance(Long.MAX_VALUE);
      assertThat(signals.published)
          .extracting(s -> s.signal() + " " + s.state() + " " + s.decidedAt())
          .containsExactly("HOT SET " + (START + SignalPublisher.STEP_MILLIS));
      assertThat(signals.recipientsInState()).isEqualTo(1);
    }
  }

  /** A signal goes on from a stored checkpoint as if the job had never stopped. */
  @Test
  void signalsAreThoseOfAJobThatNeverStopped() throws Exception {
    List<Event> events = events(new Random(9), 20, 300);
    long half = START + DAYS / 2 * DAY;
    List<Event> before = events.stream().filter(e -> e.eventTime() < half).toList();
    List<Event> after = events.stream().filter(e -> e.eventTime() >= half).toList();
    Map<String, List<String>> straight;
    OperatorSubtaskState stored =
        TestingStates.stored("optimizer-signals-v1", () -> store(before, half));
    try (TestingSignals signals = new TestingSignals(1, null, 1, CLOCK)) {
      feed(signals, before, half);
      signals.published.clear();
      feed(signals, after, START + 2 * DAYS * DAY);
      straight = trail(signals.published);
    }
    try (TestingSignals signals = new TestingSignals(1, stored, 1, CLOCK)) {
      assertThat(signals.recipientsInState()).isEqualTo(20);
      feed(signals, after, START + 2 * DAYS * DAY);
      assertThat(trail(signals.published)).isEqualTo(straight).hasSizeGreaterThan(20);
    }
  }

  private static OperatorSubtaskState store(List<Event> events, long watermark) throws Exception {
    try (TestingSignals signals = new TestingSignals(1, null, 1, CLOCK)) {
      feed(signals, events, watermark);
      return signals.checkpoint();
    }
  }

  private static void feed(TestingSignals signals, List<Event> events, long watermark)
      throws Exception {
    for (Event event : events) {
      signals.process(event);
    }
    signals.advance(watermark);
  }

  @Test
  void anErasedPersonLeavesNothing() throws Exception {
    List<Event> events =
        List.of(send("s1", START, "ann", true, "l"), send("s2", START + HOUR, "bob", true, "l"));
    try (TestingSignals task = new TestingSignals(1, null, 1, CLOCK)) {
      for (Event event : events) {
        task.process(event);
      }
      assertThat(task.recipientsInState()).isEqualTo(2);
      task.process(TestingErasures.of("ann", START + DAY));
      task.process(TestingErasures.of("bob", START + DAY));
      assertThat(task.recipientsInState()).isZero();
      assertThat(task.timers()).as("a timer would keep the id").isZero();
      for (Event event : events) {
        task.process(event);
      }
      assertThat(task.recipientsInState()).as("what comes again").isZero();
    }
  }
}
