package io.heed.core.statistics;

import java.util.random.RandomGenerator;

/** Draws how many of many units have an outcome, for simulations. */
public final class BinomialSampler {
  /** From this variance on the normal distribution takes its place: its skewness is below 0.02. */
  private static final double NORMAL_VARIANCE = 3_000;

  private BinomialSampler() {}

  /**
   * Draws one number, by the waiting times between successes.
   *
   * @param units n
   * @param probability p of each of them
   */
  public static long sample(RandomGenerator random, long units, double probability) {
    if (probability > 0.5) {
      return units - sample(random, units, 1 - probability);
    }
    double variance = units * probability * (1 - probability);
    if (!(variance > 0)) {
      return 0;
    }
    if (variance > NORMAL_VARIANCE) {
      double drawn = units * probability + Math.sqrt(variance) * random.nextGaussian();
      return Math.max(0, Math.min(units, Math.round(drawn)));
    }
    double logFailure = Math.log1p(-probability);
    long successes = 0;
    double left = units;
    while (true) {
      left -= 1 + Math.floor(Math.log(1 - random.nextDouble()) / logFailure);
      if (left < 0) {
        return successes;
      }
      successes++;
    }
  }
}
