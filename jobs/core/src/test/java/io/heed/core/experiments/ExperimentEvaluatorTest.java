package io.heed.core.experiments;

import static io.heed.core.experiments.TestingExperiments.DAY;
import static io.heed.core.experiments.TestingExperiments.HOUR;
import static io.heed.core.experiments.TestingExperiments.START;
import static io.heed.core.experiments.TestingExperiments.TWO_ARMS;
import static io.heed.core.experiments.TestingExperiments.plan;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import io.heed.core.experiments.ExperimentStatus.Pair;
import io.heed.core.experiments.TestingExperiments.Trail;
import io.heed.core.experiments.Totals.Cell;
import io.heed.core.model.ExperimentDecision;
import io.heed.core.model.ExperimentResultRow;
import io.heed.core.model.ExperimentState;
import io.heed.core.model.HeldBy;
import io.heed.core.model.ReasonCode;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ExperimentEvaluatorTest {
  private static final long T = START + DAY;
  private static final String FOUR_ARMS =
      TWO_ARMS.replace(
          "primary_metric",
          "  - {id: third, weight: 1}\n  - {id: fourth, weight: 1}\nprimary_metric");
  private static final String PLANNED =
      TWO_ARMS + "design: {type: planned-list, size: 20000, looks: 5}\n";
  private static final String BANDIT = FOUR_ARMS + "design: {type: bandit, floor: 0.05}\n";

  /** Counts under the making: one epoch, nothing wrong with them unless said. */
  private static final class Counts {
    private final Map<Cell, Tally> cells = new HashMap<>();

    Counts arm(int arm, long recipients, long clicks, long optOuts) {
      return arm(0, arm, recipients, clicks, optOuts);
    }

    Counts arm(int epoch, int arm, long recipients, long clicks, long optOuts) {
      cells.put(new Cell(epoch, arm, Totals.ASSIGNED), Tally.of(recipients, 0));
      cells.put(new Cell(epoch, arm, Totals.DELIVERED), Tally.of(recipients, recipients));
      cells.put(new Cell(epoch, arm, 0), Tally.of(recipients, clicks));
      cells.put(new Cell(epoch, arm, 1), Tally.of(recipients, optOuts));
      return this;
    }

    Totals totals() {
      return Totals.of(cells);
    }
  }

  private static ExperimentStatus evaluate(String document, Counts... looks) {
    Trail trail = new Trail(plan(document));
    for (int i = 0; i < looks.length; i++) {
      trail.look(looks[i].totals(), T + i * HOUR);
    }
    return trail.progress.status();
  }

  private static Counts two(long recipients, long clicksA, long clicksB, long outA, long outB) {
    return new Counts().arm(0, recipients, clicksA, outA).arm(1, recipients, clicksB, outB);
  }

  @Test
  void nothingCountedIsCollecting() {
    ExperimentStatus status = evaluate(TWO_ARMS, new Counts());
    assertThat(status.state()).isEqualTo(ExperimentState.RUNNING);
    assertThat(status.reason()).isEqualTo(ReasonCode.COLLECTING);
    assertThat(status.allocation()).isEqualTo(ExperimentPlan.Epoch.of(0, START, 0.5, 0.5));
  }

  @Test
  void aClearWinnerWinsOnceItsGuardrailIsProven() {
    String required =
        TWO_ARMS.replace("margin: 0.5", "margin: 0.5\n    mode: require-non-inferior");
    ExperimentStatus without = evaluate(required, two(2_000, 200, 320, 9, 9));
    assertThat(without.dropped()).containsExactly(0);
    assertThat(without.state()).isEqualTo(ExperimentState.RUNNING);
    ExperimentStatus with = evaluate(required, two(5_000, 500, 800, 75, 50));
    assertThat(with.state()).isEqualTo(ExperimentState.WINNER);
    assertThat(with.winner()).isOne();
    assertThat(with.allocation()).isEqualTo(ExperimentPlan.Epoch.of(1, T, 0, 1));
    ExperimentStatus veto = evaluate(TWO_ARMS, two(2_000, 200, 320, 9, 9));
    assertThat(veto.state()).isEqualTo(ExperimentState.WINNER);
  }

  @Test
  void theControlCanWin() {
    ExperimentStatus status = evaluate(TWO_ARMS, two(3_000, 450, 300, 15, 15));
    assertThat(status.state()).isEqualTo(ExperimentState.WINNER);
    assertThat(status.winner()).isZero();
  }

  @Test
  void harmStopsEvenABetterVariant() {
    ExperimentStatus status = evaluate(TWO_ARMS, two(8_000, 800, 1_300, 40, 110));
    assertThat(status.state()).isEqualTo(ExperimentState.STOPPED_HARM);
    assertThat(status.reason()).isEqualTo(ReasonCode.GUARDRAIL_BREACHED);
    assertThat(status.allocation().shares()).containsExactly(1.0, 0.0);
  }

  @Test
  void aBrokenSplitInvalidatesWhateverElseIsMeasured() {
    Counts counts = new Counts().arm(0, 10_000, 1_000, 50).arm(1, 9_000, 1_400, 30);
    ExperimentStatus status = evaluate(TWO_ARMS, counts);
    assertThat(status.state()).isEqualTo(ExperimentState.INVALID);
    assertThat(status.reason()).isEqualTo(ReasonCode.SAMPLE_RATIO_MISMATCH);
  }

  @Test
  void contaminationInvalidatesAboveFivePercent() {
    Counts four = two(50, 5, 5, 0, 0);
    four.cells.put(new Cell(0, 0, Totals.CONTAMINATED), Tally.of(4, 0));
    assertThat(evaluate(TWO_ARMS, four).state()).isEqualTo(ExperimentState.RUNNING);
    Counts six = two(50, 5, 5, 0, 0);
    six.cells.put(new Cell(0, 0, Totals.CONTAMINATED), Tally.of(6, 0));
    assertThat(evaluate(TWO_ARMS, six).reason()).isEqualTo(ReasonCode.CONTAMINATED);
    assertThat(evaluate(TWO_ARMS, six).contaminatedShare()).isEqualTo(0.06);
  }

  @Test
  void aVariantThatIsNotWorseWinsWhereThatIsTheGoal() {
    String noWorse =
        TWO_ARMS.replace("primary_metric:", "primary_metric:\n  goal: non-inferior\n  margin: 0.1");
    ExperimentStatus equal = evaluate(noWorse, two(30_000, 3_000, 3_000, 150, 150));
    assertThat(equal.state()).isEqualTo(ExperimentState.WINNER);
    assertThat(equal.winner()).isOne();
    assertThat(equal.comparisons().get(new Pair(0, 0, 1)).interval().lower()).isGreaterThan(-0.1);
    assertThat(equal.allocation().shares()).containsExactly(0.0, 1.0);
    ExperimentStatus open = evaluate(noWorse, two(10_000, 1_000, 1_000, 50, 50));
    assertThat(open.state()).isEqualTo(ExperimentState.RUNNING);
    ExperimentStatus worse = evaluate(noWorse, two(30_000, 3_000, 2_400, 150, 150));
    assertThat(worse.state()).isEqualTo(ExperimentState.WINNER);
    assertThat(worse.winner()).isZero();
    ExperimentStatus aLittleWorse = evaluate(noWorse, two(20_000, 2_000, 1_830, 100, 100));
    assertThat(aLittleWorse.state())
        .as("worse than the control, and not shown to be within the margin")
        .isEqualTo(ExperimentState.RUNNING);
    Trail late = new Trail(plan(noWorse + "horizon: 2d\n"));
    late.look(two(10_000, 1_000, 1_000, 50, 50).totals(), START + 4 * DAY);
    assertThat(late.report().decision(1, 1).notShown()).containsExactly("non-inferiority of click");
  }

  @Test
  void ofSeveralVariantsThatAreNotWorseTheFirstOneWins() {
    String noWorse =
        FOUR_ARMS.replace(
            "primary_metric:", "primary_metric:\n  goal: non-inferior\n  margin: 0.2");
    Counts counts =
        new Counts()
            .arm(0, 20_000, 2_000, 100)
            .arm(1, 20_000, 1_200, 100)
            .arm(2, 20_000, 1_980, 100)
            .arm(3, 20_000, 2_500, 100);
    ExperimentStatus status = evaluate(noWorse, counts);
    assertThat(status.dropped()).as("the better one drops nobody").containsExactly(1);
    assertThat(status.winner()).isEqualTo(2);
  }

  /** Half click often, before and after: knowing who they are takes their difference out. */
  @Test
  void aCovariateSharpensARate() {
    Tally often = Tally.ofValue(1_000_000, 1_000_000);
    Tally seldom = Tally.ofValue(1_000_000, 0);
    Tally lapsed = Tally.ofValue(0, 1_000_000);
    Map<Cell, Tally> cells = new HashMap<>();
    for (int arm = 0; arm < 2; arm++) {
      cells.put(new Cell(0, arm, Totals.ASSIGNED), Tally.of(4_000, 0));
      Tally sum = Tally.of(2_400, 0);
      for (int i = 0; i < 400; i++) {
        sum = sum.plus(often).plus(often).plus(seldom).plus(lapsed);
      }
      cells.put(new Cell(0, arm, 0), arm == 0 ? sum : sum.plus(often.negated()).plus(seldom));
    }
    double width = clickInterval(TWO_ARMS + "covariate: {window: 28d}\n", cells);
    cells.replaceAll((cell, tally) -> Tally.of(tally.recipients(), 0));
    for (int arm = 0; arm < 2; arm++) {
      Tally sum = Tally.of(2_800, 0);
      for (int i = 0; i < 1_200; i++) {
        sum = sum.plus(seldom);
      }
      cells.put(new Cell(0, arm, 0), sum);
    }
    double without = clickInterval(TWO_ARMS + "covariate: {window: 28d}\n", cells);
    // Of 2x2 counts 2400, 400, 400, 800 the correlation is 0.52: sqrt(1 - 0.52²) = 0.85.
    assertThat(width / without).isCloseTo(0.85, within(0.01));
  }

  private static double clickInterval(String document, Map<Cell, Tally> cells) {
    Trail trail = new Trail(plan(document));
    ExperimentStatus status = trail.look(Totals.of(cells), T);
    var interval = status.comparisons().get(new Pair(0, 0, 1)).interval();
    return interval.upper() - interval.lower();
  }

  @Test
  void equivalenceAndFutilityAreTwoThings() {
    String equivalent = TWO_ARMS + "equivalence_margin: 0.15\npower: 0.99\n";
    ExperimentStatus same = evaluate(equivalent, two(25_000, 2_500, 2_505, 125, 125));
    assertThat(same.reason()).isEqualTo(ReasonCode.EVIDENCE_OF_EQUIVALENCE);
    assertThat(same.comparisons().get(new Pair(0, 0, 1)).interval().isWithin(0.15)).isTrue();
    ExperimentStatus futile = evaluate(TWO_ARMS, two(3_000, 300, 280, 15, 15));
    assertThat(futile.state()).isEqualTo(ExperimentState.NO_DIFFERENCE);
    assertThat(futile.reason()).isEqualTo(ReasonCode.FUTILE);
    assertThat(futile.allocation().shares()).containsExactly(1.0, 0.0);
  }

  @Test
  void theHorizonEndsIt() {
    ExperimentPlan plan = plan(TWO_ARMS);
    long half = Math.round(plan.config().fixedSize());
    ExperimentStatus status =
        evaluate(TWO_ARMS, two(half, half / 10, half * 115 / 1000, half / 200, half / 200));
    assertThat(status.reason()).isEqualTo(ReasonCode.HORIZON_REACHED);
    ExperimentPlan ended = plan(TWO_ARMS + "horizon: 3d\n");
    Trail trail = new Trail(ended);
    Totals few = two(100, 10, 11, 0, 0).totals();
    ExperimentStatus running = trail.look(few, START + 4 * DAY - HOUR);
    assertThat(running.state()).isEqualTo(ExperimentState.RUNNING);
    assertThat(trail.progress.dueAfter(trail.evaluator)).isEqualTo(START + 4 * DAY);
    assertThat(trail.look(few, START + 4 * DAY).state()).isEqualTo(ExperimentState.EXPIRED);
    assertThat(trail.report().decision(1, 1).notShown()).containsExactly("a difference of click");
  }

  @Test
  void aFinalStateIsIrrevocableWhileCountingGoesOn() {
    Counts clear = two(5_000, 500, 800, 75, 50);
    Counts reversed = two(50_000, 8_000, 5_000, 250, 900);
    ExperimentStatus status = evaluate(TWO_ARMS, clear, reversed);
    assertThat(status.state()).isEqualTo(ExperimentState.WINNER);
    assertThat(status.winner()).isOne();
    assertThat(status.assigned()).isEqualTo(100_000);
    assertThat(status.allocation().from()).isEqualTo(T);
  }

  @Test
  void announcingChangesNoAllocation() {
    ExperimentStatus status =
        evaluate(TWO_ARMS + "on_winner: announce\n", two(5_000, 500, 800, 75, 50));
    assertThat(status.state()).isEqualTo(ExperimentState.WINNER);
    assertThat(status.allocation()).isEqualTo(ExperimentPlan.Epoch.of(0, START, 0.5, 0.5));
  }

  @Test
  void ofManyArmsTheLastOneStandingWins() {
    Counts counts =
        new Counts()
            .arm(0, 4_000, 400, 40)
            .arm(1, 4_000, 420, 20)
            .arm(2, 4_000, 650, 20)
            .arm(3, 4_000, 390, 20);
    ExperimentStatus status = evaluate(FOUR_ARMS, counts);
    assertThat(status.winner()).isEqualTo(2);
    Counts undecided =
        new Counts()
            .arm(0, 4_000, 300, 40)
            .arm(1, 4_000, 600, 20)
            .arm(2, 4_000, 690, 20)
            .arm(3, 4_000, 310, 20);
    assertThat(evaluate(FOUR_ARMS, undecided).dropped()).containsExactly(0, 3);
    assertThat(evaluate(FOUR_ARMS, undecided).state()).isEqualTo(ExperimentState.RUNNING);
  }

  @Test
  void revenueIsComparedPerRecipient() {
    String revenue =
        TWO_ARMS.replace(
            "event: click\n",
            "name: money\n  event: conversion\n  type: revenue\n  expected_value: 20\n");
    Map<Cell, Tally> cells = new HashMap<>();
    Random random = new Random(1);
    for (int arm = 0; arm < 2; arm++) {
      Tally sum = Tally.NONE;
      for (int i = 0; i < 8_000; i++) {
        long value = random.nextInt(10) == 0 ? 15_000_000 + random.nextInt(10_000_000) : 0;
        sum = sum.plus(Tally.ofValue(arm * value / 2 + value, 0));
      }
      cells.put(new Cell(0, arm, 0), sum);
      cells.put(new Cell(0, arm, Totals.ASSIGNED), Tally.of(8_000, 0));
      cells.put(new Cell(0, arm, 1), Tally.of(8_000, arm == 0 ? 90 : 50));
    }
    Trail trail = new Trail(plan(revenue));
    assertThat(trail.look(Totals.of(cells), T).winner()).isOne();
    ExperimentDecision decision = trail.report().decision(1, 2);
    assertThat(decision.variants().get(1).effect()).isBetween(800_000.0, 1_300_000.0);
    assertThat(decision.variants().get(1).effectScale())
        .isEqualTo(io.heed.core.model.EffectScale.PER_RECIPIENT);
  }

  @Test
  void aRatioIsReportedAsPerCentOfThePerClickRevenue() {
    String ratio =
        TWO_ARMS
            + "metrics: [{name: per-click, event: conversion, type: ratio, per: click, window: 24h}]\n";
    Map<Cell, Tally> cells = new HashMap<>(two(4_000, 400, 400, 20, 20).cells);
    Random random = new Random(2);
    for (int arm = 0; arm < 2; arm++) {
      Tally sum = Tally.NONE;
      for (int i = 0; i < 4_000; i++) {
        int clicks = random.nextInt(4);
        sum = sum.plus(Tally.ofValue((arm + 2L) * clicks * random.nextInt(5_000_000), clicks));
      }
      cells.put(new Cell(0, arm, 1), sum);
      cells.put(new Cell(0, arm, 2), Tally.of(4_000, 20));
    }
    Trail trail = new Trail(plan(ratio));
    trail.look(Totals.of(cells), T);
    ExperimentResultRow row =
        trail.report().rows(Totals.NONE, 1).stream()
            .filter(r -> r.metric().equals("per-click") && r.variantId().equals("offer"))
            .findFirst()
            .orElseThrow();
    assertThat(row.effectScale()).isEqualTo(io.heed.core.model.EffectScale.RELATIVE);
    assertThat(row.mean()).isBetween(7_200_000.0, 7_800_000.0);
    assertThat(row.effect()).isBetween(0.42, 0.58);
    assertThat(row.effectLower()).isBetween(0.3, 0.5);
    assertThat(row.pValue()).isLessThan(0.001);
  }

  @Test
  void wholeWeeksPassBeforeAnythingButHarmIsDecided() {
    String week = TWO_ARMS + "minimum_weeks: 1\n";
    long decided = START + 8 * DAY;
    Trail trail = new Trail(plan(week));
    ExperimentStatus early = trail.look(two(4_000, 400, 700, 20, 20).totals(), T);
    assertThat(early.state()).isEqualTo(ExperimentState.RUNNING);
    assertThat(early.dropped()).containsExactly(0);
    assertThat(trail.progress.dueAfter(trail.evaluator)).isEqualTo(decided);
    assertThat(trail.look(trail.last(), decided - HOUR).state()).isEqualTo(ExperimentState.RUNNING);
    assertThat(trail.look(trail.last(), decided).state()).isEqualTo(ExperimentState.WINNER);
    assertThat(evaluate(week, two(4_000, 400, 700, 20, 120)).state())
        .isEqualTo(ExperimentState.STOPPED_HARM);
    assertThat(evaluate(TWO_ARMS, two(4_000, 400, 700, 20, 20)).state())
        .isEqualTo(ExperimentState.WINNER);
  }

  @Test
  void aPlannedListIsTestedAtItsLooksOnly() {
    ExperimentStatus early = evaluate(PLANNED, two(1_900, 100, 400, 5, 5));
    assertThat(early.looks()).isEmpty();
    assertThat(early.comparisons()).isEmpty();
    ExperimentStatus first =
        evaluate(PLANNED, two(1_900, 100, 400, 5, 5), two(2_100, 110, 440, 22, 11));
    assertThat(first.looks()).containsExactly(0.21);
    assertThat(first.winner()).isOne();
    ExperimentStatus futile = evaluate(PLANNED, two(2_100, 210, 225, 11, 11));
    assertThat(futile.state()).isEqualTo(ExperimentState.RUNNING);
    futile = evaluate(PLANNED, two(2_100, 210, 225, 11, 11), two(4_100, 420, 380, 22, 22));
    assertThat(futile.reason()).isEqualTo(ReasonCode.FUTILE);
    ExperimentStatus full = evaluate(PLANNED, two(10_000, 1_000, 1_075, 50, 50));
    assertThat(full.reason()).isEqualTo(ReasonCode.HORIZON_REACHED);
    assertThat(full.looks()).containsExactly(1.0);
  }

  @Test
  void aBanditMovesSharesAndEveryMoveIsAnEpoch() {
    Trail trail = new Trail(plan(BANDIT));
    Counts counts = new Counts();
    for (int arm = 0; arm < 4; arm++) {
      counts.arm(arm, 400, 40 + 8 * arm, 2);
    }
    ExperimentStatus first = trail.look(counts.totals(), T - HOUR);
    assertThat(first.banditEpochs()).isEmpty();
    assertThat(trail.progress.dueAfter(trail.evaluator)).isEqualTo(T);
    ExperimentStatus second = trail.look(counts.totals(), T);
    assertThat(second.banditEpochs()).hasSize(1);
    ExperimentPlan.Epoch epoch = second.banditEpochs().get(0);
    assertThat(epoch.number()).isOne();
    assertThat(epoch.from()).isEqualTo(T);
    assertThat(epoch.shares().stream().mapToDouble(s -> s).sum()).isCloseTo(1, within(1e-12));
    assertThat(epoch.shares())
        .isSorted()
        .first()
        .satisfies(s -> assertThat(s).isCloseTo(0.05, within(0.02)));
    assertThat(epoch.shares().get(3)).isBetween(0.4, 0.5);
    ExperimentStatus third = trail.look(counts.totals(), T + HOUR);
    assertThat(third.allocation()).isEqualTo(epoch);
    assertThat(trail.progress.dueAfter(trail.evaluator)).isEqualTo(T + DAY);
  }

  /** A split that changes between epochs is neither a mismatch nor an effect. */
  @Test
  void epochsAreStratified() throws Exception {
    ExperimentPlans plans = new ExperimentPlans(0, DAY);
    plans.add(TestingExperiments.version(TWO_ARMS, "h1", START));
    ExperimentPlan plan =
        plans.add(
            TestingExperiments.version(
                TWO_ARMS.replaceFirst("weight: 1", "weight: 9"), "h2", START + DAY / 2));
    Counts counts =
        new Counts()
            .arm(0, 0, 500, 25, 2)
            .arm(0, 1, 500, 25, 2)
            .arm(1, 0, 900, 180, 4)
            .arm(1, 1, 100, 20, 0);
    Trail trail = new Trail(plan);
    assertThat(trail.look(counts.totals(), T).sampleRatioLogP()).isZero();
    ExperimentDecision decision = trail.report().decision(1, 1);
    assertThat(decision.variants().get(1).effect()).isCloseTo(0, within(1e-12));
    assertThat(decision.epoch()).isOne();
    assertThat(decision.allocation()).containsEntry("control", 0.9);
    assertThat(decision.configHash()).isEqualTo("h2");
  }

  @Test
  void reportsCarryWhatTheContractNames() {
    Trail trail = new Trail(plan(FOUR_ARMS + "holdout: 0.2\n"));
    Counts counts = new Counts();
    for (int arm = 0; arm < 5; arm++) {
      counts.arm(arm, 1_000, 100 + 20 * arm, 5);
    }
    trail.look(counts.totals(), T);
    ExperimentReport report = trail.report();
    ExperimentDecision decision = report.decision(7, 8);
    assertThat(decision.allocation().values().stream().mapToDouble(s -> s).sum())
        .isCloseTo(1, within(1e-12));
    assertThat(decision.allocation()).containsEntry("holdout", 0.2);
    assertThat(decision.variants())
        .extracting(v -> v.variantId())
        .containsExactly("control", "offer", "third", "fourth", "holdout");
    assertThat(decision.variants().get(0).effect()).isNull();
    assertThat(decision.variants().get(2).effect()).isCloseTo(0.4, within(1e-12));
    // The hold-out gets no message to opt out of: no guardrail there.
    assertThat(decision.guardrails()).hasSize(3);
    List<ExperimentResultRow> rows = report.rows(new Counts().arm(1, 50, 3, 0).totals(), 7);
    assertThat(rows).hasSize(10);
    assertThat(rows.get(1).immatureRecipients()).isEqualTo(50);
    assertThat(rows.get(1).pValueHolm()).isGreaterThanOrEqualTo(rows.get(3).pValueHolm());
    ExperimentDecision again = report.decision(9, 10);
    assertThat(again.decisionId()).isEqualTo(decision.decisionId()).hasSize(32);
  }

  /** At rare events non-inferiority takes for ever to show: a veto does not wait for it. */
  @Test
  void aGuardrailWithoutAnyEventDoesNotBlockAVeto() {
    String complaints = TWO_ARMS.replace("event: opt-out", "event: complaint");
    assertThat(evaluate(complaints, two(2_000, 200, 320, 0, 0)).state())
        .isEqualTo(ExperimentState.WINNER);
    Trail required =
        new Trail(plan(complaints.replace("0.5", "0.5\n    mode: require-non-inferior")));
    required.look(two(2_000, 200, 320, 0, 0).totals(), T);
    HeldBy held = required.report().decision(1, 1).heldBy();
    assertThat(held.guardrail()).isEqualTo("complaint");
    assertThat(held.variantId()).isEqualTo("offer");
    assertThat(held.recipientsMissing())
        .isCloseTo(
            Math.round(plan(complaints).config().nonInferioritySize(guardrail(complaints))) - 4_000,
            within(1L));
    Trail expired =
        new Trail(
            plan(
                complaints.replace("0.5", "0.5\n    mode: require-non-inferior")
                    + "horizon: 1d\n"));
    expired.look(two(2_000, 200, 320, 0, 0).totals(), T + DAY);
    assertThat(expired.progress.status().state()).isEqualTo(ExperimentState.EXPIRED);
    assertThat(expired.report().decision(1, 1).notShown())
        .containsExactly("non-inferiority of complaint in offer");
  }

  private static Guardrail guardrail(String document) {
    return plan(document).config().guardrails().get(0);
  }

  /** What a winner has to show sizes the test, too. */
  @Test
  void requiredNonInferioritySetsTheHorizon() {
    ExperimentConfig veto = plan(TWO_ARMS).config();
    ExperimentConfig required =
        plan(TWO_ARMS.replace("0.5", "0.25\n    mode: require-non-inferior")).config();
    assertThat(veto.horizonSize()).isEqualTo(2 * veto.fixedSize());
    assertThat(required.horizonSize())
        .isEqualTo(2 * required.nonInferioritySize(required.guardrails().get(0)))
        .isGreaterThan(10 * veto.horizonSize());
  }

  @Test
  void anInvalidResultPublishesNoEffect() {
    Trail trail = new Trail(plan(TWO_ARMS));
    trail.look(two(9_000, 900, 1_400, 40, 40).arm(0, 10_000, 1_000, 50).totals(), T);
    assertThat(trail.progress.status().state()).isEqualTo(ExperimentState.INVALID);
    ExperimentDecision decision = trail.report().decision(1, 1);
    assertThat(decision.allocation()).containsEntry("control", 0.5);
    assertThat(decision.variants())
        .allMatch(v -> v.effect() == null && v.effectLower() == null && v.pValue() == null)
        .allMatch(v -> v.recipients() > 0);
    assertThat(trail.report().rows(Totals.NONE, 1))
        .allMatch(r -> r.effect() == null && r.effectUpper() == null && r.pValue() == null)
        .allMatch(r -> r.pValueHolm() == null && !r.discovered());
    Trail control = new Trail(plan(TWO_ARMS + "on_invalid: control\n"));
    control.look(two(9_000, 900, 1_400, 40, 40).arm(0, 10_000, 1_000, 50).totals(), T);
    assertThat(control.report().decision(1, 1).allocation()).containsEntry("control", 1.0);
  }

  /** Of whatever ends a test against a hold-out, nothing stops the campaign for all. */
  @Test
  void noDecisionMakesTheHoldOutEverybodysArm() {
    String against =
        """
        id: test
        owner: o
        hypothesis: h
        variants: [{id: offer, weight: 1}]
        holdout: 0.5
        primary_metric: {event: click, window: 24h, expected_base_rate: 0.1}
        guardrails: [{event: conversion, margin: 0.25}]
        minimum_effect: 0.2
        start: 2026-03-02
        on_invalid: control
        horizon: 1d
        """;
    Counts invalid = new Counts().arm(0, 10_000, 1_000, 50).arm(1, 9_000, 900, 45);
    Counts harmful = new Counts().arm(0, 5_000, 500, 20).arm(1, 5_000, 500, 400);
    Counts worse = new Counts().arm(0, 5_000, 400, 50).arm(1, 5_000, 700, 50);
    Counts nothing = new Counts().arm(0, 300, 30, 5).arm(1, 300, 30, 5);
    Map<ExperimentState, Counts> ways =
        Map.of(
            ExperimentState.INVALID, invalid,
            ExperimentState.STOPPED_HARM, harmful,
            ExperimentState.WINNER, worse,
            ExperimentState.EXPIRED, nothing);
    ways.forEach(
        (state, counts) -> {
          Trail trail = new Trail(plan(against));
          ExperimentStatus status = trail.look(counts.totals(), T + DAY);
          assertThat(status.state()).isEqualTo(state);
          assertThat(status.allocation().shares()).containsExactly(0.5, 0.5);
        });
  }

  /** Sends first, then the hold-out's assignments of the same days. */
  @Test
  void aBackFillThatWritesSendsBeforeAssignmentsIsNoMismatch() {
    Trail trail =
        new Trail(plan(TWO_ARMS.replace("primary_metric", "holdout: 0.2\nprimary_metric")));
    ExperimentStatus sends = trail.add(T, two(4_000, 400, 410, 20, 20).totals(), T);
    assertThat(sends.state()).isEqualTo(ExperimentState.RUNNING);
    assertThat(sends.missing()).containsExactly(2);
    ExperimentStatus both = trail.add(T, new Counts().arm(2, 2_000, 0, 0).totals(), T + HOUR);
    assertThat(both.missing()).isEmpty();
    assertThat(both.state()).isEqualTo(ExperimentState.RUNNING);
    assertThat(both.sampleRatioLogP()).isGreaterThan(-1);
    assertThat(both.comparisons()).containsKey(new Pair(0, 0, 1));
    ExperimentStatus short1 = trail.add(T, new Counts().arm(2, 1_000, 0, 0).totals(), T + 2 * HOUR);
    assertThat(short1.state()).isEqualTo(ExperimentState.INVALID);
  }

  /** The sender's batches come one after the other, and are tested when the campaign has ended. */
  @Test
  void theSendersSplitIsTestedOncePerCampaign() {
    String sender = TWO_ARMS + "assigned_by: sender\n";
    Trail trail = new Trail(plan(sender));
    assertThat(trail.look(campaign(new Counts().arm(0, 2_000, 200, 10), 2_000, 0), T).state())
        .isEqualTo(ExperimentState.RUNNING);
    Totals both = campaign(two(2_000, 200, 200, 10, 10), 2_000, 2_000);
    ExperimentStatus second = trail.look(both, T + HOUR);
    assertThat(second.campaigns()).isZero();
    assertThat(trail.progress.dueAfter(trail.evaluator)).isEqualTo(T + 2 * HOUR);
    ExperimentStatus ended = trail.look(both, T + 2 * HOUR);
    assertThat(ended.campaigns()).isOne();
    assertThat(ended.sampleRatioLogP()).isZero();
    assertThat(trail.progress.matured().campaigns()).isEmpty();
    Trail wrong = new Trail(plan(sender));
    Totals short1 = campaign(new Counts().arm(0, 1_000, 100, 5).arm(1, 800, 88, 4), 1_000, 800);
    assertThat(wrong.look(short1, T).state()).isEqualTo(ExperimentState.RUNNING);
    assertThat(wrong.look(short1, T + HOUR).reason()).isEqualTo(ReasonCode.SAMPLE_RATIO_MISMATCH);
  }

  private static Totals campaign(Counts counts, long a, long b) {
    counts.cells.put(new Cell(0, 0, Totals.CAMPAIGN, 7), Tally.of(a, 0));
    counts.cells.put(new Cell(0, 1, Totals.CAMPAIGN, 7), Tally.of(b, 0));
    return counts.totals();
  }

  /** At every look of a random path: decision, p-value and interval say the same. */
  @Property(tries = 60)
  void decisionPValueAndIntervalNeverDisagree(
      @ForAll long seed, @ForAll @IntRange(min = 80, max = 140) int permille) {
    Random random = new Random(seed);
    String document = TWO_ARMS.replace("margin: 0.5", "margin: 5");
    Trail trail = new Trail(plan(document));
    ExperimentStatus status = ExperimentStatus.start(plan(document));
    long[] counts = new long[4];
    for (int look = 0; look < 60; look++) {
      for (int i = 0; i < 200; i++) {
        int arm = random.nextInt(2);
        counts[arm]++;
        counts[2 + arm] += random.nextInt(1_000) < (arm == 0 ? 100 : permille) ? 1 : 0;
      }
      Counts now = new Counts().arm(0, counts[0], counts[2], 0).arm(1, counts[1], counts[3], 0);
      ExperimentStatus next = trail.look(now.totals(), T + look * HOUR);
      var comparison = next.comparisons().get(new Pair(0, 0, 1));
      boolean rejects = comparison.running().pValue(1) <= 0.05;
      assertThat(comparison.interval().contains(0)).isEqualTo(!rejects);
      assertThat(next.dropped().isEmpty())
          .isEqualTo(!rejects || (next.isFinal() && next.winner() < 0));
      if (next.state() == ExperimentState.WINNER) {
        assertThat(rejects).isTrue();
        assertThat(next.winner() == 1).isEqualTo(comparison.interval().lower() > 0);
      }
      if (status.isFinal()) {
        assertThat(next.state()).isEqualTo(status.state());
      }
      status = next;
    }
  }

  /** Swapping the variants swaps the answer. */
  @Property(tries = 40)
  void symmetricUnderSwappingArms(
      @ForAll @IntRange(min = 50, max = 400) int a, @ForAll @IntRange(min = 50, max = 400) int b) {
    String veto = TWO_ARMS.replace("margin: 0.5", "margin: 5");
    ExperimentStatus one = evaluate(veto, two(2_000, a, b, 0, 0));
    ExperimentStatus other = evaluate(veto, two(2_000, b, a, 0, 0));
    var first = one.comparisons().get(new Pair(0, 0, 1));
    var second = other.comparisons().get(new Pair(0, 0, 1));
    assertThat(first.running().logP()).isCloseTo(second.running().logP(), within(1e-8));
    assertThat(one.winner() < 0).isEqualTo(other.winner() < 0);
    if (one.winner() >= 0) {
      assertThat(one.winner()).isEqualTo(1 - other.winner());
    }
  }

  /**
   * However the evaluations are interrupted, the trail is the same; nothing kept between matters.
   */
  @Test
  void statusSurvivesItsBinaryForm() throws IOException {
    Trail straight = new Trail(plan(BANDIT));
    ExperimentProgress interrupted = ExperimentProgress.START;
    for (int look = 1; look <= 40; look++) {
      // At every second look there is nothing new.
      long n = (look + 1L) / 2 * 2;
      Counts counts = two(40 * n, 4 * n, 5 * n, n / 10, n / 8);
      Totals totals = counts.arm(2, 40 * n, 4 * n, 0).arm(3, 40 * n, 3 * n, 0).totals();
      long instant = START + look * (6 * HOUR);
      Totals change = totals.plus(straight.last().negated());
      straight.look(totals, instant);
      BinaryWriter out = new BinaryWriter();
      interrupted.with(new TreeMap<>(Map.of(instant, change))).write(out);
      interrupted =
          ExperimentProgress.read(new BinaryReader(out.toByteArray()))
              .evaluated(new ExperimentEvaluator(plan(BANDIT)), instant, instant);
      assertThat(interrupted).isEqualTo(straight.progress);
    }
    assertThat(interrupted.matured().blocks(0)).hasSizeGreaterThan(10);
    assertThat(interrupted.status().banditEpochs()).isNotEmpty();
  }
}
