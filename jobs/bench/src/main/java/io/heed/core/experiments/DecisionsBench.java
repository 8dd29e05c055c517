package io.heed.core.experiments;

import io.heed.core.config.ConfigException;
import io.heed.core.experiments.SimulatedTest.End;
import io.heed.core.experiments.StatisticsBench.Finding;
import io.heed.core.model.ExperimentState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Whole tests through the evaluator, looked at as often as can be: false winners however the
 * recipients are split and sent, and whatever rate was expected; right winners where there are any.
 */
public final class DecisionsBench {
  private static final double ALPHA = 0.05;
  private static final double[][] NOTHING = {{0.02, 0.02}, {0.005, 0.005}};
  private static final int RUNS_PER_EVALUATOR = 25;

  private final int runs;
  private final Consumer<Finding> out;

  private DecisionsBench(int runs, Consumer<Finding> out) {
    this.runs = runs;
    this.out = out;
  }

  /**
   * Runs every simulation.
   *
   * @param runs per cell
   * @param shipped the shipped test that is to have its power
   * @param out takes each finding as soon as it is there
   * @return whether every goal is met
   */
  public static boolean run(int runs, Path shipped, Consumer<Finding> out) throws IOException {
    List<Finding> findings = new ArrayList<>();
    DecisionsBench bench =
        new DecisionsBench(
            runs,
            finding -> {
              findings.add(finding);
              out.accept(finding);
            });
    bench.falseWinners();
    bench.nonInferior();
    bench.rightWinners(Files.readString(shipped));
    return findings.stream().allMatch(Finding::met);
  }

  private void falseWinners() {
    for (double shareB : new double[] {0.5, 0.505, 0.52, 0.6, 0.1}) {
      noEffect(
          "split %.1f/%.1f, expected 50/50".formatted(100 * (1 - shareB), 100 * shareB),
          test(document("0.02", "gate"), shareB, 0, NOTHING));
    }
    for (int batch : new int[] {500, 2_000, 5_000}) {
      noEffect(
          "A's batch of %,d before B's, assigned by the sender".formatted(batch),
          test(document("0.02", "sender"), 0.5, batch, NOTHING));
    }
    for (String expected : new String[] {"0.005", "0.08"}) {
      noEffect("rate 2 %, expected " + expected, test(document(expected, "gate"), 0.5, 0, NOTHING));
    }
  }

  /** A variant that is worse by just the margin, and one that is as good as the control. */
  private void nonInferior() {
    String document =
        document("0.02", "gate")
            .replace("window: 1h", "window: 1h, goal: non-inferior, margin: 0.2");
    for (double shareB : new double[] {0.5, 0.52, 0.1}) {
      double[][] atMargin = {{0.02, 0.016}, {0.005, 0.005}};
      List<End> ends = play(test(document, shareB, 0, atMargin));
      out.accept(
          Finding.share(
              "not worse by 20 %%, but is: split %.0f/%.0f, expected 50/50"
                  .formatted(100 * (1 - shareB), 100 * shareB),
              ends.stream().filter(end -> end.winner() == 1).count(),
              runs,
              Double.NEGATIVE_INFINITY,
              ALPHA));
    }
    right("not worse by 20 %, as good as the control", test(document, 0.5, 0, NOTHING), 0.8);
  }

  private void noEffect(String what, SimulatedTest test) {
    List<End> ends = play(test);
    share("false winners, " + what, ends, ExperimentState.WINNER);
    // What is not sent as the file says is no evidence of harm, either.
    share("  of these stopped for harm", ends, ExperimentState.STOPPED_HARM);
  }

  private void share(String what, List<End> ends, ExperimentState state) {
    long hits = ends.stream().filter(end -> end.state() == state).count();
    out.accept(Finding.share(what, hits, runs, Double.NEGATIVE_INFINITY, ALPHA));
  }

  private void rightWinners(String shipped) {
    double[][] better = {{0.02, 0.026}, {0.005, 0.005}};
    right(
        "right winners, A's batches of 2,000 before B's, 1.3 times the rate",
        test(document("0.02", "sender"), 0.5, 2_000, better),
        0.9);
    right(
        "right winners, deals-emoji at its planned effect",
        test(shipped, 0.5, 0, new double[][] {{0.07, 0.0805}, {0.005, 0.005}}),
        0.8);
  }

  private void right(String what, SimulatedTest test, double least) {
    List<End> ends = play(test);
    long hits = ends.stream().filter(end -> end.winner() == 1).count();
    out.accept(Finding.share(what, hits, runs, least, 1));
    double mean = ends.stream().mapToLong(End::recipients).average().orElseThrow();
    out.accept(
        new Finding("  recipients on average", mean, 0, 0, test.plan().config().horizonSize()));
  }

  /** The same ends on every machine, whatever the number of its processors. */
  private List<End> play(SimulatedTest test) {
    End[] ends = new End[runs];
    IntStream.range(0, (runs + RUNS_PER_EVALUATOR - 1) / RUNS_PER_EVALUATOR)
        .parallel()
        .forEach(
            chunk -> {
              ExperimentEvaluator evaluator = ExperimentEvaluator.deciding(test.plan());
              int first = chunk * RUNS_PER_EVALUATOR;
              for (int run = first; run < Math.min(runs, first + RUNS_PER_EVALUATOR); run++) {
                ends[run] = test.run(evaluator, new SplittableRandom(1_000_003L * run));
              }
            });
    return List.of(ends);
  }

  private static SimulatedTest test(String document, double shareB, int batch, double[][] rates) {
    try {
      ExperimentPlan plan = ExperimentPlan.of(ExperimentReader.parse("bench", document), "");
      return new SimulatedTest(plan, new TwoArmSending(plan, shareB, batch), rates);
    } catch (ConfigException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String document(String expected, String assignedBy) {
    return """
    id: bench
    owner: bench
    hypothesis: bench
    variants: [{id: a, weight: 1}, {id: b, weight: 1}]
    primary_metric: {event: click, window: 1h, expected_base_rate: %s}
    guardrails: [{event: opt-out}]
    minimum_effect: 0.2
    start: 2026-01-01
    assigned_by: %s
    """
        .formatted(expected, assignedBy);
  }
}
