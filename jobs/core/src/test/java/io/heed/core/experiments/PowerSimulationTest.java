package io.heed.core.experiments;

import static io.heed.core.experiments.TestingExperiments.TWO_ARMS;
import static io.heed.core.experiments.TestingExperiments.config;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.heed.core.experiments.PowerSimulation.Outcomes;
import io.heed.core.experiments.SimulatedTest.End;
import io.heed.core.model.ExperimentState;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.VariantEstimate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PowerSimulationTest {
  private static final String THIRD_ARM = "  - id: third\n    weight: 2\nprimary_metric";

  private static Outcomes play(String document, double multiple, int runs) {
    return new PowerSimulation(config(document), 1_000).run(multiple, runs, () -> {});
  }

  /** What finds no intervals ends every test as what finds them does. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "equivalence_margin: 0.15",
        "third",
        "third\nequivalence_margin: 0.4",
        "no worse",
        "third\nno worse",
        "design: {type: planned-list, size: 9000, looks: 5}",
        "design: {type: planned-list, size: 9000, looks: 5}\nequivalence_margin: 0.15",
        "design: {type: planned-list, size: 9000, looks: 5}\nno worse",
      })
  void decidesAsTheWholeEngine(String settings) {
    String document =
        settings.startsWith("third")
            ? TWO_ARMS.replace("primary_metric", THIRD_ARM) + settings.substring(5)
            : TWO_ARMS + settings;
    if (settings.endsWith("no worse")) {
      document = nonInferior(document.replace("no worse", ""));
    }
    Set<ReasonCode> reasons = EnumSet.noneOf(ReasonCode.class);
    ExperimentPlan plan = ExperimentPlan.of(config(document), "");
    int arms = plan.arms().size();
    for (double offer : new double[] {0.1, 0.112, 0.125}) {
      double[] rates = new double[arms];
      double[] optOuts = new double[arms];
      Arrays.fill(rates, 0.1);
      Arrays.fill(optOuts, 0.005);
      rates[1] = offer;
      SimulatedTest test = new SimulatedTest(plan, new Shuffled(plan), rates, optOuts);
      for (int run = 0; run < 3; run++) {
        End whole = test.run(new ExperimentEvaluator(plan), new SplittableRandom(run));
        End quick = test.run(ExperimentEvaluator.deciding(plan), new SplittableRandom(run));
        assertThat(quick).isEqualTo(whole);
        reasons.add(whole.reason());
      }
    }
    if (settings.endsWith("equivalence_margin: 0.4")) {
      assertThat(reasons).contains(ReasonCode.EVIDENCE_OF_EQUIVALENCE);
    }
  }

  private static String nonInferior(String document) {
    return document.replace(
        "primary_metric:", "primary_metric:\n  goal: non-inferior\n  margin: 0.2");
  }

  /** The planned case is that the variant is as good; at the margin it is no winner. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "event: click",
        "event: opt-out",
        "event: conversion\n  type: revenue\n  expected_value: 40\n  expected_deviation: 20",
      })
  void nonInferiorityHasItsPowerAndItsLevel(String metric) {
    String document =
        nonInferior(TWO_ARMS)
            .replace("event: click", metric)
            .replace("- event: opt-out", "- event: complaint");
    assertThat(play(document, 0, 60).power()).isGreaterThanOrEqualTo(0.7);
    assertThat(play(document, 1, 60).power()).isLessThanOrEqualTo(0.1);
    Outcomes worse = play(document, 3, 20);
    assertThat(worse.power()).isZero();
    assertThat(worse.winners()).as("of the control").isGreaterThanOrEqualTo(0.8);
  }

  /** Recipients who are drawn one by one. */
  private record Shuffled(ExperimentPlan plan) implements SimulatedTest.Sending {
    @Override
    public long[] next(List<Double> shares, long recipients, SplittableRandom random) {
      long[] units = new long[shares.size()];
      for (long i = 0; i < Math.max(20, recipients / 50); i++) {
        double draw = random.nextDouble();
        int arm = 0;
        while (arm < units.length - 1 && draw >= shares.get(arm)) {
          draw -= shares.get(arm++);
        }
        units[arm]++;
      }
      return units;
    }

    @Override
    public long step(long recipients, int number) {
      return plan.stepOf(plan.config().start().toEpochMilli())
          + plan.config().evaluateEveryMillis() * (1 + number);
    }
  }

  @Test
  void theShippedTestHasItsPower() throws IOException {
    String file = Files.readString(Path.of("../../experiment-config/experiments/deals-emoji.yaml"));
    Outcomes planned = play(file, 1, 200);
    assertThat(planned.power()).isBetween(0.74, 0.92);
    assertThat(planned.meanRecipients()).isBetween(15_000.0, 22_000.0);
    Outcomes nothing = play(file, 0, 100);
    assertThat(nothing.winners()).isLessThanOrEqualTo(0.05);
  }

  /** A formula for one pair says 94 %. */
  @Test
  void everyArmMustBeBeaten() {
    String five =
        TWO_ARMS.replace(
            "primary_metric",
            "  - {id: c, weight: 1}\n  - {id: d, weight: 1}\n  - {id: e, weight: 1}\nprimary_metric");
    assertThat(play(five, 1, 100).power()).isBetween(0.66, 0.84);
  }

  @Test
  void revenueHasTheEffectThatIsPlanned() {
    String revenue =
        TWO_ARMS.replace(
            "event: click",
            "event: conversion\n  type: revenue\n  expected_value: 40\n  expected_deviation: 20");
    assertThat(play(revenue, 1, 100).power()).isBetween(0.65, 0.95);
    assertThat(play(revenue, 0, 100).winners()).isLessThanOrEqualTo(0.07);
  }

  /** What an effect is estimated to be once its test has stopped, in true effects. */
  private static double[] estimates(String document, double[][] rates, double effect) {
    ExperimentPlan plan = ExperimentPlan.of(config(document), "");
    SimulatedTest test = new SimulatedTest(plan, new Shuffled(plan), rates);
    double plain = 0;
    double shrunk = 0;
    int winners = 0;
    for (int run = 0; run < 150; run++) {
      ExperimentEvaluator evaluator = ExperimentEvaluator.deciding(plan);
      ExperimentProgress progress = test.play(evaluator, new SplittableRandom(run));
      if (progress.status().winner() == 1) {
        VariantEstimate offer =
            new ExperimentReport(evaluator, progress).decision(1, 1).variants().get(1);
        plain += offer.effect() / effect;
        shrunk += offer.effectShrunk() / effect;
        winners++;
      }
    }
    return new double[] {plain / winners, shrunk / winners};
  }

  @Test
  void anEffectAtTheEndIsOptimisticAndItsShrunkFormLessSo() {
    for (double effect : new double[] {0.1, 0.2, 0.4}) {
      double[][] rates = {{0.1, 0.1 * (1 + effect)}, {0.005, 0.005}};
      double[] estimates = estimates(TWO_ARMS, rates, effect);
      assertThat(estimates[0]).isGreaterThan(1.2);
      assertThat(Math.abs(estimates[1] - 1)).isLessThan(estimates[0] - 1);
    }
    double[] asPlanned = estimates(TWO_ARMS, new double[][] {{0.1, 0.12}, {0.005, 0.005}}, 0.2);
    assertThat(asPlanned[1]).isBetween(0.9, 1.25);
  }

  @Test
  void theSameRunsEveryTime() {
    assertThat(play(TWO_ARMS, 1, 60)).isEqualTo(play(TWO_ARMS, 1, 60));
  }

  @Test
  void aHorizonEndsTheTest() {
    Outcomes brief = play(TWO_ARMS + "horizon: 2h\n", 0.5, 20);
    assertThat(brief.ends())
        .allMatch(end -> end.recipients() <= 2_000)
        .anyMatch(end -> end.state() == ExperimentState.EXPIRED);
  }

  /** What it calls the smallest effect is found with the planned power. */
  @Test
  void theSmallestEffectIsFound() {
    ExperimentConfig config = config(TWO_ARMS);
    double effect = new SmallestEffect(config, play(TWO_ARMS, 1, 200)).of(30_000);
    assertThat(effect).isBetween(0.08, 0.14);
    String document = TWO_ARMS.replace("minimum_effect: 0.2", "minimum_effect: " + effect);
    Outcomes there = play(document, 1, 200);
    double by =
        there.ends().stream()
                .filter(e -> there.right().contains(e.winner()) && e.recipients() <= 30_000)
                .count()
            / 200.0;
    assertThat(by).isCloseTo(0.8, within(0.08));
    assertThat(new SmallestEffect(config, there).of(10)).isNaN();
  }
}
