package io.heed.core.statistics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.DoubleStream;

/**
 * The exact mixture e-process for the ratio of two rates, conditional on the arms: over blocks of
 * units, whose sizes per arm say nothing about the rates. However the recipients of a block were
 * split between the arms, and whichever arm came first in it, the split is no evidence.
 *
 * <p>Against the null hypothesis "θb = r₀ θa", with S and F the successes and failures of a block,
 *
 * <pre>
 * ln e(r₀) = LSE over grid points of
 *   [ ln w + Σ over blocks ( S_a ln(θa/θ*)      + F_a ln((1−θa)/(1−θ*))
 *                          + S_b ln(θb/(r₀ θ*)) + F_b ln((1−θb)/(1−r₀ θ*)) ) ]
 * </pre>
 *
 * Grid: p̄ at 7 log-spaced points from b/5 to min(0.6, 5b); ln ratio = ln(1+m) + c ln(1+d) for c =
 * ±0.25 … ±3 by 0.25 (one side only for a one-sided alternative); θa = p̄/(1−ρ₀+ρ₀eʳ), θb = θa eʳ
 * with the design share ρ₀ of arm B; w ∝ exp(−c²/2). θ* is the reverse information projection of
 * the grid point onto the null ({@link NullRates}) with the block's realised share ρ =
 * n_b/(n_a+n_b). With it the expectation of a block's factor given n_a and n_b is at most exp(n_a
 * x_a + n_b x_b) = 1 at every point of the null, x_a = (θ₀−θ*)(θa−θ*)/(θ*(1−θ*)) and x_b likewise.
 * A block in which one of the arms has no unit has the factor 1.
 *
 * <p>Blocks add per grid point, before the log-sum-exp: adding their evidence afterwards would make
 * each block find the effect from the beginning.
 *
 * <p>Source of the projection: Turner, Ly and Grünwald, "Generic E-variables for exact sequential
 * k-sample tests that allow for optional stopping" (2024); Grünwald, de Heide and Koolen, "Safe
 * testing" (2024).
 */
public final class RatioMixture {
  private static final int BASE_RATES = 7;
  private static final double BASE_RATE_REACH = 5;
  private static final double HIGHEST_BASE_RATE = 0.6;
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
  private final double[] logThetaA;
  private final double[] logThetaB;
  private final double[] logNotA;
  private final double[] logNotB;
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

    double logLowest = Math.log(baseRate / BASE_RATE_REACH);
    double logHighest = Math.log(Math.min(HIGHEST_BASE_RATE, baseRate * BASE_RATE_REACH));
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
    logThetaA = Arrays.stream(thetaA).map(Math::log).toArray();
    logThetaB = Arrays.stream(thetaB).map(Math::log).toArray();
    logNotA = Arrays.stream(thetaA).map(rate -> Math.log1p(-rate)).toArray();
    logNotB = Arrays.stream(thetaB).map(rate -> Math.log1p(-rate)).toArray();
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
   * @param shareB ρ₀, the design share of arm B within the pair
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

  /** The log e-value of these blocks against the boundary of this mixture's null, r₀ = 1 + m. */
  public double logE(List<Stratum<BinaryCounts>> blocks) {
    return boundary.logE(blocks);
  }

  /** The null hypothesis "θb = ratio · θa". */
  public Null against(double ratio) {
    return new Null(ratio);
  }

  /** The null hypothesis at its boundary, r₀ = 1 + m. */
  public Null atBoundary() {
    return boundary;
  }

  double boundaryRatio() {
    return 1 + margin;
  }

  /** One null hypothesis. */
  public final class Null {
    private final double ratio;
    private final double logRatio;

    private Null(double ratio) {
      this.ratio = ratio;
      this.logRatio = Math.log(ratio);
    }

    private double[] start() {
      return logWeight.clone();
    }

    private void add(Stratum<BinaryCounts> block, double[] sums, Projection projection) {
      if (!block.hasBoth()) {
        return;
      }
      projection.at(block.shareB());
      for (int g = 0; g < sums.length; g++) {
        sums[g] +=
            logLikelihood(g, block.a(), block.b())
                - (block.a().successes() + block.b().successes()) * projection.logNullA[g]
                - block.b().successes() * logRatio
                - block.a().failures() * projection.logNotA[g]
                - block.b().failures() * projection.logNotB[g];
      }
    }

    /**
     * θ* of every grid point at the share of the last block: many blocks have the same one, as
     * where every second recipient is arm B's.
     */
    private final class Projection {
      private final double[] logNullA = new double[thetaA.length];
      private final double[] logNotA = new double[thetaA.length];
      private final double[] logNotB = new double[thetaA.length];
      private double share = Double.NaN;

      private void at(double next) {
        if (next != share) {
          for (int g = 0; g < thetaA.length; g++) {
            double nullA = nullRate(g, ratio, next);
            logNullA[g] = Math.log(nullA);
            logNotA[g] = Math.log(1 - nullA);
            logNotB[g] = Math.log(1 - ratio * nullA);
          }
          share = next;
        }
      }
    }

    /** The log e-value of the blocks against this null hypothesis. */
    public double logE(List<Stratum<BinaryCounts>> blocks) {
      return new Accumulator(this).logE(blocks);
    }
  }

  /**
   * The evidence against one null hypothesis as the blocks come, which keeps what it has added up.
   * Not safe for concurrent use.
   */
  public static final class Accumulator {
    private final Null hypothesis;
    private final Null.Projection projection;
    private final List<Stratum<BinaryCounts>> added = new ArrayList<>();
    private double[] sums;
    private double logE;

    /** Before the first block. */
    public Accumulator(Null hypothesis) {
      this.hypothesis = hypothesis;
      this.projection = hypothesis.new Projection();
      start();
    }

    private void start() {
      added.clear();
      sums = hypothesis.start();
      logE = 0;
    }

    /**
     * The log e-value of these blocks. Blocks that continue those of the last call are added to
     * them; where a block before has changed, all are added from the first on. Both give the same
     * bits.
     */
    public double logE(List<Stratum<BinaryCounts>> blocks) {
      if (!continues(blocks)) {
        start();
      }
      if (blocks.size() > added.size()) {
        for (Stratum<BinaryCounts> block : blocks.subList(added.size(), blocks.size())) {
          hypothesis.add(block, sums, projection);
          added.add(block);
        }
        logE = LogSpace.logSumExp(sums);
      }
      return logE;
    }

    /** Most blocks are the very objects that were added: equal without being compared. */
    private boolean continues(List<Stratum<BinaryCounts>> blocks) {
      boolean continues = blocks.size() >= added.size();
      for (int i = 0; continues && i < added.size(); i++) {
        continues = Objects.equals(blocks.get(i), added.get(i));
      }
      return continues;
    }
  }

  /** θ* of a grid point. */
  double nullRate(int g, double ratio, double share) {
    double a = thetaA[g];
    double b = thetaB[g];
    return NullRates.rateA(
        ratio, (1 - share) * a + share * b, (1 - share) * (1 - a), share * (1 - b));
  }

  /**
   * The log weight of each grid point plus the log likelihood that it gives the counts: what no
   * null hypothesis changes.
   */
  double[] logLikelihood(BinaryCounts a, BinaryCounts b) {
    double[] sums = logWeight.clone();
    for (int g = 0; g < sums.length; g++) {
      sums[g] += logLikelihood(g, a, b);
    }
    return sums;
  }

  private double logLikelihood(int g, BinaryCounts a, BinaryCounts b) {
    return a.successes() * logThetaA[g]
        + a.failures() * logNotA[g]
        + b.successes() * logThetaB[g]
        + b.failures() * logNotB[g];
  }
}
