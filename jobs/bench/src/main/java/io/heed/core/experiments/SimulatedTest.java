package io.heed.core.experiments;

import io.heed.core.model.ExperimentState;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Plays one test of two arms through the evaluator, from its first recipient to its decision: with
 * the split, the order of the arms and the rates that are true, whatever its file says. Every step
 * is a block at most, so that it is looked at as often as can be.
 */
final class SimulatedTest {
  private static final double GROWTH = 0.02;
  private static final int LEAST_STEP = 2;
  private static final long CAMPAIGN = 1;

  private final ExperimentPlan plan;
  private final double shareB;
  private final int batch;
  private final double[][] rates;

  /**
   * @param plan of the test
   * @param shareB the true probability of arm B
   * @param batch recipients of one arm that are sent before as many of the other; 0 for none
   * @param rates true rates per arm, per metric: the primary one, then the guardrails
   */
  SimulatedTest(ExperimentPlan plan, double shareB, int batch, double[][] rates) {
    this.plan = plan;
    this.shareB = shareB;
    this.batch = batch;
    this.rates = rates;
  }

  /**
   * How a test ended.
   *
   * @param state its final state
   * @param winner number of the winner, -1 for none
   * @param recipients it took
   */
  record End(ExperimentState state, int winner, long recipients) {}

  ExperimentPlan plan() {
    return plan;
  }

  /** The same test with other recipients. */
  End run(ExperimentEvaluator evaluator, SplittableRandom random) {
    ExperimentProgress progress = ExperimentProgress.START;
    long every = plan.config().evaluateEveryMillis();
    long step = plan.stepOf(plan.config().start().toEpochMilli() + every);
    long recipients = 0;
    for (int batches = 0; ; batches++) {
      int[] units = new int[2];
      if (batch > 0) {
        units[batches % 2] = batch;
      } else {
        int size = Math.max(LEAST_STEP, (int) Math.ceil(GROWTH * recipients));
        for (int i = 0; i < size; i++) {
          units[random.nextDouble() < shareB ? 1 : 0]++;
        }
      }
      recipients += units[0] + units[1];
      progress =
          progress
              .with(new TreeMap<>(Map.of(step, totals(units, random))))
              .evaluated(evaluator, step, batches);
      ExperimentStatus status = progress.status();
      if (status.isFinal()) {
        return new End(status.state(), status.winner(), recipients);
      }
      // After both batches the campaign pauses for long enough to have ended.
      step += batch > 0 && batches % 2 == 1 ? 3 * every : every;
    }
  }

  private Totals totals(int[] units, SplittableRandom random) {
    Map<Totals.Cell, Tally> cells = new HashMap<>();
    int others = plan.config().metrics().size();
    for (int arm = 0; arm < 2; arm++) {
      cells.put(new Totals.Cell(0, arm, Totals.ASSIGNED), Tally.of(units[arm], 0));
      if (batch > 0) {
        Totals.Cell cell = new Totals.Cell(0, arm, Totals.CAMPAIGN, CAMPAIGN);
        cells.put(cell, Tally.of(units[arm], 0));
      }
      for (int metric = 0; metric < rates.length; metric++) {
        int successes = 0;
        for (int i = 0; i < units[arm]; i++) {
          successes += random.nextDouble() < rates[metric][arm] ? 1 : 0;
        }
        int number = metric == 0 ? 0 : metric + others;
        cells.put(new Totals.Cell(0, arm, number), Tally.of(units[arm], successes));
      }
    }
    return Totals.of(cells);
  }
}
