package io.heed.sim;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/** All chance of a simulation, from one seed. */
final class Chance {
  private final SplittableRandom random;

  Chance(long seed) {
    random = new SplittableRandom(seed);
  }

  boolean happens(double probability) {
    return probability > 0 && random.nextDouble() < probability;
  }

  int below(int bound) {
    return random.nextInt(bound);
  }

  /** Evenly from {@code from} (inclusive) to {@code to} (exclusive). */
  long between(long from, long to) {
    return random.nextLong(from, Math.max(from + 1, to));
  }

  /** A quantity whose logarithm is normal: most are small, a few are very large. */
  long logNormal(long median, double sigma) {
    return (long) (median * Math.exp(sigma * random.nextGaussian()));
  }

  /** Distance to the next event of a Poisson process. */
  long exponentialMillis(double meanMillis) {
    return 1 + (long) (meanMillis * random.nextExponential());
  }

  /** A positive factor with mean 1 that makes people differ. */
  float factor(double sigma) {
    return (float) Math.exp(sigma * random.nextGaussian() - sigma * sigma / 2);
  }

  <T> T anyOf(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }

  /** One of the values, each as often as its weight says; null if all weights are zero. */
  <T> T weighted(List<T> values, ToDoubleFunction<T> weight) {
    return weighted(values, weight, random.nextDouble());
  }

  /** As {@link #weighted(List, ToDoubleFunction)} with {@code unit} from 0 to 1 for the chance. */
  static <T> T weighted(List<T> values, ToDoubleFunction<T> weight, double unit) {
    double rest = unit * values.stream().mapToDouble(weight).sum();
    T chosen = null;
    for (T value : values) {
      double share = weight.applyAsDouble(value);
      if (share > 0) {
        chosen = value;
        rest -= share;
        if (rest < 0) {
          break;
        }
      }
    }
    return chosen;
  }
}
