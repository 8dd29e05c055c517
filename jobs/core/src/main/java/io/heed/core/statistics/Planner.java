package io.heed.core.statistics;

import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * How many recipients an experiment needs at a fixed horizon.
 *
 * @param alpha the level, two-sided
 * @param beta one minus the power
 * @param treatmentRatio κ, recipients of the treatment per recipient of control
 */
public record Planner(double alpha, double beta, double treatmentRatio) {
  private static final NormalDistribution NORMAL = NormalDistribution.of(0, 1);

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
}
