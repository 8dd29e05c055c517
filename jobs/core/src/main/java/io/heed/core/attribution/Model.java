package io.heed.core.attribution;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How the credit of a conversion is shared among the touches of its path. */
public enum Model {
  /** All to the first touch. */
  FIRST_TOUCH {
    @Override
    double[] weights(List<PathTouch> path, AttributionPolicy policy) {
      return only(path.size(), 0);
    }
  },
  /** All to the last touch. */
  LAST_TOUCH {
    @Override
    double[] weights(List<PathTouch> path, AttributionPolicy policy) {
      return only(path.size(), path.size() - 1);
    }
  },
  /** The same to each touch. */
  LINEAR {
    @Override
    double[] weights(List<PathTouch> path, AttributionPolicy policy) {
      double[] weights = new double[path.size()];
      Arrays.fill(weights, 1);
      return weights;
    }
  },
  /** {@code 2^(−age / half-life)}; only ratios count, so that age is measured to the last touch. */
  TIME_DECAY {
    @Override
    double[] weights(List<PathTouch> path, AttributionPolicy policy) {
      double halfLife = policy.halfLife().toMillis();
      long last = path.get(path.size() - 1).time();
      return path.stream()
          .mapToDouble(touch -> StrictMath.pow(2, (touch.time() - last) / halfLife))
          .toArray();
    }
  },
  /**
   * Fixed shares to the first and to the last touch, the rest evenly to those between; of two
   * touches each takes its part of the two fixed shares.
   */
  POSITION_BASED {
    @Override
    double[] weights(List<PathTouch> path, AttributionPolicy policy) {
      int n = path.size();
      double[] weights = new double[n];
      if (n > 2) {
        Arrays.fill(weights, (1 - policy.firstShare() - policy.lastShare()) / (n - 2));
      }
      weights[n - 1] = policy.lastShare();
      weights[0] = n == 1 ? 1 : policy.firstShare();
      return weights;
    }
  },
  /** By the removal effects of the channels in the model of the conversion's day. */
  MARKOV {
    @Override
    double[] weights(List<PathTouch> path, AttributionPolicy policy) {
      throw new UnsupportedOperationException("needs the removal effects of a day");
    }
  };

  /** The models that need nothing but the path. */
  static final List<Model> OF_THE_PATH =
      List.of(FIRST_TOUCH, LAST_TOUCH, LINEAR, TIME_DECAY, POSITION_BASED);

  /** Name in the rows. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Weights of the touches of a path that is not empty. */
  abstract double[] weights(List<PathTouch> path, AttributionPolicy policy);

  /**
   * Weights by removal effect: each distinct channel of the path by its effect, evenly over its
   * touches in the path.
   */
  static double[] markovWeights(List<PathTouch> path, Map<String, Double> removalEffects) {
    Map<String, Integer> touches = new HashMap<>();
    path.forEach(touch -> touches.merge(touch.channel(), 1, Integer::sum));
    return path.stream()
        .mapToDouble(
            touch ->
                removalEffects.getOrDefault(touch.channel(), 0.0) / touches.get(touch.channel()))
        .toArray();
  }

  private static double[] only(int touches, int index) {
    double[] weights = new double[touches];
    weights[index] = 1;
    return weights;
  }
}
