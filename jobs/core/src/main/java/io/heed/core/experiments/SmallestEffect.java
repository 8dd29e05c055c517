package io.heed.core.experiments;

import io.heed.core.experiments.PowerSimulation.Outcomes;
import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * The smallest effect (of non-inferiority: margin) that so many recipients can find with the
 * planned power: how many fixed-horizon sizes that takes is simulated at the minimum effect, and
 * hardly depends on it.
 */
final class SmallestEffect {
  private static final NormalDistribution NORMAL = NormalDistribution.of(0, 1);

  /** What a file may say. */
  private static final double SMALLEST = 0.001;

  private static final double LARGEST = 10;
  private static final double LARGEST_MARGIN = 0.9;
  private static final double ACCURACY = 1e-4;

  private final ExperimentConfig config;
  private final double sizes;

  /**
   * @param planned what came of tests at the minimum effect
   */
  SmallestEffect(ExperimentConfig config, Outcomes planned) {
    this.config = config;
    this.sizes = sizes(planned);
  }

  /**
   * Fixed-horizon sizes that the power takes. Where the tests end before they have it, the size
   * follows from the power that they do have: sizes go as the square of z.
   */
  private double sizes(Outcomes planned) {
    double most = config.horizonSize();
    if (config.design() instanceof Design.PlannedList list) {
      most = list.plannedRecipients();
    } else if (!Double.isNaN(planned.recipientsFor(config.power()))) {
      return planned.recipientsFor(config.power()) / config.fixedSize();
    }
    double least = 0.5 / planned.ends().size();
    double power = Math.max(least, Math.min(1 - least, planned.power()));
    double level = NORMAL.inverseSurvivalProbability(config.pairLevel() / 2);
    double reached = level + NORMAL.inverseCumulativeProbability(power);
    double wanted = level + NORMAL.inverseCumulativeProbability(config.power());
    return most / config.fixedSize() * Math.pow(wanted / Math.max(ACCURACY, reached), 2);
  }

  /** The effect, relative; NaN if so few recipients find none that a file may plan with. */
  double of(double recipients) {
    double size = recipients / sizes;
    double planned = config.plannedDistance();
    double low = Math.log(SMALLEST / planned);
    double high = Math.log((config.isNonInferiority() ? LARGEST_MARGIN : LARGEST) / planned);
    if (config.fixedSize(Math.exp(high)) > size) {
      return Double.NaN;
    }
    while (high - low > ACCURACY) {
      double middle = (low + high) / 2;
      if (config.fixedSize(Math.exp(middle)) > size) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return planned * Math.exp(high);
  }
}
