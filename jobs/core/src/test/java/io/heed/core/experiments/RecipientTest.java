package io.heed.core.experiments;

import static io.heed.core.experiments.TestingExperiments.DAY;
import static io.heed.core.experiments.TestingExperiments.HOUR;
import static io.heed.core.experiments.TestingExperiments.START;
import static io.heed.core.experiments.TestingExperiments.TWO_ARMS;
import static io.heed.core.experiments.TestingExperiments.assignment;
import static io.heed.core.experiments.TestingExperiments.click;
import static io.heed.core.experiments.TestingExperiments.clickWithAgent;
import static io.heed.core.experiments.TestingExperiments.optOut;
import static io.heed.core.experiments.TestingExperiments.plans;
import static io.heed.core.experiments.TestingExperiments.purchase;
import static io.heed.core.experiments.TestingExperiments.refund;
import static io.heed.core.experiments.TestingExperiments.reply;
import static io.heed.core.experiments.TestingExperiments.send;
import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import io.heed.core.model.Event;
import io.heed.core.model.Reply;
import io.heed.core.rules.ReplyRecogniser;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class RecipientTest {
  private static final String REVENUE =
      """
      id: revenue
      owner: o
      hypothesis: h
      variants:
        - {id: a, weight: 1}
        - {id: b, weight: 1}
      primary_metric:
        event: conversion
        type: revenue
        window: 3d
        expected_base_rate: 0.1
        expected_value: 10
      covariate: {window: 7d}
      minimum_effect: 0.2
      start: 2026-03-02
      """;
  private static final ReplyRecogniser RECOGNISER = ReplyRecogniser.standard();
  private static final long T = START + 10 * DAY;
  private static final long NO_WATERMARK = Long.MIN_VALUE;

  private final ExperimentPlans plans = plans(TWO_ARMS, REVENUE, COUNTED);
  private final Map<String, Map<Long, Totals>> counted = new TreeMap<>();
  private final Map<String, Recipient> known = new TreeMap<>();

  @Test
  void theFirstExposureAssignsAndAnotherVariantContaminates() {
    play(
        send("r", T, "test", "control"),
        send("r", T + 5 * HOUR, "test", "offer"),
        send("r", T + 6 * HOUR, "test", "control"));
    assertThat(totals("test").of(0, Totals.ASSIGNED)).isEqualTo(Tally.of(1, 0));
    assertThat(totals("test").of(1, Totals.ASSIGNED)).isEqualTo(Tally.NONE);
    assertThat(totals("test").of(0, Totals.CONTAMINATED)).isEqualTo(Tally.of(1, 0));
    assertThat(counted.get("test").get(T + 6 * HOUR).of(0, Totals.CONTAMINATED).recipients())
        .isOne();
  }

  @Test
  void anOutcomeCountsWithinTheWindowOnceAndMaturesByExposure() {
    play(
        send("r", T + 1, "test", "offer"),
        click("r", T + DAY),
        click("r", T + DAY),
        click("r", T + 2 * HOUR),
        send("q", T + 1, "test", "offer"),
        click("q", T + DAY + 1));
    // The window ends at T + 1 + a day: it matures at the next full hour.
    assertThat(counted.get("test").get(T + DAY + HOUR).get(0, 1, 0)).isEqualTo(Tally.of(2, 1));
  }

  @Test
  void aUnitIsCountedOnceHoweverManyOutcomesThereAre() {
    play(send("r", T, "test", "offer"));
    for (int i = 0; i < 300; i++) {
      play(click("r", T + HOUR + i));
    }
    // Those push out every click of the window.
    for (int i = 0; i < 300; i++) {
      play(click("r", T + 2 * DAY + i));
    }
    assertThat(known.get("r").evicted()).isEqualTo(345);
    play(click("r", T + 2 * HOUR), click("r", T + HOUR));
    assertThat(totals("test").of(1, 0)).isEqualTo(Tally.of(1, 1));
    play(send("r", T - HOUR, "test", "control"));
    assertThat(totals("test").of(1, 0)).as("not moved").isEqualTo(Tally.of(1, 1));
    assertThat(totals("test").of(0, 0)).isEqualTo(Tally.NONE);
    play(send("r", T + 3 * DAY, "test", "control"));
    assertThat(totals("test").of(1, Totals.ASSIGNED)).isEqualTo(Tally.of(1, 0));
  }

  @Test
  void revenueThatLooksBackToWhatWasEvictedStaysAsItWasCounted() {
    play(send("r", T, "revenue", "a"));
    for (int i = 0; i < 300; i++) {
      play(purchase("r", T + HOUR + i, "c" + i, 1_000_000));
    }
    Tally counted = totals("revenue").of(0, 0);
    assertThat(counted.recipients()).isOne();
    assertThat(counted.sum()).isEqualTo(BigInteger.valueOf(256_000_000));
    play(purchase("r", T + DAY, "more", 1_000_000));
    assertThat(totals("revenue").of(0, 0)).isEqualTo(counted);
  }

  @Property(tries = 50)
  void theExperimentsThatWereJoinedFirstAreKeptInWhateverOrder(@ForAll Random random) {
    String[] documents = new String[70];
    List<Event> sends = new ArrayList<>();
    for (int i = 0; i < documents.length; i++) {
      documents[i] = TWO_ARMS.replace("id: test", "id: test-" + i);
      sends.add(send("r", T + i, "test-" + i, "offer"));
    }
    ExperimentPlans many = plans(documents);
    Collections.shuffle(sends, random);
    counted.clear();
    Recipient recipient = Recipient.UNKNOWN;
    for (Event event : sends) {
      recipient = recipient.with(event, many, RECOGNISER, NO_WATERMARK, this::count);
    }
    assertThat(recipient.evicted()).isEqualTo(6);
    for (int i = 0; i < documents.length; i++) {
      Tally assigned = totals("test-" + i).of(1, Totals.ASSIGNED);
      assertThat(assigned).as("test-%d", i).isEqualTo(Tally.of(i < 64 ? 1 : 0, 0));
    }
  }

  @Test
  void anExperimentWithoutAnEndKeepsNobodyForEver() {
    play(send("r", T, "test", "offer"));
    Recipient recipient = known.get("r");
    assertThat(recipient.pruned(plans, T + 365 * DAY).isUnknown()).isFalse();
    assertThat(recipient.prunableAt(plans)).isLessThan(T + 367 * DAY);
    assertThat(recipient.pruned(plans, T + 366 * DAY).isUnknown()).isTrue();
  }

  @Test
  void holdoutsCountWhatHappensWithoutAMessage() {
    ExperimentPlans withHoldout = plans(TWO_ARMS + "holdout: 0.5\n");
    Recipient recipient = Recipient.UNKNOWN;
    for (Event event : List.of(assignment("r", T, "test", "holdout"), click("r", T + HOUR))) {
      recipient = recipient.with(event, withHoldout, RECOGNISER, NO_WATERMARK, this::count);
    }
    assertThat(totals("test").of(2, 0)).isEqualTo(Tally.of(1, 1));
    assertThat(totals("test").of(2, Totals.DELIVERED)).isEqualTo(Tally.NONE);
  }

  @Test
  void scannersDoNotCount() {
    play(
        clickWithAgent("r", T + 1_500, "Mozilla/5.0 (iPhone)"),
        send("r", T, "test", "offer"),
        clickWithAgent("r", T + HOUR, "Slackbot-LinkExpanding 1.0"));
    assertThat(totals("test").of(1, 0)).isEqualTo(Tally.of(1, 0));
    play(clickWithAgent("r", T + 9_000, "Mozilla/5.0 (iPhone)"));
    assertThat(totals("test").of(1, 0)).isEqualTo(Tally.of(1, 1));
  }

  /** Messages expire sooner than clicks: what a scanner clicked must not count then. */
  @Test
  void scannersDoNotCountAfterTheirMessageHasExpired() {
    Recipient recipient =
        play(clickWithAgent("r", T + 1_500, "Mozilla/5.0"), send("r", T, "test", "offer"));
    long later = T + 5 * DAY;
    recipient
        .with(click("r", later), plans, RECOGNISER, later, this::count)
        .with(send("r", T - 1, "test", "offer"), plans, RECOGNISER, later, this::count);
    assertThat(totals("test").of(1, 0)).isEqualTo(Tally.of(1, 0));
  }

  @Test
  void aReplyThatRevokesIsAnOptOut() {
    play(
        send("r", T, "test", "offer"),
        new Reply("e", T + 1, "r", null, "please stop texting me"),
        send("q", T, "test", "offer"),
        new Reply("f", T + 1, "q", null, "thanks"),
        send("p", T, "test", "offer"),
        optOut("p", T + DAY - 1));
    assertThat(totals("test").of(1, 1)).isEqualTo(Tally.of(3, 2));
  }

  @Test
  void revenueTakesRefundsOffAndLooksBackForItsCovariate() {
    play(
        send("r", T, "revenue", "b"),
        purchase("r", T + HOUR, "1", 30_000_000),
        purchase("r", T + HOUR, "1", 30_000_000),
        purchase("r", T + HOUR, "2", 5_000_000),
        refund("r", T + 2 * HOUR, "3", 5_000_000),
        purchase("r", T - DAY, "4", 7_000_000),
        purchase("r", T - 8 * DAY, "5", 9_000_000));
    assertThat(totals("revenue").of(1, 0)).isEqualTo(Tally.ofValue(30_000_000, 7_000_000));
  }

  private static final String COUNTED =
      """
      id: counted
      owner: o
      hypothesis: h
      variants:
        - {id: a, weight: 1}
        - {id: b, weight: 1}
      primary_metric:
        event: reply
        type: count
        window: 3d
        expected_base_rate: 0.1
        expected_value: 1.5
      metrics:
        - {name: per-click, event: conversion, type: ratio, per: click, window: 3d, cap_value: 25}
        - {name: capped, event: conversion, type: revenue, window: 3d, expected_value: 10, cap_value: 25}
      minimum_effect: 0.2
      start: 2026-03-02
      """;

  @Test
  void repliesAreCountedAndRevenueIsCappedPerRecipient() {
    Event click = click("r", T + 2 * HOUR);
    play(
        send("r", T, "counted", "b"),
        reply("r", T + HOUR, "hi"),
        reply("r", T + 2 * HOUR, "and again"),
        reply("r", T + 4 * DAY, "too late"),
        click,
        click,
        click("r", T + 3 * HOUR),
        click("r", T + 5 * HOUR),
        purchase("r", T + 6 * HOUR, "1", 20_000_000),
        purchase("r", T + 7 * HOUR, "2", 20_000_000),
        refund("r", T + 8 * HOUR, "3", 1_000_000));
    assertThat(totals("counted").of(1, 0)).isEqualTo(Tally.ofValue(2_000_000, 0));
    assertThat(totals("counted").of(1, 1)).isEqualTo(Tally.ofValue(25_000_000, 3));
    assertThat(totals("counted").of(1, 2)).isEqualTo(Tally.ofValue(25_000_000, 0));
    play(refund("r", T + 9 * HOUR, "4", 90_000_000));
    assertThat(totals("counted").of(1, 2)).isEqualTo(Tally.ofValue(-25_000_000, 0));
  }

  private static final String ADJUSTED =
      TWO_ARMS.replace("id: test", "id: adjusted") + "covariate: {window: 7d}\n";

  /** A rate with a covariate counts as a one, and looks back for ones. */
  @Test
  void aRateLooksBackForItsCovariate() {
    play(
        plans(ADJUSTED),
        click("r", T - DAY),
        click("r", T - 2 * DAY),
        send("r", T, "adjusted", "offer"),
        click("r", T + HOUR),
        click("r", T + 2 * HOUR),
        click("q", T - 8 * DAY),
        send("q", T, "adjusted", "offer"),
        send("p", T - DAY, "none", "none"),
        clickWithAgent("p", T - DAY + 1, "Mozilla/5.0"),
        send("p", T, "adjusted", "offer"));
    assertThat(totals("adjusted").of(1, 0))
        .isEqualTo(Tally.ofValue(1_000_000, 1_000_000).plus(Tally.of(2, 0)));
  }

  /** What came too soon after a message for a person goes with the message. */
  @Test
  void aScannersClickIsNoCovariateAfterItsMessageHasExpired() {
    ExperimentPlans adjusted = plans(ADJUSTED);
    play(
        adjusted,
        send("r", T, "none", "none"),
        clickWithAgent("r", T + 1, "Mozilla/5.0"),
        click("r", T + HOUR));
    Recipient pruned = known.get("r").pruned(adjusted, T + 2 * DAY);
    assertThat(pruned)
        .isEqualTo(
            Recipient.UNKNOWN.with(
                click("r", T + HOUR), adjusted, RECOGNISER, NO_WATERMARK, (e, s, c, t) -> {}));
  }

  @Test
  void anIdOfAPurchaseAndItsRefundCountsOncePerKind() {
    play(
        send("r", T, "revenue", "b"),
        purchase("r", T + HOUR, "order", 30_000_000),
        refund("r", T + 2 * HOUR, "order", 10_000_000),
        refund("r", T + 2 * HOUR, "order", 10_000_000));
    assertThat(totals("revenue").of(1, 0)).isEqualTo(Tally.ofValue(20_000_000, 0));
  }

  @Test
  void unknownVariantsAndExposuresOutsideTheTestDoNotCount() {
    play(
        send("r", START - 1, "test", "offer"),
        send("r", T, "test", "no-such"),
        send("r", T, "no-such", "offer"));
    assertThat(counted).isEmpty();
  }

  @Test
  void whatComesAfterEverythingHasMaturedChangesNothingButContamination() {
    Recipient recipient =
        Recipient.UNKNOWN
            .with(send("r", T, "test", "offer"), plans, RECOGNISER, NO_WATERMARK, this::count)
            .with(click("r", T + HOUR), plans, RECOGNISER, NO_WATERMARK, this::count);
    Totals before = totals("test");
    long late = T + 30 * DAY;
    recipient = recipient.pruned(plans, late);
    recipient
        .with(click("r", T + 2 * HOUR), plans, RECOGNISER, late, this::count)
        .with(send("r", T - HOUR, "test", "control"), plans, RECOGNISER, late, this::count);
    assertThat(totals("test")).isEqualTo(before);
    recipient.with(send("r", late, "test", "control"), plans, RECOGNISER, late, this::count);
    assertThat(totals("test").of(1, Totals.CONTAMINATED).recipients()).isOne();
  }

  /** The same facts in any order, some of them twice, with restarts between: the same counts. */
  @Property(tries = 300)
  void orderDuplicatesAndRestartsDoNotMatter(@ForAll long seed) throws IOException {
    Random random = new Random(seed);
    List<Event> events = new ArrayList<>();
    int count = 3 + random.nextInt(12);
    for (int i = 0; i < count; i++) {
      events.add(randomEvent(random, i));
    }
    counted.clear();
    known.clear();
    Recipient one = play(events.toArray(new Event[0]));
    Map<String, Map<Long, Totals>> first = withoutNothing();
    counted.clear();
    List<Event> again = new ArrayList<>(events);
    again.addAll(events.subList(0, count / 2));
    Collections.shuffle(again, random);
    Recipient other = Recipient.UNKNOWN;
    for (Event event : again) {
      other = other.with(event, plans, RECOGNISER, NO_WATERMARK, this::count);
      other = Recipient.read(new BinaryReader(bytes(other)));
    }
    assertThat(withoutNothing()).isEqualTo(first);
    assertThat(other).isEqualTo(one);
  }

  private static Event randomEvent(Random random, int i) {
    long at = T + random.nextInt(80) * HOUR / 2;
    return switch (random.nextInt(6)) {
      case 0 -> send("r", at, "test", random.nextInt(4) == 0 ? "offer" : "control");
      case 1 -> send("r", at, "revenue", random.nextInt(4) == 0 ? "a" : "b");
      case 2 -> click("r", at);
      case 3 -> clickWithAgent("r", at + 1_000, "Mozilla/5.0");
      case 4 -> purchase("r", at, "c" + i, random.nextInt(50_000_000));
      default -> optOut("r", at);
    };
  }

  /** Format 2, byte for byte: state written by this release must stay readable. */
  @Test
  void goldenForm() throws IOException {
    Recipient recipient =
        play(
            send("r", T, "test", "offer"),
            clickWithAgent("r", T + HOUR, "Mozilla/5.0"),
            purchase("r", T + 2 * HOUR, "order", 12_345_678),
            send("r", T + DAY, "test", "control"));
    String golden =
        new String(
                RecipientTest.class.getResourceAsStream("recipient-2.hex").readAllBytes(),
                java.nio.charset.StandardCharsets.US_ASCII)
            .strip();
    assertThat(HexFormat.of().formatHex(bytes(recipient))).isEqualTo(golden);
    assertThat(Recipient.read(new BinaryReader(HexFormat.of().parseHex(golden))))
        .isEqualTo(recipient);
  }

  @Test
  void nothingIsKeptForEver() {
    Recipient recipient = play(click("r", T), purchase("r", T, "1", 5));
    assertThat(recipient.prunableAt(plans)).isEqualTo(T + 20 * DAY);
    assertThat(recipient.pruned(plans, T + 20 * DAY).isUnknown()).isFalse();
    assertThat(recipient.pruned(plans, T + 27 * DAY).isUnknown()).isTrue();
  }

  private static byte[] bytes(Recipient recipient) throws IOException {
    BinaryWriter out = new BinaryWriter();
    recipient.write(out);
    return out.toByteArray();
  }

  private Recipient play(Event... events) {
    return play(plans, events);
  }

  private Recipient play(ExperimentPlans plans, Event... events) {
    for (Event event : events) {
      Recipient before = known.getOrDefault(event.recipientId(), Recipient.UNKNOWN);
      known.put(
          event.recipientId(), before.with(event, plans, RECOGNISER, NO_WATERMARK, this::count));
    }
    return known.get(events[0].recipientId());
  }

  private void count(String experiment, long step, Totals.Cell cell, Tally change) {
    counted
        .computeIfAbsent(experiment, e -> new TreeMap<>())
        .merge(step, Totals.of(Map.of(cell, change)), Totals::plus);
  }

  private Totals totals(String experiment) {
    return counted.getOrDefault(experiment, Map.of()).values().stream()
        .reduce(Totals.NONE, Totals::plus);
  }

  private Map<String, Map<Long, Totals>> withoutNothing() {
    Map<String, Map<Long, Totals>> result = new TreeMap<>();
    counted.forEach(
        (experiment, steps) -> {
          Map<Long, Totals> kept = new TreeMap<>(steps);
          kept.values().removeIf(Totals::isEmpty);
          if (!kept.isEmpty()) {
            result.put(experiment, kept);
          }
        });
    return result;
  }
}
