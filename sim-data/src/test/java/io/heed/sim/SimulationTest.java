package io.heed.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heed.core.model.Assignment;
import io.heed.core.model.Category;
import io.heed.core.model.Click;
import io.heed.core.model.Delivery;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.model.Event;
import io.heed.core.model.OptIn;
import io.heed.core.model.OptOut;
import io.heed.core.model.Reply;
import io.heed.core.model.Send;
import io.heed.core.model.SendRequest;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import io.heed.core.model.UnreadableException;
import io.heed.core.rules.LinkScanners;
import io.heed.core.rules.ReplyRecogniser;
import io.heed.sim.Arrival.Nature;
import io.heed.sim.Effects.Effect;
import io.heed.sim.Scenario.Disorder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class SimulationTest {
  private static final long START = Instant.parse("2026-03-30T10:00:00Z").toEpochMilli();
  private static final long HORIZON = Duration.ofDays(35).toMillis();
  private static final long DAY = Duration.ofDays(1).toMillis();

  private static final Scenario SMALL = Scenarios.shipped("default").with(7L, 1_500, null);
  private static final List<Arrival> HISTORY = new Simulation(SMALL, START).history().toList();

  private static List<String> texts(Scenario scenario, long start) {
    return new Simulation(scenario, start)
        .history()
        .map(a -> a.at() + a.topic().baseName() + a.key() + Arrays.hashCode(a.value()))
        .toList();
  }

  @Test
  void isAFunctionOfSeedAndStart() {
    Scenario tiny = SMALL.with(1L, 200, null);
    List<String> once = texts(tiny, START);
    assertThat(once).isNotEmpty().isEqualTo(texts(tiny, START));
    assertThat(once).isNotEqualTo(texts(tiny.with(2L, null, null), START));
  }

  @Test
  void noTwoRunsShareAnId() {
    Scenario tiny = SMALL.with(1L, 200, null);
    assertThat(idsOf(new Simulation(tiny, START)))
        .doesNotContainAnyElementsOf(idsOf(new Simulation(tiny, START + 60_000)))
        .doesNotContainAnyElementsOf(idsOf(new Simulation(tiny.with(2L, null, null), START)));
  }

  private static Set<String> idsOf(Simulation simulation) {
    return simulation
        .history()
        .filter(a -> a.event() != null)
        .flatMap(a -> List.of(a.event().eventId(), a.event().recipientId()).stream())
        .collect(Collectors.toSet());
  }

  @Test
  void arrivesInOrderAfterItHappened() {
    long last = 0;
    for (Arrival arrival : HISTORY) {
      assertThat(arrival.at()).isBetween(last, START - 1);
      last = arrival.at();
      if (arrival.event() != null) {
        assertThat(arrival.event().eventTime()).isLessThanOrEqualTo(arrival.at());
      }
    }
  }

  @Test
  void whatIsBrokenCannotBeReadAndTheRestCan() throws UnreadableException {
    TopicCodec codec = new TopicCodec();
    for (Arrival arrival : HISTORY) {
      if (arrival.nature() == Nature.BROKEN) {
        assertThatThrownBy(() -> codec.read(arrival.topic(), arrival.value(), START))
            .isInstanceOf(UnreadableException.class);
      } else {
        assertThat(codec.read(arrival.topic(), arrival.value(), arrival.at()))
            .isEqualTo(arrival.event());
      }
    }
  }

  @Test
  void everyWayOfBreakingBreaksEveryTopic() {
    Breakage breakage = new Breakage(new Chance(3), START);
    Map<Topic, Event> examples = new EnumMap<>(Topic.class);
    HISTORY.stream()
        .filter(a -> a.event() != null)
        .forEach(a -> examples.putIfAbsent(a.topic(), a.event()));
    TopicCodec codec = new TopicCodec();
    Set<Breakage.Way> tried = EnumSet.noneOf(Breakage.Way.class);
    examples.forEach(
        (topic, event) -> {
          for (Breakage.Way way : Breakage.Way.values()) {
            for (int i = 0; i < 20; i++) {
              byte[] broken = breakage.broken(way, event, "e1");
              if (broken != null || way == Breakage.Way.NO_VALUE) {
                tried.add(way);
                assertThatThrownBy(() -> codec.read(topic, broken, START), "%s %s", topic, way)
                    .isInstanceOf(UnreadableException.class);
              }
            }
          }
        });
    assertThat(tried).containsExactlyInAnyOrder(Breakage.Way.values());
    assertThat(examples.keySet())
        .containsAll(
            EnumSet.complementOf(EnumSet.of(Topic.SEND_REQUEST)).stream()
                .filter(Topic::carriesEvents)
                .toList());
  }

  /** An independent count of the records' bytes, whatever goes wrong on their way. */
  @Property(tries = 15, shrinking = ShrinkingMode.OFF)
  void truthCountsWhatWasPublished(
      @ForAll long seed,
      @ForAll @DoubleRange(max = 0.3) double duplicates,
      @ForAll @DoubleRange(max = 0.3) double late,
      @ForAll @DoubleRange(max = 0.3) double tooLate,
      @ForAll @DoubleRange(max = 0.3) double broken) {
    Scenario scenario = disorderly(new Disorder(duplicates, late, tooLate, broken));
    Simulation simulation = new Simulation(scenario.with(seed, 60, null), START);
    Truth truth = new Truth(simulation, scenario);
    TopicCodec codec = new TopicCodec();
    Map<String, Set<String>> ids = new HashMap<>();
    Map<String, Long> dead = new HashMap<>();
    long[] records = {0};
    simulation
        .history()
        .forEach(
            arrival -> {
              truth.published(arrival);
              records[0]++;
              String type = arrival.topic().shortName();
              try {
                Event event = (Event) codec.read(arrival.topic(), arrival.value(), START);
                ids.computeIfAbsent(type, t -> new HashSet<>()).add(event.eventId());
              } catch (UnreadableException e) {
                dead.merge(type, 1L, Long::sum);
              }
            });
    Map<String, Long> unique = new HashMap<>();
    ids.forEach((type, all) -> unique.put(type, (long) all.size()));
    Truth.Summary summary = truth.summary();
    assertThat(summary.events()).isEqualTo(unique);
    assertThat(summary.deadLetters()).isEqualTo(dead);
    assertThat(summary.published()).isEqualTo(records[0]);
  }

  private static Scenario disorderly(Disorder disorder) {
    Scenario s = SMALL;
    return new Scenario(
        s.id(),
        s.seed(),
        s.recipients(),
        s.eventsPerSecond(),
        s.history(),
        s.lists(),
        s.carriers(),
        s.regions(),
        s.languages(),
        s.campaigns(),
        s.experiments(),
        s.people(),
        disorder,
        s.incidents());
  }

  @Test
  void onlyWhatIsMarkedIsOlderThanTheHorizon() {
    Map<Topic, Long> reached = new EnumMap<>(Topic.class);
    for (Arrival arrival : HISTORY) {
      if (arrival.event() != null) {
        long time = arrival.event().eventTime();
        if (arrival.nature() == Nature.TOO_LATE) {
          assertThat(time).isLessThan(reached.get(arrival.topic()) - HORIZON - DAY);
        } else {
          // Nothing is further back than the history, whatever another partition has reached.
          assertThat(time).isGreaterThan(START - HORIZON + DAY);
          reached.merge(arrival.topic(), time, Math::max);
        }
      }
    }
  }

  @Test
  void theRulesDistinguishMachinesFromPeople() {
    Map<String, Long> sentAt = new HashMap<>();
    events(Send.class).forEach(send -> sentAt.put(send.messageId(), send.eventTime()));
    int machines = 0;
    for (Arrival arrival : HISTORY) {
      if (arrival.event() instanceof Click click
          && arrival.nature() != Nature.TOO_LATE
          && arrival.nature() != Nature.DUPLICATE) {
        Long sent = click.messageId() == null ? null : sentAt.get(click.messageId());
        boolean scanner =
            sent == null
                ? LinkScanners.standard().isScanner(click)
                : LinkScanners.standard().isScanner(click, sent);
        assertThat(scanner).as("%s", click).isEqualTo(arrival.nature() == Nature.SCANNER_CLICK);
        machines += scanner ? 1 : 0;
      }
    }
    assertThat(machines).isPositive();
  }

  @Test
  void theRecogniserUnderstandsAllWords() {
    ReplyRecogniser recogniser = ReplyRecogniser.standard();
    Words words = Words.STANDARD;
    words
        .keywords()
        .values()
        .forEach(all -> assertThat(all).allMatch(w -> recogniser.recognise(w).revokes()));
    words
        .optOuts()
        .values()
        .forEach(all -> assertThat(all).allMatch(w -> recogniser.recognise(w).revokes()));
    words
        .chatter()
        .values()
        .forEach(all -> assertThat(all).noneMatch(w -> recogniser.recognise(w).revokes()));
    assertThat(words.help()).noneMatch(w -> recogniser.recognise(w).revokes());
    assertThat(words.start()).noneMatch(w -> recogniser.recognise(w).revokes());
  }

  @Test
  void nobodyIsTextedWhoHasLeft() {
    Map<String, Long> leftAt = new HashMap<>();
    Map<String, Long> backAt = new HashMap<>();
    for (Arrival arrival : HISTORY) {
      if (arrival.event() instanceof OptOut optOut) {
        leftAt.merge(optOut.recipientId() + "|" + optOut.scope(), optOut.eventTime(), Math::max);
      } else if (arrival.event() instanceof OptIn optIn) {
        backAt.merge(optIn.recipientId() + "|" + optIn.scope(), optIn.eventTime(), Math::max);
      }
    }
    assertThat(leftAt).isNotEmpty();
    for (Send send : events(Send.class)) {
      if (send.tags() == null) {
        for (String scope : List.of("*", send.listId())) {
          String key = send.recipientId() + "|" + scope;
          Long left = leftAt.get(key);
          assertThat(left == null || send.eventTime() <= left || back(backAt, key, left))
              .as("%s", send)
              .isTrue();
        }
      }
    }
  }

  private static boolean back(Map<String, Long> backAt, String key, long left) {
    return backAt.getOrDefault(key, 0L) > left;
  }

  @Test
  void keepsToTheUsualCaps() {
    Map<String, List<Long>> promotional = new HashMap<>();
    for (Send send : events(Send.class)) {
      if (send.category() == Category.PROMOTIONAL) {
        promotional
            .computeIfAbsent(send.recipientId(), r -> new ArrayList<>())
            .add(send.eventTime());
      }
    }
    promotional
        .values()
        .forEach(
            times -> {
              times.sort(null);
              assertThat(times).hasSizeLessThanOrEqualTo(4);
              for (int i = 1; i < times.size(); i++) {
                assertThat(times.get(i) - times.get(i - 1)).isGreaterThanOrEqualTo(DAY);
              }
            });
  }

  @Test
  void receiptsComeOutOfOrder() {
    Map<String, DeliveryStatus> best = new HashMap<>();
    long overtaken = 0;
    for (Arrival arrival : HISTORY) {
      if (arrival.event() instanceof Delivery d && arrival.nature() == Nature.FACT) {
        DeliveryStatus before = best.get(d.messageId());
        overtaken += before != null && before.compareTo(d.status()) > 0 ? 1 : 0;
        best.merge(d.messageId(), d.status(), (a, b) -> a.compareTo(b) >= 0 ? a : b);
      }
    }
    assertThat(overtaken).isPositive();
  }

  @Test
  void listsAddUpOverTheirCampaigns() {
    Simulation simulation = new Simulation(SMALL, START);
    Truth truth = new Truth(simulation, SMALL);
    simulation.history().forEach(truth::published);
    Map<String, List<ListHealthTruth.Row>> byList =
        truth.summary().listHealth().stream()
            .collect(Collectors.groupingBy(ListHealthTruth.Row::listId));
    for (String list : List.of("deals", "new-arrivals", "vip", "orders")) {
      ListHealthTruth.Row total = byList.get(list).get(0);
      List<ListHealthTruth.Row> campaigns = byList.get(list).subList(1, byList.get(list).size());
      assertThat(total.campaignId()).isEmpty();
      assertThat(total.sends())
          .isPositive()
          .isEqualTo(campaigns.stream().mapToLong(ListHealthTruth.Row::sends).sum());
      assertThat(total.delivered())
          .isPositive()
          .isEqualTo(campaigns.stream().mapToLong(ListHealthTruth.Row::delivered).sum());
      assertThat(total.clicks())
          .isPositive()
          .isEqualTo(campaigns.stream().mapToLong(ListHealthTruth.Row::clicks).sum());
      assertThat(total.optOuts())
          .isGreaterThanOrEqualTo(campaigns.stream().mapToLong(ListHealthTruth.Row::optOuts).sum());
    }
  }

  @Test
  void effectsAreAsTheScenarioSays() {
    Scenario scenario = Scenarios.shipped("default").with(11L, 6_000, null);
    Simulation simulation = new Simulation(scenario, START);
    Truth truth = new Truth(simulation, scenario);
    simulation.history().forEach(truth::published);
    Effect control = simulation.effects().of("launch-copy", "control");
    Effect better = simulation.effects().of("launch-copy", "short-copy");
    assertThat(better.expectedPurchases() / better.messages())
        .isBetween(
            1.15 * control.expectedPurchases() / control.messages(),
            1.45 * control.expectedPurchases() / control.messages());
    for (Effect effect : List.of(control, better)) {
      double sd = Math.sqrt(effect.expectedPurchases());
      assertThat((double) effect.causedPurchases())
          .isBetween(effect.expectedPurchases() - 5 * sd, effect.expectedPurchases() + 5 * sd);
    }
    assertThat(simulation.effects().of("launch-copy", "holdout").messages()).isZero();
    Map<String, Long> recipients =
        truth.summary().experiments().stream()
            .filter(v -> v.experimentId().equals("launch-copy"))
            .collect(
                Collectors.toMap(Truth.VariantTruth::variantId, Truth.VariantTruth::recipients));
    assertThat(recipients.get("holdout")).isPositive();
    assertThat(recipients.get("control")).isGreaterThan(recipients.get("holdout"));
  }

  /** The request is in Kafka before its text, and what a cap holds back is requested too. */
  @Test
  void theHistoryCanHaveARequestBeforeEachText() {
    Simulation simulation = new Simulation(SMALL, START);
    simulation.requestVerdictsOfHistory();
    Map<String, SendRequest> requests = new HashMap<>();
    Map<String, Long> arrived = new HashMap<>();
    List<Send> sends = new ArrayList<>();
    long inTime = 0;
    long assigned = 0;
    for (Arrival arrival : simulation.history().toList()) {
      if (arrival.event() instanceof SendRequest request) {
        requests.put(request.requestId(), request);
        arrived.putIfAbsent(request.requestId(), arrival.at());
      } else if (arrival.event() instanceof Send send && arrival.nature() == Nature.FACT) {
        sends.add(send);
        SendRequest request = requests.get(send.requestId());
        if (request != null) {
          inTime++;
          assertThat(request.recipientId()).isEqualTo(send.recipientId());
          assertThat(request.campaignId()).isEqualTo(send.campaignId());
          assertThat(request.tags()).isEqualTo(send.tags());
          assertThat(request.eventTime()).isLessThan(send.eventTime());
          assertThat(arrived.get(send.requestId())).isLessThanOrEqualTo(arrival.at());
        }
      }
      assigned += arrival.event() instanceof Assignment ? 1 : 0;
    }
    assertThat(sends).hasSizeGreaterThan(1_000).allMatch(send -> send.requestId() != null);
    assertThat(assigned).as("held out, in the order of the history").isPositive();
    assertThat((double) inTime / sends.size()).isGreaterThan(0.995);
    Set<String> sent = sends.stream().map(Send::requestId).collect(Collectors.toSet());
    assertThat(requests.keySet()).hasSizeGreaterThan(sent.size());
    assertThat(events(Send.class)).allMatch(send -> send.requestId() == null);
  }

  @Test
  void aWelcomeSeriesGoesStepByStep() {
    Map<String, List<Long>> steps = new HashMap<>();
    for (Send send : events(Send.class)) {
      if (send.tags() != null && send.tags().get(0).startsWith("welcome:")) {
        steps
            .computeIfAbsent(send.recipientId() + send.tags().get(0), key -> new ArrayList<>())
            .add(send.eventTime());
      }
    }
    List<String> second = steps.keySet().stream().filter(key -> key.endsWith("welcome:2")).toList();
    assertThat(second).isNotEmpty();
    for (String key : second) {
      List<Long> first = steps.get(key.replace("welcome:2", "welcome:1"));
      if (first != null) {
        assertThat(steps.get(key).get(0) - first.get(0))
            .isBetween(3 * DAY - 60_000, 3 * DAY + 60_000);
      }
    }
    assertThat(steps.keySet()).anyMatch(key -> key.endsWith("welcome:3"));
  }

  @Test
  void theDefaultLoadsWithinAMinute() {
    Scenario scenario = Scenarios.shipped("default");
    assertThat(new Simulation(scenario, START).history().count()).isBetween(300_000L, 600_000L);
  }

  @Test
  void repliesComeInSeveralLanguages() {
    Set<String> bodies = events(Reply.class).stream().map(Reply::body).collect(Collectors.toSet());
    assertThat(bodies).hasSizeGreaterThan(20);
  }

  private static <E extends Event> List<E> events(Class<E> type) {
    return HISTORY.stream()
        .filter(a -> a.nature() != Nature.DUPLICATE)
        .map(Arrival::event)
        .filter(type::isInstance)
        .map(type::cast)
        .toList();
  }
}
