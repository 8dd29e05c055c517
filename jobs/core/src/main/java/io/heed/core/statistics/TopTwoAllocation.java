package io.heed.core.statistics;

import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.apache.commons.math3.analysis.integration.gauss.GaussIntegrator;
import org.apache.commons.math3.analysis.integration.gauss.GaussIntegratorFactory;
import org.apache.commons.statistics.distribution.BetaDistribution;
import org.apache.commons.statistics.distribution.ContinuousDistribution;
import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * Top-two Thompson sampling: an arm's share is half the posterior probability that it is among the
 * best two, above a floor. The probabilities are integrals, not draws, so that the same counts give
 * the same shares to the last bit and no seed has to be kept.
 *
 * <p>Source: Russo, "Simple Bayesian algorithms for best-arm identification" (2020).
 *
 * @param floor the least share of an arm: every epoch measures every arm
 */
public record TopTwoAllocation(double floor) {
  private static final GaussIntegrator RULE = new GaussIntegratorFactory().legendre(16);

  /**
   * The ends of an arm's panels, in its standard deviations: one wide around the mean, wider in the
   * tail, which for few successes is as long as an exponential's.
   */
  private static final double[] PANELS = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 14, 18, 24, 32};

  /** A floor of 0.01. */
  public static TopTwoAllocation withDefaults() {
    return new TopTwoAllocation(0.01);
  }

  /** Another floor. */
  public TopTwoAllocation with(double floor) {
    return new TopTwoAllocation(floor);
  }

  /**
   * The next shares, which sum to 1.
   *
   * @param posteriors of the arms' means
   * @param better which means are better
   */
  public double[] shares(List<? extends ContinuousDistribution> posteriors, Direction better) {
    int arms = posteriors.size();
    if (arms == 1) {
      return new double[] {1};
    }
    double[] best = topProbabilities(posteriors, better, 1);
    double[] second = topProbabilities(posteriors, better, 2);
    double total = DoubleStream.concat(DoubleStream.of(best), DoubleStream.of(second)).sum();
    return IntStream.range(0, arms)
        .mapToDouble(i -> floor + (1 - arms * floor) * (best[i] + second[i]) / total)
        .toArray();
  }

  /**
   * The posterior probability of each arm to be the best one.
   *
   * @param posteriors of the arms' means
   * @param better which means are better
   */
  public static double[] bestProbabilities(
      List<? extends ContinuousDistribution> posteriors, Direction better) {
    return topProbabilities(posteriors, better, 1);
  }

  /** The probability of each arm to come first (place 1) or second (place 2). */
  private static double[] topProbabilities(
      List<? extends ContinuousDistribution> posteriors, Direction better, int place) {
    int arms = posteriors.size();
    double[] probability = new double[arms];
    double[] worse = new double[arms];
    double[] panels = panels(posteriors);
    for (int panel = 1; panel < panels.length; panel++) {
      double half = (panels[panel] - panels[panel - 1]) / 2;
      double middle = (panels[panel] + panels[panel - 1]) / 2;
      for (int p = 0; p < RULE.getNumberOfPoints(); p++) {
        double x = middle + half * RULE.getPoint(p);
        for (int j = 0; j < arms; j++) {
          ContinuousDistribution posterior = posteriors.get(j);
          worse[j] =
              better == Direction.HIGHER
                  ? posterior.cumulativeProbability(x)
                  : posterior.survivalProbability(x);
        }
        for (int i = 0; i < arms; i++) {
          probability[i] +=
              half
                  * RULE.getWeight(p)
                  * posteriors.get(i).density(x)
                  * (place == 1 ? allWorse(worse, i, -1) : oneBetter(worse, i));
        }
      }
    }
    return probability;
  }

  private static double allWorse(double[] worse, int except, int alsoExcept) {
    double product = 1;
    for (int j = 0; j < worse.length; j++) {
      product *= j == except || j == alsoExcept ? 1 : worse[j];
    }
    return product;
  }

  private static double oneBetter(double[] worse, int except) {
    double sum = 0;
    for (int j = 0; j < worse.length; j++) {
      sum += j == except ? 0 : (1 - worse[j]) * allWorse(worse, except, j);
    }
    return sum;
  }

  /** The ends of the panels: a narrow posterior within a wide one keeps panels of its own width. */
  private static double[] panels(List<? extends ContinuousDistribution> posteriors) {
    return posteriors.stream()
        .flatMapToDouble(
            posterior ->
                DoubleStream.of(PANELS)
                    .flatMap(deviations -> DoubleStream.of(-deviations, deviations))
                    .map(
                        deviations ->
                            posterior.getMean() + deviations * Math.sqrt(posterior.getVariance()))
                    .map(x -> Math.max(x, posterior.getSupportLowerBound()))
                    .map(x -> Math.min(x, posterior.getSupportUpperBound())))
        .sorted()
        .distinct()
        .toArray();
  }

  /**
   * The posterior of a rate. Epochs are weighted by their size over all arms, never pooled: when
   * allocation and base rate both change, pooling favours the arm that was large in good times. The
   * moments of the weighted sum of Beta(1+S, 1+F) are matched by a Beta; for one epoch it is that
   * one.
   *
   * @param epochs the arm's counts per epoch
   * @param epochRecipients the recipients of all arms per epoch
   */
  public static ContinuousDistribution posteriorOfRate(
      List<BinaryCounts> epochs, List<Long> epochRecipients) {
    double total = epochRecipients.stream().mapToLong(n -> n).sum();
    double mean = 0;
    double variance = 0;
    for (int e = 0; e < epochs.size(); e++) {
      double weight = total == 0 ? 1.0 / epochs.size() : epochRecipients.get(e) / total;
      double n = epochs.get(e).recipients() + 2.0;
      double rate = (epochs.get(e).successes() + 1) / n;
      mean += weight * rate;
      variance += weight * weight * rate * (1 - rate) / (n + 1);
    }
    double size = mean * (1 - mean) / variance - 1;
    return BetaDistribution.of(mean * size, (1 - mean) * size);
  }

  /**
   * The posterior of a mean, normal with a flat prior, epochs weighted as above.
   *
   * @param epochs the arm's sums per epoch, each with at least two recipients of different value
   * @param epochRecipients the recipients of all arms per epoch
   */
  public static ContinuousDistribution posteriorOfMean(
      List<MeanCounts> epochs, List<Long> epochRecipients) {
    double total = epochRecipients.stream().mapToLong(n -> n).sum();
    double mean = 0;
    double variance = 0;
    for (int e = 0; e < epochs.size(); e++) {
      double weight = epochRecipients.get(e) / total;
      double n = epochs.get(e).recipients();
      mean += weight * epochs.get(e).sumMicros().doubleValue() / n;
      variance += weight * weight * MeanEffect.adjustedSquares(epochs.get(e), 0) / ((n - 1) * n);
    }
    return NormalDistribution.of(mean, Math.sqrt(variance));
  }
}
