package io.heed.core.experiments;

import io.heed.core.model.ExperimentState;
import io.heed.core.model.ReasonCode;
import io.heed.core.statistics.BinomialSampler;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Plays one test through the evaluator, from its first recipient to its decision: with the split,
 * the order of the arms and the rates that are true, whatever its file says. Metrics that do not
 * decide are left out.
 */
final class SimulatedTest {
  private static final long CAMPAIGN = 1;

  private final ExperimentPlan plan;
  private final Sending sending;
  private final double[][] rates;
  private final double[] valueFactors;

  /** How the recipients come. */
  interface Sending {
    /**
     * The next units, per arm.
     *
     * @param shares the allocation of this moment
     * @param recipients who have come before
     */
    long[] next(List<Double> shares, long recipients, SplittableRandom random);

    /**
     * The step at which they count, epoch milliseconds.
     *
     * @param recipients who have come by then
     * @param number of the step, from 0
     */
    long step(long recipients, int number);

    /** Whether they come in campaigns, whose totals are the sample ratio. */
    default boolean inCampaigns() {
      return false;
    }
  }

  /**
   * How a test ended.
   *
   * @param state its final state
   * @param reason why
   * @param winner number of the winner, -1 for none
   * @param recipients it took
   */
  record End(ExperimentState state, ReasonCode reason, int winner, long recipients) {}

  /**
   * @param plan of the test
   * @param sending how the recipients come
   * @param rates true rates per metric, the primary one and then the guardrails, per arm
   */
  SimulatedTest(ExperimentPlan plan, Sending sending, double[]... rates) {
    this(plan, sending, rates, ones(plan.arms().size()));
  }

  /**
   * @param valueFactors by which the amounts of a converter exceed the expected ones, per arm
   */
  SimulatedTest(ExperimentPlan plan, Sending sending, double[][] rates, double[] valueFactors) {
    this.plan = plan;
    this.sending = sending;
    this.rates = rates;
    this.valueFactors = valueFactors;
  }

  private static double[] ones(int arms) {
    double[] ones = new double[arms];
    Arrays.fill(ones, 1);
    return ones;
  }

  ExperimentPlan plan() {
    return plan;
  }

  /** The same test with other recipients. */
  End run(ExperimentEvaluator evaluator, SplittableRandom random) {
    ExperimentProgress progress = play(evaluator, random);
    ExperimentStatus status = progress.status();
    long recipients = 0;
    for (int arm = 0; arm < plan.arms().size(); arm++) {
      recipients += progress.matured().totals().of(arm, 0).recipients();
    }
    return new End(status.state(), status.reason(), status.winner(), recipients);
  }

  /** The same, with everything that was counted and concluded. */
  ExperimentProgress play(ExperimentEvaluator evaluator, SplittableRandom random) {
    ExperimentProgress progress = ExperimentProgress.START;
    long recipients = 0;
    long last = Long.MIN_VALUE;
    for (int number = 0; ; number++) {
      ExperimentStatus status = progress.status(plan);
      if (status.isFinal()) {
        return progress;
      }
      long[] units = sending.next(status.allocation().shares(), recipients, random);
      long step = Math.max(last + 1, sending.step(recipients + Arrays.stream(units).sum(), number));
      if (step > plan.expiresAt()) {
        // They would come after the horizon.
        step = plan.expiresAt();
        Arrays.fill(units, 0);
      }
      last = step;
      recipients += Arrays.stream(units).sum();
      progress =
          progress
              .with(
                  new TreeMap<>(Map.of(step, totals(status.allocation().number(), units, random))))
              .evaluated(evaluator, step, number);
    }
  }

  private Totals totals(int epoch, long[] units, SplittableRandom random) {
    Map<Totals.Cell, Tally> cells = new HashMap<>();
    int others = plan.config().metrics().size();
    for (int arm = 0; arm < units.length; arm++) {
      cells.put(new Totals.Cell(epoch, arm, Totals.ASSIGNED), Tally.of(units[arm], 0));
      if (sending.inCampaigns()) {
        Totals.Cell cell = new Totals.Cell(epoch, arm, Totals.CAMPAIGN, CAMPAIGN);
        cells.put(cell, Tally.of(units[arm], 0));
      }
      for (int metric = 0; metric < rates.length; metric++) {
        int number = metric == 0 ? 0 : metric + others;
        long successes = BinomialSampler.sample(random, units[arm], rates[metric][arm]);
        boolean mean = plan.metrics().get(number).isMean();
        cells.put(
            new Totals.Cell(epoch, arm, number),
            mean
                ? Tally.of(units[arm] - successes, 0).plus(bought(arm, successes, random))
                : Tally.of(units[arm], successes));
      }
    }
    return Totals.of(cells);
  }

  /** Log-normal amounts with the mean and the deviation that the file expects. */
  private Tally bought(int arm, long converters, SplittableRandom random) {
    Metric metric = plan.config().primaryMetric();
    double mean = metric.expectedValueMicros();
    double spread = metric.expectedDeviationMicros() / mean;
    double logVariance = Math.log1p(spread * spread);
    Tally sum = Tally.NONE;
    for (long i = 0; i < converters; i++) {
      double log = Math.sqrt(logVariance) * random.nextGaussian() - logVariance / 2;
      sum = sum.plus(Tally.ofValue(Math.round(valueFactors[arm] * mean * Math.exp(log)), 0));
    }
    return sum;
  }
}
