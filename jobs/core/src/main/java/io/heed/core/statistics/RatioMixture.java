package io.heed.core.statistics;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.DoubleStream;

/**
 * The exact mixture e-process for the ratio of two rates. It depends on counts alone, not on the
 * order of arrival, and is exact at any base rate, also a drifting one, because the assignment
 * probability ρ is known.
 *
 * <p>Against the null hypothesis "θb = r₀ θa", with S and F the successes and failures of an epoch,
 *
 * <pre>
 * ln e(r₀) = LSE over grid points of
 *   [ ln w + Σ over epochs ( S_a ln(θa/θ*)      + F_a ln((1−θa)/(1−θ*))
 *                          + S_b ln(θb/(r₀ θ*)) + F_b ln((1−θb)/(1−r₀ θ*)) ) ]
 * </pre>
 *
 * Grid: p̄ at 9 log-spaced points from min(0.003, b/3) to 0.5; ln ratio = ln(1+m) + c ln(1+d) for c
 * = ±0.25 … ±3 by 0.25 (one side only for a one-sided alternative); θa = p̄/(1−ρ+ρeʳ), θb = θa eʳ
 * with the first epoch's ρ; w ∝ exp(−c²/2). θ* is the reverse information projection of the grid
 * point onto the null, per epoch ({@link NullRates}). Every factor has expectation 1 under every
 * point of the null, since the null is a line and θ* lies inside it.
 *
 * <p>Epochs add per grid point, before the log-sum-exp: adding their evidence afterwards would make
 * each epoch find the effect anew.
 *
 * <p>Source: Turner, Ly and Grünwald, "Generic E-variables for exact sequential k-sample tests that
 * allow for optional stopping" (2024); Grünwald, de Heide and Koolen, "Safe testing" (2024).
 */
public final class RatioMixture {
  private static final int BASE_RATES = 9;
  private static final double LOWEST_BASE_RATE = 0.003;
  private static final double HIGHEST_BASE_RATE = 0.5;
  private static final double STEP = 0.25;
  private static final int STEPS = 12;

  /** Grid points with a rate from here on are dropped: their failures weigh infinitely much. */
  private static final double HIGHEST_RATE = 0.999;

  /** Which ratios of the rates the alternative holds, against 1 + margin. */
  public enum Alternative {
    /** Higher or lower. */
    TWO_SIDED,
    /** Higher: rejecting shows harm of an outcome where more is worse. */
    GREATER,
    /** Lower: rejecting shows non-inferiority of an outcome where more is worse. */
    LESS;

    private boolean holds(int step) {
      return switch (this) {
        case TWO_SIDED -> step != 0;
        case GREATER -> step > 0;
        case LESS -> step < 0;
      };
    }
  }

  private final double shareB;
  private final double minimumEffect;
  private final double baseRate;
  private final double margin;
  private final double[] thetaA;
  private final double[] thetaB;
  private final double[] logWeight;
  private final Null boundary;

  private RatioMixture(
      double shareB,
      double minimumEffect,
      double baseRate,
      Alternative alternative,
      double margin) {
    if (!(shareB > 0 && shareB < 1)) {
      throw new IllegalArgumentException("shareB = " + shareB + " must lie between 0 and 1");
    }
    if (!(minimumEffect > 0)) {
      throw new IllegalArgumentException("minimumEffect = " + minimumEffect + " must exceed 0");
    }
    if (!(baseRate > 0 && baseRate < 1)) {
      throw new IllegalArgumentException("baseRate = " + baseRate + " must lie between 0 and 1");
    }
    if (!(margin > -1)) {
      throw new IllegalArgumentException("margin = " + margin + " must exceed -1");
    }
    this.shareB = shareB;
    this.minimumEffect = minimumEffect;
    this.baseRate = baseRate;
    this.margin = margin;

    double logLowest = Math.log(Math.min(LOWEST_BASE_RATE, baseRate / 3));
    double logHighest = Math.log(HIGHEST_BASE_RATE);
    double logStep = Math.log1p(minimumEffect);
    double logBoundary = Math.log1p(margin);
    DoubleStream.Builder a = DoubleStream.builder();
    DoubleStream.Builder b = DoubleStream.builder();
    DoubleStream.Builder weight = DoubleStream.builder();
    for (int j = 0; j < BASE_RATES; j++) {
      double overall = Math.exp(logLowest + j * (logHighest - logLowest) / (BASE_RATES - 1));
      for (int step = -STEPS; step <= STEPS; step++) {
        double c = step * STEP;
        if (!alternative.holds(step)) {
          continue;
        }
        double ratio = Math.exp(logBoundary + c * logStep);
        double rateA = overall / (1 - shareB + shareB * ratio);
        double rateB = rateA * ratio;
        if (rateA < HIGHEST_RATE && rateB < HIGHEST_RATE) {
          a.add(rateA);
          b.add(rateB);
          weight.add(-c * c / 2);
        }
      }
    }
    thetaA = a.build().toArray();
    thetaB = b.build().toArray();
    logWeight = weight.build().toArray();
    double logTotal = LogSpace.logSumExp(logWeight);
    for (int g = 0; g < logWeight.length; g++) {
      logWeight[g] -= logTotal;
    }
    boundary = against(1 + margin);
  }

  /**
   * The two-sided mixture around "no effect".
   *
   * @param shareB ρ of the first epoch: the probability of arm B within the pair
   * @param minimumEffect d, the relative effect that the experiment is planned for
   * @param baseRate b, the expected rate
   * @throws IllegalArgumentException if a value is out of its range
   */
  public static RatioMixture of(double shareB, double minimumEffect, double baseRate) {
    return new RatioMixture(shareB, minimumEffect, baseRate, Alternative.TWO_SIDED, 0);
  }

  /**
   * The same tuning for another alternative: GREATER tests "ratio ≤ 1+m", LESS "ratio ≥ 1+m".
   *
   * @param alternative where the grid lies
   * @param margin m, where the null hypothesis ends
   */
  public RatioMixture with(Alternative alternative, double margin) {
    return new RatioMixture(shareB, minimumEffect, baseRate, alternative, margin);
  }

  /** The log e-value against the boundary of this mixture's null hypothesis, r₀ = 1 + m. */
  public double logE(List<Stratum<BinaryCounts>> strata) {
    return boundary.logE(strata);
  }

  /**
   * The null hypothesis "θb = ratio · θa", with its tables kept: for a ratio that is tested again
   * and again.
   */
  public Null against(double ratio) {
    return new Null(ratio);
  }

  /** The evidence of these counts about the ratio of the rates. */
  public ConfidenceSequence sequence(List<Stratum<BinaryCounts>> strata) {
    return new RatioSequence(this, List.copyOf(strata));
  }

  /** The null hypothesis at its boundary, r₀ = 1 + m. */
  public Null atBoundary() {
    return boundary;
  }

  double boundaryRatio() {
    return 1 + margin;
  }

  /** One null hypothesis: log-likelihood ratios per unit for each grid point, per epoch's ρ. */
  public final class Null {
    private final double ratio;
    private final Map<Double, Table> tables = new ConcurrentHashMap<>();

    private Null(double ratio) {
      this.ratio = ratio;
    }

    /** The log e-value of the counts against this null hypothesis. */
    public double logE(List<Stratum<BinaryCounts>> strata) {
      double[] logLikelihoodRatio = logWeight.clone();
      for (Stratum<BinaryCounts> stratum : strata) {
        tables
            .computeIfAbsent(stratum.shareB(), share -> new Table(ratio, share))
            .addTo(logLikelihoodRatio, stratum.a(), stratum.b());
      }
      return LogSpace.logSumExp(logLikelihoodRatio);
    }

    /**
     * The most that one success, and one failure, of an arm can add to the log e-value, all epochs
     * at one ρ. Lets a simulation skip looks at which a threshold cannot be reached.
     */
    public double largestGain(double share, boolean success) {
      Table table = new Table(ratio, share);
      return DoubleStream.concat(
              DoubleStream.of(success ? table.successA : table.failureA),
              DoubleStream.of(success ? table.successB : table.failureB))
          .max()
          .orElseThrow();
    }
  }

  private final class Table {
    private final double[] successA = new double[logWeight.length];
    private final double[] failureA = new double[logWeight.length];
    private final double[] successB = new double[logWeight.length];
    private final double[] failureB = new double[logWeight.length];

    private Table(double ratio, double share) {
      for (int g = 0; g < logWeight.length; g++) {
        double a = thetaA[g];
        double b = thetaB[g];
        double nullA =
            NullRates.rateA(
                ratio, (1 - share) * a + share * b, (1 - share) * (1 - a), share * (1 - b));
        double nullB = ratio * nullA;
        successA[g] = Math.log(a / nullA);
        failureA[g] = Math.log1p((nullA - a) / (1 - nullA));
        successB[g] = Math.log(b / nullB);
        failureB[g] = Math.log1p((nullB - b) / (1 - nullB));
      }
    }

    private void addTo(double[] logLikelihoodRatio, BinaryCounts a, BinaryCounts b) {
      double sa = a.successes();
      double fa = a.failures();
      double sb = b.successes();
      double fb = b.failures();
      for (int g = 0; g < logLikelihoodRatio.length; g++) {
        logLikelihoodRatio[g] +=
            sa * successA[g] + fa * failureA[g] + sb * successB[g] + fb * failureB[g];
      }
    }
  }
}
