package io.heed.core.statistics;

import java.util.Arrays;
import java.util.List;

/**
 * Blocks added up so that the evidence against many null hypotheses is cheap: the projection is a
 * smooth function of a block's share, interpolated between few shares at which it is computed. The
 * weights with which a block adds to each of these shares depend on no hypothesis.
 */
final class BlockSummary {
  /** Chebyshev points: errors of the log e-value below 1e-6 at shares from 0.1 to 0.9. */
  private static final int MOST_SHARES = 12;

  private static final int LEAST_SHARES = 5;

  private final RatioMixture mixture;
  private final double[] shares;
  private final double[] successes;
  private final double[] failuresA;
  private final double[] failuresB;
  private final double[] alternative;
  private final double successesB;

  BlockSummary(RatioMixture mixture, List<Stratum<BinaryCounts>> blocks) {
    this.mixture = mixture;
    List<Stratum<BinaryCounts>> both = blocks.stream().filter(Stratum::hasBoth).toList();
    double[] distinct = both.stream().mapToDouble(Stratum::shareB).sorted().distinct().toArray();
    int points = distinct.length == 0 ? 0 : points(distinct[0], distinct[distinct.length - 1]);
    boolean exact = distinct.length <= points;
    this.shares = exact ? distinct : chebyshev(distinct[0], distinct[distinct.length - 1], points);
    this.successes = new double[shares.length];
    this.failuresA = new double[shares.length];
    this.failuresB = new double[shares.length];
    BinaryCounts a = BinaryCounts.ZERO;
    BinaryCounts b = BinaryCounts.ZERO;
    for (Stratum<BinaryCounts> block : both) {
      a = a.plus(block.a());
      b = b.plus(block.b());
      double[] weights = weights(block.shareB(), exact);
      for (int i = 0; i < shares.length; i++) {
        successes[i] += weights[i] * (block.a().successes() + block.b().successes());
        failuresA[i] += weights[i] * block.a().failures();
        failuresB[i] += weights[i] * block.b().failures();
      }
    }
    this.successesB = b.successes();
    this.alternative = mixture.logLikelihood(a, b);
  }

  /**
   * How many points give the same accuracy at shares that lie closer together, as those of most
   * tests do. The error falls as ρ to the power of the points, ρ the sum of the half-axes of the
   * largest ellipse around the shares that reaches neither 0 nor 1 (ρ = 2 from 0.1 to 0.9).
   *
   * <p>Source: Trefethen, "Approximation theory and approximation practice" (2013), theorem 8.2.
   */
  private static int points(double least, double most) {
    double middle = (least + most) / 2;
    double axis = Math.min(middle, 1 - middle) / ((most - least) / 2);
    double rho = axis + Math.sqrt(axis * axis - 1);
    double points = Math.ceil(MOST_SHARES * Math.log(2) / Math.log(rho)) + 2;
    return (int) Math.max(LEAST_SHARES, Math.min(MOST_SHARES, points));
  }

  private static double[] chebyshev(double least, double most, int number) {
    double[] points = new double[number];
    for (int i = 0; i < number; i++) {
      double cosine = Math.cos(Math.PI * i / (number - 1));
      points[i] = (least + most) / 2 + (most - least) / 2 * cosine;
    }
    return points;
  }

  /** The barycentric weights of the Chebyshev points of the second kind at a share. */
  private double[] weights(double share, boolean exact) {
    double[] weights = new double[shares.length];
    double sum = 0;
    for (int i = 0; i < shares.length; i++) {
      if (share == shares[i]) {
        Arrays.fill(weights, 0);
        weights[i] = 1;
        return weights;
      }
      if (!exact) {
        double end = i == 0 || i == shares.length - 1 ? 0.5 : 1;
        weights[i] = (i % 2 == 0 ? end : -end) / (share - shares[i]);
        sum += weights[i];
      }
    }
    for (int i = 0; i < weights.length; i++) {
      weights[i] /= sum;
    }
    return weights;
  }

  /** The log e-value against "θb = ratio · θa". */
  double logE(double ratio) {
    double[] logLikelihoodRatio = alternative.clone();
    double logRatio = Math.log(ratio);
    for (int g = 0; g < logLikelihoodRatio.length; g++) {
      double ofNull = successesB * logRatio;
      for (int i = 0; i < shares.length; i++) {
        double nullA = mixture.nullRate(g, ratio, shares[i]);
        ofNull +=
            successes[i] * Math.log(nullA)
                + failuresA[i] * Math.log(1 - nullA)
                + failuresB[i] * Math.log(1 - ratio * nullA);
      }
      logLikelihoodRatio[g] -= ofNull;
    }
    return LogSpace.logSumExp(logLikelihoodRatio);
  }
}
