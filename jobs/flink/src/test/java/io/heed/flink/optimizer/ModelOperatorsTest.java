package io.heed.flink.optimizer;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.codec.BinaryReader;
import io.heed.core.model.Assignment;
import io.heed.core.model.Category;
import io.heed.core.model.Click;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Conversion;
import io.heed.core.model.ConversionKind;
import io.heed.core.model.Event;
import io.heed.core.model.OptOut;
import io.heed.core.model.OptOutMethod;
import io.heed.core.model.Send;
import io.heed.core.model.SendRequest;
import io.heed.core.model.ValueModelVersion;
import io.heed.core.optimizer.ValueModel;
import io.heed.flink.streaming.TestingErasures;
import io.heed.flink.streaming.TestingStates;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelOperatorsTest {
  private static final long MINUTE = 60_000;
  private static final long HOUR = 60 * MINUTE;
  private static final long DAY = 24 * HOUR;
  static final long LATENESS = HOUR;
  private static final long START = 20_000 * DAY;
  private static final int DAYS = 24;

  /** Two lists, a campaign a day on each, half of the messages requested first. */
  static List<Event> events(Random random, int recipients) {
    List<Event> events = new ArrayList<>();
    for (int day = 0; day < DAYS - 10; day++) {
      for (int r = 0; r < recipients; r++) {
        if (random.nextInt(3) > 0) {
          continue;
        }
        String id = day + "-" + r;
        String list = "l" + r % 2;
        String campaign = list + "-" + day;
        long at = START + day * DAY + random.nextInt((int) DAY);
        List<String> tags = random.nextInt(9) == 0 ? List.of() : List.of("kind-" + day % 3);
        if (random.nextBoolean()) {
          events.add(request("q" + id, at - 2_000, "r" + r, list, campaign, tags));
          events.add(request("w" + id, at - 1_000, "r" + r, list, campaign, tags));
        }
        events.add(send("s" + id, at, "r" + r, list, campaign, tags, Category.PROMOTIONAL));
        if (random.nextInt(5) == 0) {
          events.add(send("t" + id, at, "r" + r, list, campaign, tags, Category.TRANSACTIONAL));
        }
        for (int click = random.nextInt(6) - 3; click > 0; click--) {
          long after = 3_000 + (long) (random.nextDouble() * 40 * HOUR);
          events.add(
              new Click("k" + id + click, at + after, "r" + r, "ms" + id, null, null, null, null));
          if (random.nextInt(3) == 0) {
            events.add(
                new Conversion(
                    "c" + id + click,
                    at + after + random.nextInt((int) HOUR),
                    "r" + r,
                    "o" + id,
                    random.nextInt(8) == 0 ? ConversionKind.REFUND : ConversionKind.PURCHASE,
                    20_000_000,
                    null));
          }
        }
        for (int left = random.nextInt(14) - 11; left > 0; left--) {
          long after = (long) (random.nextDouble() * 100 * HOUR);
          events.add(
              new OptOut("x" + id + left, at + after, "r" + r, list, OptOutMethod.WEB, "ms" + id));
        }
      }
    }
    for (int r = 0; r < recipients; r++) {
      events.add(
          new Assignment(
              "e" + r,
              START + 2 * DAY + r,
              "r" + r,
              "optimizer|l" + r % 2 + "|1",
              r % 3 == 0 ? "control" : "optimised",
              500_000));
    }
    events.sort(Comparator.comparingLong(Event::eventTime).thenComparing(Event::eventId));
    return events;
  }

  private static Send send(
      String id,
      long at,
      String recipient,
      String list,
      String campaign,
      List<String> tags,
      Category category) {
    return new Send(
        id, at, recipient, "m" + id, campaign, list, category, null, null, null, null, null, null,
        1, 9_000, null, tags);
  }

  private static SendRequest request(
      String id, long at, String recipient, String list, String campaign, List<String> tags) {
    return new SendRequest(
        id,
        at,
        recipient,
        id,
        campaign,
        list,
        Category.PROMOTIONAL,
        null,
        null,
        null,
        null,
        null,
        tags);
  }

  static List<Event> disordered(List<Event> events, Random random) {
    Map<String, Long> arrival = new HashMap<>();
    events.forEach(
        e -> arrival.put(e.eventId(), e.eventTime() + (long) (random.nextDouble() * LATENESS)));
    List<Event> twice = new ArrayList<>(events);
    twice.addAll(events.subList(events.size() / 4, events.size() / 2));
    twice.sort(Comparator.comparingLong(e -> arrival.get(e.eventId())));
    return twice;
  }

  private static List<ValueModelVersion> play(List<Event> events, Random random, int failures)
      throws Exception {
    List<ValueModelVersion> published = new ArrayList<>();
    TestingModels.Checkpoint checkpoint = null;
    int from = 0;
    for (int failed = 0; ; failed++) {
      int until =
          failed < failures
              ? Math.min(events.size(), from + 1 + random.nextInt(events.size() / 3))
              : events.size();
      int checkpointAt = from + random.nextInt(until - from + 1);
      try (TestingModels models =
          new TestingModels(1 + failed % 2, checkpoint, START + failed * 5_000L)) {
        long reached = Long.MIN_VALUE;
        for (Event event : events.subList(0, from)) {
          reached = Math.max(reached, event.eventTime());
        }
        for (int i = from; i < until; i++) {
          if (i == checkpointAt && failures > 0) {
            checkpoint = models.checkpoint();
            from = i;
          }
          models.process(events.get(i));
          reached = Math.max(reached, events.get(i).eventTime());
          if (i % 7 == 0) {
            models.advance(reached - LATENESS);
          }
        }
        if (until == events.size()) {
          models.advance(START + DAYS * DAY);
        }
        published.addAll(models.published);
        if (until == events.size()) {
          return published;
        }
      }
    }
  }

  /**
   * Version and instant from which it holds, by list and day; a repeated one has to be the same.
   */
  private static Map<String, String> versions(List<ValueModelVersion> published) {
    Map<String, String> versions = new TreeMap<>();
    for (ValueModelVersion each : published) {
      String content =
          each.modelVersion() + each.effectiveFrom() + each.tables() + each.decisionId();
      String before = versions.put(each.key() + each.decidedAt(), content);
      assertThat(before == null || before.equals(content)).isTrue();
    }
    return versions;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void sameModelsWhateverTheOrderTheRestartsAndTheParallelism(long seed) throws Exception {
    Random random = new Random(seed);
    List<Event> events = events(random, 90);
    List<ValueModelVersion> straight = play(events, random, 0);
    assertThat(versions(straight)).hasSize(straight.size()).hasSize(2 * DAYS);
    assertThat(straight)
        .extracting(ValueModelVersion::modelVersion)
        .doesNotHaveDuplicates()
        .isNotEmpty();
    assertThat(versions(play(disordered(events, random), random, 6))).isEqualTo(versions(straight));
    ValueModelVersion last = straight.get(straight.size() - 1);
    assertThat(last.ready()).isTrue();
    assertThat(last.effectiveFrom()).isEqualTo(last.decidedAt() + 2 * LATENESS);
    BinaryReader tables = new BinaryReader(Base64.getDecoder().decode(last.tables()));
    ValueModel model = BinaryReader.whole(tables, ValueModel::read);
    assertThat(ValueModelVersion.name(model.version())).isEqualTo(last.modelVersion());
    assertThat(model.settings().costMicros()).isEqualTo(9_000);
  }

  /** What was counted of each list is what a query over all events counts. */
  @Test
  void outcomesAreThoseOfANaiveCount() throws Exception {
    List<Event> events = events(new Random(5), 120);
    try (TestingModels models = new TestingModels(2, null, START)) {
      for (Event event : events) {
        models.process(event);
      }
      models.advance(START + DAYS * DAY);
      for (String list : List.of("l0", "l1")) {
        NaiveOutcomes naive = NaiveOutcomes.of(events, list);
        assertThat(models.counted.get(list).summary()).isEqualTo(naive.summary());
        assertThat(naive.clickers()).isGreaterThan(50);
        assertThat(naive.optOuts()).isGreaterThan(10);
      }
    }
  }

  /** A click is worth twice as much to whom twice the margin is left, from that instant on. */
  @Test
  void theMarginIsThePolicys() throws Exception {
    List<Event> events = events(new Random(6), 60);
    TestingModels.POLICIES.add(
        new ConfigVersion(
            "policy",
            "p",
            "h",
            START + 15 * DAY,
            0,
            "id: p\nlists: [l1]\noptimise: {mode: shadow, margin: 0.6}\n"));
    try (TestingModels models = new TestingModels(1, null, START)) {
      feed(models, events, START + DAYS * DAY);
      for (ValueModelVersion each : models.published) {
        boolean twice = each.listId().equals("l1") && each.decidedAt() >= START + 15 * DAY;
        BinaryReader tables = new BinaryReader(Base64.getDecoder().decode(each.tables()));
        ValueModel model = BinaryReader.whole(tables, ValueModel::read);
        assertThat(model.settings().margin()).isEqualTo(twice ? 0.6 : 0.3);
      }
    } finally {
      TestingModels.POLICIES.clear();
    }
  }

  /** Models go on from a stored checkpoint as if the job had never stopped. */
  @Test
  void modelsAreThoseOfAJobThatNeverStopped() throws Exception {
    List<Event> events = events(new Random(9), 60);
    long half = START + 8 * DAY + 5 * HOUR;
    List<Event> before = events.stream().filter(e -> e.eventTime() < half).toList();
    List<Event> after = events.stream().filter(e -> e.eventTime() >= half).toList();
    OperatorSubtaskState people =
        TestingStates.stored("optimizer-people-v1", () -> store(before, half).people());
    OperatorSubtaskState lists =
        TestingStates.stored("optimizer-lists-v1", () -> store(before, half).lists());
    Map<String, String> straight;
    try (TestingModels models = new TestingModels(1, null, START)) {
      feed(models, before, half);
      models.published.clear();
      feed(models, after, START + DAYS * DAY);
      straight = versions(models.published);
    }
    try (TestingModels models =
        new TestingModels(1, new TestingModels.Checkpoint(1, people, lists), START)) {
      feed(models, after, START + DAYS * DAY);
      assertThat(versions(models.published)).isEqualTo(straight).hasSize(2 * (DAYS - 8));
    }
  }

  private static TestingModels.Checkpoint store(List<Event> events, long watermark)
      throws Exception {
    try (TestingModels models = new TestingModels(1, null, START)) {
      feed(models, events, watermark);
      return models.checkpoint();
    }
  }

  private static void feed(TestingModels models, List<Event> events, long watermark)
      throws Exception {
    for (Event event : events) {
      models.process(event);
    }
    models.advance(watermark);
  }

  @Test
  void anErasedPersonLeavesNothing() throws Exception {
    List<Event> events =
        List.of(
            send("s1", START, "ann", "l", "c", List.of(), Category.PROMOTIONAL),
            send("s2", START + 1, "bob", "l", "c", List.of(), Category.PROMOTIONAL));
    try (TestingModels task = new TestingModels(1, null, START)) {
      for (Event event : events) {
        task.process(event);
      }
      assertThat(task.peopleInState()).isEqualTo(2);
      task.process(TestingErasures.of("ann", START + DAY));
      task.process(TestingErasures.of("bob", START + DAY));
      assertThat(task.peopleInState()).isZero();
      assertThat(task.timers()).as("a timer would keep the id").isZero();
      for (Event event : events) {
        task.process(event);
      }
      assertThat(task.peopleInState()).as("what comes again").isZero();
    }
  }
}
