package io.heed.core.statistics;

import java.util.Arrays;
import java.util.function.DoubleFunction;
import org.apache.commons.math3.analysis.solvers.BrentSolver;
import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * How many recipients an experiment needs, for which power, and how long it will take.
 *
 * @param alpha the level, two-sided
 * @param beta one minus the power
 * @param treatmentRatio κ, recipients of the treatment per recipient of control
 */
public record Planner(double alpha, double beta, double treatmentRatio) {
  private static final NormalDistribution NORMAL = NormalDistribution.of(0, 1);

  /** Open-ended experiments are approximated by so many looks per fixed-horizon size. */
  private static final int LOOKS = 100;

  /** The horizon of an open-ended experiment, in fixed-horizon sizes. */
  public static final double HORIZON = 2;

  /**
   * Recipients needed.
   *
   * @param control of control
   * @param treatment of the treatment
   */
  public record Size(double control, double treatment) {
    /** Of both together. */
    public double total() {
      return control + treatment;
    }
  }

  /**
   * What to expect of one way of deciding under a true effect.
   *
   * @param power the probability that the effect is found, in its direction
   * @param expectedRecipients on average, until the decision or the end
   * @param maximumRecipients at the end
   */
  public record Expectation(double power, double expectedRecipients, double maximumRecipients) {}

  /**
   * When an experiment decides, and what is on its way by then.
   *
   * @param hoursToDecision from the first message to the decision
   * @param messagesInFlight recipients who were texted but have not matured at the decision
   */
  public record Timeline(double hoursToDecision, double messagesInFlight) {}

  /** α = 0.05 two-sided, β = 0.2, arms of equal size. */
  public static Planner withDefaults() {
    return new Planner(0.05, 0.2, 1);
  }

  /** Another two-sided level. */
  public Planner withAlpha(double alpha) {
    return new Planner(alpha, beta, treatmentRatio);
  }

  /** Another type-II error. */
  public Planner withBeta(double beta) {
    return new Planner(alpha, beta, treatmentRatio);
  }

  /** Another ratio of the arms' sizes. */
  public Planner withTreatmentRatio(double treatmentRatio) {
    return new Planner(alpha, beta, treatmentRatio);
  }

  /**
   * The fixed-horizon size to distinguish two rates: control {@code (z_{1−α/2} √((1+1/κ) p̄ q̄) +
   * z_{1−β} √(p₁q₁ + p₂q₂/κ))²/δ²}, p̄ = (p₁+κp₂)/(1+κ).
   *
   * <p>Source: Fleiss, Tytun and Ury (1980); without a ratio it agrees with gsDesign's nBinomial.
   */
  public Size proportions(double controlRate, double treatmentRate) {
    return proportions(controlRate, treatmentRate, 0);
  }

  /**
   * The size to show that the treatment's rate is below the control's plus a margin, with δ = p₂ −
   * p₁ − margin. A one-sided statement at the level α/2.
   *
   * @param margin absolute, of the rate
   */
  public Size nonInferiority(double controlRate, double treatmentRate, double margin) {
    return proportions(controlRate, treatmentRate, margin);
  }

  private Size proportions(double p1, double p2, double margin) {
    double pooled = (p1 + treatmentRatio * p2) / (1 + treatmentRatio);
    double underNull = (1 + 1 / treatmentRatio) * pooled * (1 - pooled);
    double underEffect = p1 * (1 - p1) + p2 * (1 - p2) / treatmentRatio;
    double delta = p2 - p1 - margin;
    double root = zAlpha() * Math.sqrt(underNull) + zBeta() * Math.sqrt(underEffect);
    return size(root * root / (delta * delta));
  }

  /**
   * The fixed-horizon size to distinguish two means: control {@code (z_{1−α/2} + z_{1−β})² (1 +
   * 1/κ) σ²/δ²}.
   *
   * @param delta δ, the difference in the metric's unit
   * @param standardDeviation σ of one recipient's value
   */
  public Size means(double delta, double standardDeviation) {
    double root = (zAlpha() + zBeta()) * standardDeviation / delta;
    return size(root * root * (1 + 1 / treatmentRatio));
  }

  private Size size(double control) {
    return new Size(control, treatmentRatio * control);
  }

  private double zAlpha() {
    return NORMAL.inverseSurvivalProbability(alpha / 2);
  }

  private double zBeta() {
    return NORMAL.inverseSurvivalProbability(beta);
  }

  /**
   * A test at a fixed horizon, if the true effect is {@code multiple} of the planned one.
   *
   * @param fixedRecipients the fixed-horizon size, of both arms
   */
  public Expectation fixedHorizon(double fixedRecipients, double multiple) {
    double drift = multiple * (zAlpha() + zBeta());
    double power =
        NORMAL.survivalProbability(zAlpha() - drift)
            + NORMAL.cumulativeProbability(-zAlpha() - drift);
    return new Expectation(power, fixedRecipients, fixedRecipients);
  }

  /**
   * A planned list with equally spaced looks and its futility boundary, by the true effect in
   * planned ones. The boundaries, which cost the most, are found once.
   */
  public DoubleFunction<Expectation> plannedList(
      double fixedRecipients, SpendingFunction spending, int looks) {
    GroupSequentialTest test = new GroupSequentialTest(alpha, beta, spending);
    double[] fractions = GroupSequentialTest.equallySpaced(looks);
    double drift = test.drift(fractions);
    GroupSequentialTest.Boundaries boundaries = test.boundaries(drift, fractions);
    double inflation = drift / test.fixedDrift();
    double maximum = fixedRecipients * inflation * inflation;
    return multiple -> {
      GroupSequentialTest.Exit exit =
          GroupSequentialTest.Exit.of(
              multiple * drift, fractions, boundaries.futility(), boundaries.critical());
      return new Expectation(exit.power(), exit.expectedFraction() * maximum, maximum);
    };
  }

  /**
   * An open-ended experiment, looked at all the time, if the true effect is {@code multiple} of the
   * planned one: the mixture boundary of {@link MeanSequence} at {@value #LOOKS} looks per
   * fixed-horizon size, which the exact ratio mixture follows within a few per cent. It ends at
   * {@code cap} fixed-horizon sizes; about 1.65 to 1.8 give 80 % power. Futility is left out.
   */
  public Expectation openEnded(double fixedRecipients, double multiple, double cap) {
    double rate = MeanSequence.rate(alpha, 1);
    double[] fractions = GroupSequentialTest.equallySpaced((int) Math.round(cap * LOOKS));
    double[] upper =
        Arrays.stream(fractions)
            .map(t -> cap * t)
            .map(n -> Math.sqrt(n) * MeanSequence.standardHalfWidth(n, rate, alpha))
            .toArray();
    double[] lower = Arrays.stream(upper).map(z -> -z).toArray();
    double drift = multiple * (zAlpha() + zBeta()) * Math.sqrt(cap);
    GroupSequentialTest.Exit exit = GroupSequentialTest.Exit.of(drift, fractions, lower, upper);
    double maximum = cap * fixedRecipients;
    return new Expectation(exit.power(), exit.expectedFraction() * maximum, maximum);
  }

  /** The end of an open-ended experiment, in fixed-horizon sizes, at which its power is 1 − β. */
  public double openEndedCap() {
    return new BrentSolver(1e-3, 1e-3)
        .solve(50, cap -> openEnded(1, 1, cap).power() - (1 - beta), 1, 4);
  }

  /**
   * When the decision comes and what is in flight by then: a message counts only when its window
   * and the allowed lateness have passed.
   *
   * @param recipientsToDecision matured recipients at the decision, of all arms
   * @param listRecipients the size of the list, infinity if there is no end to it
   * @param sendsPerHour how fast the experiment's messages go out
   * @param windowHours the metric's window plus the allowed lateness
   */
  public static Timeline timeline(
      double recipientsToDecision, double listRecipients, double sendsPerHour, double windowHours) {
    double hours = recipientsToDecision / sendsPerHour + windowHours;
    double sent = Math.min(listRecipients, hours * sendsPerHour);
    return new Timeline(hours, sent - Math.min(sent, recipientsToDecision));
  }
}
