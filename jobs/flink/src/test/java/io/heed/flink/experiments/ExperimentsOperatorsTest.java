package io.heed.flink.experiments;

import static io.heed.flink.experiments.TestingTraffic.DAY;
import static io.heed.flink.experiments.TestingTraffic.HOUR;
import static io.heed.flink.experiments.TestingTraffic.START;
import static io.heed.flink.experiments.TestingTraffic.experiment;
import static io.heed.flink.experiments.TestingTraffic.send;
import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.model.Alert;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Event;
import io.heed.core.model.ExperimentDecision;
import io.heed.core.model.ExperimentResultRow;
import io.heed.core.model.ExperimentState;
import io.heed.flink.streaming.TestingErasures;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExperimentsOperatorsTest {
  private static final String METRICS =
      """
      metrics:
        - {name: money, event: conversion, type: revenue, window: 2d, expected_base_rate: 0.1,
           expected_value: 10}
      """;

  @Test
  void decidesAsSoonAsTheEvidenceIsThereAndOnlyThen() throws Exception {
    List<Event> events = new TestingTraffic(1).recipients("e", 4_000, 0.10, 0.2, 2, 2);
    try (TestingPipeline pipeline = new TestingPipeline(() -> List.of(experiment("e", METRICS)))) {
      play(pipeline, events, 0);
      List<ExperimentDecision> decisions = pipeline.published(ExperimentDecision.class);
      ExperimentDecision last = decisions.get(decisions.size() - 1);
      assertThat(last.state()).isEqualTo(ExperimentState.WINNER);
      assertThat(last.winnerVariantId()).isEqualTo("b");
      assertThat(last.isFinal()).isTrue();
      assertThat(last.allocation()).containsEntry("b", 1.0).containsEntry("a", 0.0);
      assertThat(decisions).filteredOn(ExperimentDecision::isFinal).hasSize(1);
      assertThat(decisions).extracting(ExperimentDecision::seq).isSorted().doesNotHaveDuplicates();
      assertThat(decisions.get(0).decidedAt()).isEqualTo(START + HOUR);
      // Counting goes on beside the decision, until the last unit has matured.
      List<ExperimentResultRow> rows = pipeline.published(ExperimentResultRow.class);
      long until = rows.get(rows.size() - 1).evaluatedAt();
      assertThat(until).isGreaterThan(last.decidedAt()).isEqualTo(START + 3 * DAY);
      assertThat(rows.stream().filter(r -> r.evaluatedAt() == until && r.metric().equals("click")))
          .extracting(ExperimentResultRow::recipients)
          .satisfies(counts -> assertThat(counts.get(0) + counts.get(1)).isEqualTo(4_000));
      assertThat(pipeline.published(Alert.class))
          .extracting(Alert::kind)
          .containsExactly("experiment_decided");
      // 12,000 events and more became a few records for the experiment.
      assertThat(pipeline.changes()).isLessThan(3_000);
    }
  }

  @Test
  void anErasedPersonLeavesNothingButTheCounts() throws Exception {
    List<Event> events = new TestingTraffic(1).recipients("e", 40, 0.10, 0.2, 2, 2);
    String person = events.get(0).recipientId();
    long end = events.stream().mapToLong(Event::eventTime).max().orElseThrow();
    try (TestingPipeline pipeline =
        new TestingPipeline(
            new TestingErasures() {
              private static final long serialVersionUID = 1L;

              @Override
              public List<ConfigVersion> get() {
                return List.of(experiment("e", METRICS));
              }
            })) {
      for (Event event : events) {
        pipeline.event(event);
      }
      int before = pipeline.recipientsInState();
      pipeline.event(TestingErasures.of(person, end));
      assertThat(pipeline.recipientsInState()).isEqualTo(before - 1);
      for (Event event : events) {
        if (event.recipientId().equals(person)) {
          pipeline.event(event);
        }
      }
      assertThat(pipeline.recipientsInState()).as("what comes again").isEqualTo(before - 1);
      pipeline.watermark(end + 10 * DAY);
      List<ExperimentResultRow> rows = pipeline.published(ExperimentResultRow.class);
      long until = rows.get(rows.size() - 1).evaluatedAt();
      assertThat(rows.stream().filter(r -> r.evaluatedAt() == until && r.metric().equals("click")))
          .extracting(ExperimentResultRow::recipients)
          .satisfies(counts -> assertThat(counts.get(0) + counts.get(1)).isEqualTo(40));
    }
  }

  /** Shuffled within the lateness, doubled, and interrupted: the same trail, to the last id. */
  @ParameterizedTest
  @ValueSource(longs = {3, 4})
  void disorderAndRestartsDoNotChangeTheTrail(long seed) throws Exception {
    List<Event> events = new TestingTraffic(seed).recipients("e", 1_200, 0.10, 0.14, 2, 5);
    List<Event> others = new TestingTraffic(seed).recipients("f", 300, 0.10, 0.10, 2, 2);
    events = new ArrayList<>(events);
    events.addAll(others);
    events.sort(Comparator.comparingLong(Event::eventTime));
    List<ConfigVersion> known = List.of(experiment("e", METRICS), experiment("f", ""));
    try (TestingPipeline straight = new TestingPipeline(() -> known);
        TestingPipeline disturbed = new TestingPipeline(() -> known)) {
      play(straight, events, 0);
      play(disturbed, new TestingTraffic(seed + 1).disordered(events), 5);
      assertThat(trail(disturbed)).isEqualTo(trail(straight)).hasSizeGreaterThan(60);
      assertThat(rows(disturbed)).isEqualTo(rows(straight));
    }
  }

  /** What a later exposure has emitted is taken back without a trace when an earlier one comes. */
  @Test
  void anEarlierExposureMayComeLater() throws Exception {
    Event early = send("r", START + HOUR, "e", "a");
    Event late = send("r", START + 5 * HOUR, "e", "a");
    List<String> trail = null;
    for (List<Event> order : List.of(List.of(early, late), List.of(late, early))) {
      try (TestingPipeline pipeline = new TestingPipeline(() -> List.of(experiment("e", "")))) {
        for (Event event : order) {
          pipeline.event(event);
          pipeline.restart();
        }
        pipeline.watermark(START + 4 * DAY);
        trail = trail == null ? trail(pipeline) : trail;
        assertThat(trail(pipeline)).isEqualTo(trail).hasSize(2);
      }
    }
  }

  @Test
  void contaminationIsAlertedAndInvalidates() throws Exception {
    try (TestingPipeline pipeline = new TestingPipeline(() -> List.of(experiment("e", "")))) {
      for (int i = 0; i < 100; i++) {
        pipeline.event(send("r" + i, START + i, "e", i % 2 == 0 ? "a" : "b"));
      }
      for (int i = 0; i < 5; i++) {
        pipeline.event(send("r" + i, START + 2 * HOUR, "e", i % 2 == 0 ? "b" : "a"));
      }
      pipeline.watermark(START + 4 * HOUR);
      pipeline.event(send("r6", START + 6 * HOUR, "e", "b"));
      pipeline.watermark(START + 8 * HOUR);
      List<ExperimentDecision> decisions = pipeline.published(ExperimentDecision.class);
      assertThat(decisions)
          .extracting(ExperimentDecision::contaminated)
          .containsExactly(0L, 5L, 6L);
      assertThat(decisions.get(2).state()).isEqualTo(ExperimentState.INVALID);
      assertThat(pipeline.published(Alert.class))
          .extracting(Alert::kind)
          .containsExactly("experiment_contaminated", "experiment_decided");
    }
  }

  @Test
  void configurationIsLearntWhileItRunsAndRefusedVersionsAreAlerted() throws Exception {
    try (TestingPipeline pipeline = new TestingPipeline(List::of)) {
      pipeline.event(send("r0", START, "e", "a"));
      pipeline.config(experiment("e", ""));
      pipeline.event(send("r1", START, "e", "a"));
      ConfigVersion changed = experiment("e", "alpha: 0.1\n");
      pipeline.config(
          new ConfigVersion(
              "experiment", "e", "later", START + DAY, START + DAY, changed.document()));
      pipeline.config(new ConfigVersion("experiment", "x", "bad", START, START, "id: x"));
      pipeline.watermark(START + HOUR);
      assertThat(pipeline.published(ExperimentDecision.class))
          .singleElement()
          .satisfies(d -> assertThat(d.variants()).hasSize(2));
      assertThat(pipeline.published(Alert.class))
          .extracting(Alert::alertId)
          .containsExactly("experiment_config|e|later", "experiment_config|x|bad");
      assertThat(pipeline.published(Alert.class).get(0).evidence().get("problem").toString())
          .contains("alpha");
    }
  }

  private static String last(List<String> trail) {
    return trail.get(trail.size() - 1);
  }

  /**
   * Ends as if the plan had been there, by decisions that would have been made then, too; also when
   * a restart or steps lie between. Fewer of them: steps that passed meanwhile are one evaluation.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void countsThatOvertakeTheirPlanWaitForIt(boolean restart) throws Exception {
    List<ConfigVersion> known = new ArrayList<>();
    List<List<String>> trails = new ArrayList<>();
    for (boolean overtakes : List.of(false, true)) {
      known.clear();
      try (TestingPipeline pipeline = new TestingPipeline(() -> List.copyOf(known))) {
        pipeline.configOfRecipients(experiment("e", ""));
        if (!overtakes) {
          pipeline.configOfEvaluations(experiment("e", ""));
        }
        for (int i = 0; i < 100; i++) {
          pipeline.event(send("r" + i, START + i, "e", i % 2 == 0 ? "a" : "b"));
        }
        pipeline.watermark(START + 2 * HOUR);
        pipeline.event(send("late", START + 1, "e", "a"));
        pipeline.watermark(START + 3 * HOUR - 1);
        if (overtakes) {
          assertThat(pipeline.published(ExperimentDecision.class)).isEmpty();
        }
        known.add(experiment("e", ""));
        if (restart) {
          pipeline.restart();
        } else {
          pipeline.configOfEvaluations(experiment("e", ""));
        }
        pipeline.watermark(START + 4 * DAY);
        trails.add(trail(pipeline));
      }
    }
    assertThat(trails.get(1)).hasSizeGreaterThan(2).endsWith(last(trails.get(0)));
    assertThat(trails.get(0)).containsSubsequence(trails.get(1));
  }

  @Test
  void countsWhosePlanNeverComesExpire() throws Exception {
    try (TestingPipeline pipeline = new TestingPipeline(List::of)) {
      pipeline.configOfRecipients(experiment("e", ""));
      pipeline.event(send("r", START, "e", "a"));
      pipeline.watermark(START + 35 * DAY);
      assertThat(pipeline.experimentsInState()).isOne();
      pipeline.watermark(START + 38 * DAY);
      assertThat(pipeline.experimentsInState()).isZero();
      pipeline.configOfEvaluations(experiment("e", ""));
      pipeline.watermark(START + 40 * DAY);
      assertThat(pipeline.published(ExperimentDecision.class)).isEmpty();
    }
  }

  @Test
  void aLateFactChangesLaterCountsOnly() throws Exception {
    try (TestingPipeline pipeline = new TestingPipeline(() -> List.of(experiment("e", "")))) {
      pipeline.event(send("r", START, "e", "a"));
      pipeline.watermark(START + 30 * HOUR);
      int before = pipeline.published(ExperimentDecision.class).size();
      pipeline.event(send("q", START + 1, "e", "b"));
      pipeline.watermark(START + 40 * HOUR);
      List<ExperimentDecision> decisions = pipeline.published(ExperimentDecision.class);
      assertThat(decisions).hasSize(before + 1);
      assertThat(decisions.get(before).decidedAt()).isEqualTo(START + 31 * HOUR);
      assertThat(decisions.get(before).variants().get(1).recipients()).isOne();
    }
  }

  @Test
  void expiresRecipientsWithOneTimerEach() throws Exception {
    try (TestingPipeline pipeline =
        new TestingPipeline(() -> List.of(experiment("e", "horizon: 3d\n")))) {
      List<Event> events = new TestingTraffic(5).recipients("e", 200, 0.5, 0.5, 2, 2);
      for (Event event : events) {
        pipeline.event(event);
      }
      assertThat(pipeline.recipientsInState()).isEqualTo(200);
      assertThat(pipeline.timersOfRecipients()).isEqualTo(200);
      pipeline.watermark(START + 41 * DAY);
      assertThat(pipeline.recipientsInState()).isZero();
      assertThat(pipeline.timersOfRecipients()).isZero();
    }
  }

  /**
   * A thousand tests without effect, whose arms answer after 2 and after 4 hours: a method that
   * counted immature units would find winners in most of them.
   */
  @Test
  void falseWinnersAreRareAlsoWhenTheArmsDifferInSpeed() throws Exception {
    int experiments = 1_000;
    List<ConfigVersion> known = new ArrayList<>();
    List<Event> events = new ArrayList<>();
    TestingTraffic traffic = new TestingTraffic(11);
    for (int i = 0; i < experiments; i++) {
      known.add(experiment("e" + i, "evaluate_every: 4h\n"));
      events.addAll(traffic.recipients("e" + i, 150, 0.12, 0.12, 2, 4));
    }
    events.sort(Comparator.comparingLong(Event::eventTime));
    try (TestingPipeline pipeline = new TestingPipeline(() -> known)) {
      for (int i = 0; i < events.size(); i++) {
        pipeline.event(events.get(i));
        if (i % 5_000 == 0) {
          pipeline.watermark(events.get(i).eventTime() - 1);
        }
      }
      pipeline.watermark(START + 4 * DAY);
      long winners =
          pipeline.published(ExperimentDecision.class).stream()
              .filter(d -> d.state() == ExperimentState.WINNER)
              .count();
      double allowed = 0.05 + 2 * Math.sqrt(0.05 * 0.95 / experiments);
      assertThat(winners / (double) experiments).isLessThanOrEqualTo(allowed);
    }
  }

  private static void play(TestingPipeline pipeline, List<Event> events, int restarts)
      throws Exception {
    Random random = new Random(events.size());
    long seen = Long.MIN_VALUE;
    long watermark = Long.MIN_VALUE;
    int restartEvery = restarts == 0 ? Integer.MAX_VALUE : events.size() / restarts;
    for (int i = 0; i < events.size(); i++) {
      pipeline.event(events.get(i));
      seen = Math.max(seen, events.get(i).eventTime());
      if (seen - HOUR > watermark && random.nextInt(20) == 0) {
        watermark = seen - HOUR;
        pipeline.watermark(watermark);
      }
      if (i % restartEvery == restartEvery - 1) {
        pipeline.restart();
      }
    }
    pipeline.watermark(START + 4 * DAY);
  }

  private static List<String> trail(TestingPipeline pipeline) {
    return pipeline.published(ExperimentDecision.class).stream()
        .map(d -> d.experimentId() + " " + d.decidedAt() + " " + d.decisionId())
        .sorted()
        .toList();
  }

  /** Rows without their version, and without what is immature: that depends on the moment. */
  private static List<ExperimentResultRow> rows(TestingPipeline pipeline) {
    return pipeline.published(ExperimentResultRow.class).stream()
        .map(
            r ->
                new ExperimentResultRow(
                    r.table(),
                    0,
                    r.experimentId(),
                    r.variantId(),
                    r.metric(),
                    r.evaluatedAt(),
                    r.recipients(),
                    r.successes(),
                    r.mean(),
                    r.effect(),
                    r.effectLower(),
                    r.effectUpper(),
                    r.effectScale(),
                    r.pValue(),
                    r.state(),
                    r.pValueHolm(),
                    r.discovered(),
                    0,
                    0,
                    r.heldBy(),
                    r.recipientsMissing()))
        .sorted(Comparator.comparing(ExperimentResultRow::key))
        .toList();
  }
}
