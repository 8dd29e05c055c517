package io.heed.core.experiments;

import io.heed.core.experiments.SimulatedTest.End;
import io.heed.core.model.ExperimentState;
import io.heed.core.model.ReasonCode;
import io.heed.core.statistics.BinomialSampler;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * How an experiment ends, by playing it through the engine many times: the whole decision, with
 * futility, guardrails and all arms. One variant, the one with the fewest recipients, is better;
 * the others are like the control, and so is every guardrail. Where the goal is non-inferiority all
 * variants are worse, and any of them may win. The same runs on every machine.
 *
 * <p>Arms get exactly their shares: how a block's units are split is no evidence, and a constant
 * split saves most of the work.
 */
final class PowerSimulation {
  private static final double MILLIS_PER_HOUR = 3_600_000;
  private static final double GROWTH = 0.02;
  private static final int LEAST_OF_FIRST_BLOCK = 50;
  private static final int RUNS_PER_EVALUATOR = 25;

  /** Shares that are multiples of one over at most this many are kept exactly. */
  private static final int MOST_PARTS = 1_000;

  private static final double CLOSE = 1e-9;

  /** Where time ends, in milliseconds: three million years. */
  private static final double LATEST = 1e17;

  private final ExperimentPlan plan;
  private final ExperimentConfig config;
  private final double perHour;
  private final List<Integer> differing;

  /**
   * @param perHour recipients per hour, of all arms together: with {@code evaluate_every} how many
   *     come from one evaluation to the next
   */
  PowerSimulation(ExperimentConfig config, double perHour) {
    this.config = config;
    this.plan = ExperimentPlan.of(config, "");
    this.perHour = perHour;
    double[] shares = config.shares();
    List<Integer> treatments =
        IntStream.range(0, shares.length)
            .filter(arm -> arm != config.controlArm() && config.competes(arm))
            .boxed()
            .sorted(Comparator.comparingDouble(arm -> shares[arm]))
            .toList();
    this.differing = config.isNonInferiority() ? treatments : treatments.subList(0, 1);
  }

  /**
   * How the runs ended.
   *
   * @param right numbers of the arms that are to win
   * @param ends of all runs, in their order
   */
  record Outcomes(List<Integer> right, List<End> ends) {
    /** The share of runs in which a right arm won; its standard error is {@link #error}. */
    double power() {
      return share(this::isRight);
    }

    private boolean isRight(End end) {
      return end.state() == ExperimentState.WINNER && right.contains(end.winner());
    }

    /** The share of runs in which some arm won. */
    double winners() {
      return share(end -> end.state() == ExperimentState.WINNER);
    }

    double share(ExperimentState state, ReasonCode reason) {
      return share(end -> end.state() == state && end.reason() == reason);
    }

    private double share(Predicate<End> such) {
      return (double) ends.stream().filter(such).count() / ends.size();
    }

    /** The standard error of a share. */
    double error(double share) {
      return Math.sqrt(share * (1 - share) / ends.size());
    }

    double meanRecipients() {
      return ends.stream().mapToLong(End::recipients).average().orElseThrow();
    }

    /** Recipients by which a right arm had won in that share of all runs; NaN if never. */
    double recipientsFor(double share) {
      long[] right =
          ends.stream().filter(this::isRight).mapToLong(End::recipients).sorted().toArray();
      int last = (int) Math.ceil(share * ends.size()) - 1;
      return last < right.length ? right[last] : Double.NaN;
    }
  }

  /**
   * Plays the experiment.
   *
   * @param multiple of the minimum effect by which the variant is better, or of the margin by which
   *     all variants are worse
   * @param runs how often
   * @param progress is called after every run, by several threads
   */
  Outcomes run(double multiple, int runs, Runnable progress) {
    SimulatedTest test =
        new SimulatedTest(plan, new Steady(), rates(multiple), valueFactors(multiple));
    End[] ends = new End[runs];
    IntStream.range(0, (runs + RUNS_PER_EVALUATOR - 1) / RUNS_PER_EVALUATOR)
        .parallel()
        .forEach(
            chunk -> {
              ExperimentEvaluator evaluator = ExperimentEvaluator.deciding(plan);
              int first = chunk * RUNS_PER_EVALUATOR;
              for (int run = first; run < Math.min(runs, first + RUNS_PER_EVALUATOR); run++) {
                ends[run] = test.run(evaluator, new SplittableRandom(run));
                progress.run();
              }
            });
    return new Outcomes(differing, List.of(ends));
  }

  private double[][] rates(double multiple) {
    double[][] rates = new double[1 + config.guardrails().size()][plan.arms().size()];
    double rate = config.primaryMetric().expectedBaseRate();
    Arrays.fill(rates[0], rate);
    for (int arm : differing) {
      rates[0][arm] =
          config.isNonInferiority()
              ? config.worsened(rate, multiple)
              : config.improved(rate, multiple);
    }
    for (int g = 0; g < config.guardrails().size(); g++) {
      Arrays.fill(rates[1 + g], config.guardrails().get(g).metric().expectedBaseRate());
    }
    return rates;
  }

  /** More converters bring more revenue; where there cannot be more of them, each brings more. */
  private double[] valueFactors(double multiple) {
    double[] factors = new double[plan.arms().size()];
    Arrays.fill(factors, 1);
    double rate = config.primaryMetric().expectedBaseRate();
    if (!config.isNonInferiority()) {
      factors[differing.get(0)] =
          (1 + multiple * config.minimumEffect()) / (config.improved(rate, multiple) / rate);
    }
    return factors;
  }

  /** Recipients at the same pace all the time, evaluated as often as the engine would. */
  private final class Steady implements SimulatedTest.Sending {
    private final long parts = parts(config.shares());
    private final List<Double> planned = plan.epochs().get(0).shares();

    @Override
    public long[] next(List<Double> shares, long recipients, SplittableRandom random) {
      double first = recipients == 0 ? LEAST_OF_FIRST_BLOCK / leastShare(shares) : 1;
      double everyHours = config.evaluateEveryMillis() / MILLIS_PER_HOUR;
      double wanted = Math.max(Math.max(first, GROWTH * recipients), perHour * everyHours);
      wanted = Math.min(wanted, untilNextLook(recipients));
      long size = (long) Math.ceil(wanted / parts - CLOSE) * parts;
      return shares.equals(planned) ? exactly(recipients, size) : drawn(shares, size, random);
    }

    private static double leastShare(List<Double> shares) {
      return shares.stream().mapToDouble(s -> s).filter(s -> s > 0).min().orElseThrow();
    }

    /** A planned list is evaluated at its looks only. */
    private double untilNextLook(long recipients) {
      if (config.design() instanceof Design.PlannedList list) {
        double between = list.plannedRecipients() / list.looks();
        return (Math.floor(recipients / between + CLOSE) + 1) * between - recipients;
      }
      return Double.POSITIVE_INFINITY;
    }

    private long[] exactly(long recipients, long size) {
      long[] units = new long[planned.size()];
      double before = 0;
      double through = 0;
      for (int arm = 0; arm < units.length; arm++) {
        before = through;
        through = arm == units.length - 1 ? 1 : through + planned.get(arm);
        units[arm] =
            Math.round((recipients + size) * through)
                - Math.round((recipients + size) * before)
                - (Math.round(recipients * through) - Math.round(recipients * before));
      }
      return units;
    }

    private static long[] drawn(List<Double> shares, long size, SplittableRandom random) {
      long[] units = new long[shares.size()];
      long left = size;
      double share = 1;
      for (int arm = 0; arm < units.length; arm++) {
        double part = share > 0 ? Math.min(1, shares.get(arm) / share) : 0;
        units[arm] = arm == units.length - 1 ? left : BinomialSampler.sample(random, left, part);
        left -= units[arm];
        share -= shares.get(arm);
      }
      return units;
    }

    @Override
    public long step(long recipients, int number) {
      double after = config.primaryMetric().windowMillis() + recipients / perHour * MILLIS_PER_HOUR;
      return plan.stepOf(config.start().toEpochMilli() + Math.round(Math.min(after, LATEST)));
    }
  }

  /** The smallest number of recipients of which every arm gets a whole number; 1 if it is large. */
  private static long parts(double[] shares) {
    for (int parts = 1; parts <= MOST_PARTS; parts++) {
      int number = parts;
      if (Arrays.stream(shares)
          .allMatch(s -> Math.abs(s * number - Math.rint(s * number)) < CLOSE)) {
        return parts;
      }
    }
    return 1;
  }
}
