package io.heed.core.statistics;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import org.apache.commons.math3.analysis.solvers.BrentSolver;
import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * The group-sequential test of a planned list: a few looks at known fractions of the planned
 * information, with boundaries that spend α (Lan and DeMets) and a non-binding futility boundary
 * that spends β. The looks need not come when they were planned.
 *
 * @param alpha the level, two-sided: α/2 is spent per side
 * @param beta one minus the planned power
 * @param spending how both are spent
 */
public record GroupSequentialTest(double alpha, double beta, SpendingFunction spending) {
  private static final double Z_ACCURACY = 1e-10;
  private static final int MAX_EVALUATIONS = 200;

  /** Nothing worth a boundary: z would be beyond 11. */
  private static final double NOTHING_TO_SPEND = 1e-30;

  private static final double HIGHEST_Z = 12;

  /**
   * The boundaries of a series of looks.
   *
   * @param fractions information at the looks, ascending, of the planned information
   * @param critical z from which on the test rejects; infinite where nothing is spent
   * @param futility z below which the planned effect is unlikely to be found; negative infinity
   *     where nothing is spent; at full information the critical value itself
   */
  @SuppressWarnings("ArrayRecordComponent") // internal tables, never compared
  public record Boundaries(double[] fractions, double[] critical, double[] futility) {}

  /** α = 0.05 two-sided, β = 0.2, O'Brien-Fleming type spending. */
  public static GroupSequentialTest withDefaults() {
    return new GroupSequentialTest(0.05, 0.2, SpendingFunction.OBRIEN_FLEMING);
  }

  /** Another spending function. */
  public GroupSequentialTest with(SpendingFunction spending) {
    return new GroupSequentialTest(alpha, beta, spending);
  }

  /** Another two-sided level. */
  public GroupSequentialTest withAlpha(double alpha) {
    return new GroupSequentialTest(alpha, beta, spending);
  }

  /** Another type-II error. */
  public GroupSequentialTest withBeta(double beta) {
    return new GroupSequentialTest(alpha, beta, spending);
  }

  /** The fractions of equally spaced looks. */
  public static double[] equallySpaced(int looks) {
    double[] fractions = new double[looks];
    Arrays.setAll(fractions, k -> (k + 1.0) / looks);
    return fractions;
  }

  /** The critical values of the looks, which do not depend on the futility boundary. */
  public double[] criticalValues(double... fractions) {
    double[] critical = new double[fractions.length];
    double shortest = shortestStep(fractions);
    ScoreProcess process = ScoreProcess.start(0, shortest);
    double spent = 0;
    for (int k = 0; k < fractions.length; k++) {
      double t = fractions[k];
      double spend = spending.spent(alpha / 2, t) - spent;
      spent += spend;
      ScoreProcess last = process;
      critical[k] = solve(spend, z -> last.above(t, z), Double.POSITIVE_INFINITY);
      process = process.continueBetween(t, Double.NEGATIVE_INFINITY, critical[k]);
    }
    return critical;
  }

  /**
   * Critical values and futility boundary.
   *
   * @param drift the expected z at full information under the planned effect, see {@link #drift}
   * @param fractions information at the looks
   */
  public Boundaries boundaries(double drift, double... fractions) {
    double[] critical = criticalValues(fractions);
    double[] futility = new double[fractions.length];
    futile(drift, fractions, critical, futility);
    return new Boundaries(fractions.clone(), critical, futility);
  }

  /**
   * Fills in the futility boundary.
   *
   * @return the error of the second kind that the drift leads to
   */
  private double futile(double drift, double[] fractions, double[] critical, double[] futility) {
    ScoreProcess process = ScoreProcess.start(drift, shortestStep(fractions));
    double spent = 0;
    for (int k = 0; k < fractions.length; k++) {
      double t = fractions[k];
      if (t >= 1) {
        futility[k] = critical[k];
        return spent + process.below(t, critical[k]);
      }
      double spend = spending.spent(beta, t) - spent;
      if (process.below(t, critical[k]) <= spend) {
        // The drift is so large that nobody is left to continue.
        System.arraycopy(critical, k, futility, k, critical.length - k);
        return spent + process.below(t, critical[k]);
      }
      ScoreProcess last = process;
      futility[k] = solve(spend, z -> last.below(t, z), Double.NEGATIVE_INFINITY);
      spent += spend;
      process = process.continueBetween(t, futility[k], critical[k]);
    }
    return spent;
  }

  /**
   * The expected z at full information at which the planned looks, futility included, have power 1
   * − β. Its square over {@code (z_{α/2} + z_β)²} is the inflation of the fixed-horizon size.
   *
   * @param plannedFractions the planned looks, the last one at 1
   */
  public double drift(double... plannedFractions) {
    double[] critical = criticalValues(plannedFractions);
    double[] futility = new double[plannedFractions.length];
    double fixed = fixedDrift();
    return new BrentSolver(Z_ACCURACY, Z_ACCURACY)
        .solve(
            MAX_EVALUATIONS,
            drift -> futile(drift, plannedFractions, critical, futility) - beta,
            0.9 * fixed,
            1.5 * fixed);
  }

  /** The same without a futility boundary. */
  public double driftWithoutFutility(double... plannedFractions) {
    double[] critical = criticalValues(plannedFractions);
    double[] never = new double[plannedFractions.length];
    Arrays.fill(never, Double.NEGATIVE_INFINITY);
    double fixed = fixedDrift();
    return new BrentSolver(Z_ACCURACY, Z_ACCURACY)
        .solve(
            MAX_EVALUATIONS,
            drift -> Exit.of(drift, plannedFractions, never, critical).power() - (1 - beta),
            0.9 * fixed,
            1.5 * fixed);
  }

  /** How many times the fixed-horizon size the planned list needs, futility boundary included. */
  public double inflation(double... plannedFractions) {
    double ratio = drift(plannedFractions) / fixedDrift();
    return ratio * ratio;
  }

  /** The expected z at which a test at a fixed horizon has the planned power. */
  double fixedDrift() {
    NormalDistribution normal = NormalDistribution.of(0, 1);
    return normal.inverseSurvivalProbability(alpha / 2) + normal.inverseSurvivalProbability(beta);
  }

  /**
   * The repeated p-value at the last of the given looks: the two-sided level whose boundary passes
   * through z. It belongs to the repeated interval {@code estimate ± critical · se}.
   *
   * <p>Source: Jennison and Turnbull (2000), section 9.5.
   *
   * @param z the statistic at the last look
   * @param fractions the looks so far
   * @return the natural logarithm of the p-value
   */
  public double logP(double z, double... fractions) {
    int last = fractions.length - 1;
    double distance = Math.abs(z);
    DoubleUnaryOperator excess =
        logLevel -> withAlpha(Math.exp(logLevel)).criticalValues(fractions)[last] - distance;
    double lowest = Math.log(NOTHING_TO_SPEND) / 2;
    double highest = Math.log(0.99);
    if (!(excess.applyAsDouble(highest) < 0)) {
      return 0;
    }
    if (excess.applyAsDouble(lowest) <= 0) {
      return lowest;
    }
    return new BrentSolver(1e-6, 1e-6)
        .solve(MAX_EVALUATIONS, excess::applyAsDouble, lowest, highest);
  }

  private static double shortestStep(double[] fractions) {
    double shortest = fractions[0];
    for (int k = 1; k < fractions.length; k++) {
      shortest = Math.min(shortest, fractions[k] - fractions[k - 1]);
    }
    if (!(shortest > 0 && fractions[fractions.length - 1] <= 1)) {
      throw new IllegalArgumentException(
          "fractions of information must ascend from above 0 to at most 1, but are "
              + Arrays.toString(fractions));
    }
    return shortest;
  }

  /** Solved on the log scale, where a boundary that spends 1e-20 is as well behaved as any. */
  private static double solve(double spend, DoubleUnaryOperator probability, double unreached) {
    if (spend < NOTHING_TO_SPEND) {
      return unreached;
    }
    double logSpend = Math.log(spend);
    double low = -HIGHEST_Z;
    double high = HIGHEST_Z;
    return new BrentSolver(Z_ACCURACY, Z_ACCURACY)
        .solve(
            MAX_EVALUATIONS,
            z -> Math.log(Math.max(Double.MIN_VALUE, probability.applyAsDouble(z))) - logSpend,
            low,
            high);
  }

  /**
   * When a process under a drift leaves between two boundaries.
   *
   * @param fractions information at the looks
   * @param above the probability of stopping above, per look
   * @param below the probability of stopping below, per look
   */
  @SuppressWarnings("ArrayRecordComponent") // internal tables, never compared
  public record Exit(double[] fractions, double[] above, double[] below) {
    /**
     * Follows the process through its looks.
     *
     * @param drift the expected z at full information
     * @param fractions information at the looks
     * @param lower boundary below which it stops, negative infinity for none
     * @param upper boundary from which on it stops
     */
    public static Exit of(double drift, double[] fractions, double[] lower, double[] upper) {
      double[] above = new double[fractions.length];
      double[] below = new double[fractions.length];
      ScoreProcess process = ScoreProcess.start(drift, shortestStep(fractions));
      for (int k = 0; k < fractions.length; k++) {
        above[k] = process.above(fractions[k], upper[k]);
        below[k] = process.below(fractions[k], lower[k]);
        if (k < fractions.length - 1) {
          process = process.continueBetween(fractions[k], lower[k], upper[k]);
        }
      }
      return new Exit(fractions.clone(), above, below);
    }

    /** The probability of ever stopping above. */
    public double power() {
      return Arrays.stream(above).sum();
    }

    /** The expected information at the stop, of the planned. */
    public double expectedFraction() {
      double expected = 0;
      double running = 1;
      double last = 0;
      for (int k = 0; k < fractions.length; k++) {
        expected += running * (fractions[k] - last);
        running -= above[k] + below[k];
        last = fractions[k];
      }
      return expected;
    }
  }
}
