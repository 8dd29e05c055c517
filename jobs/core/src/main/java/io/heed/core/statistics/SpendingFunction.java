package io.heed.core.statistics;

import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * How much of an error probability may be spent by a fraction of the planned information.
 *
 * <p>Source: Lan and DeMets, "Discrete sequential boundaries for clinical trials" (1983).
 */
@FunctionalInterface
public interface SpendingFunction {
  /**
   * O'Brien-Fleming type: hardly anything early, {@code 2 − 2Φ(z_{α/2}/√t)}, as boundaries 4.877,
   * 3.357, 2.680, 2.290, 2.031 for five looks at α = 0.025.
   */
  SpendingFunction OBRIEN_FLEMING =
      (level, fraction) -> {
        NormalDistribution normal = NormalDistribution.of(0, 1);
        double z = normal.inverseSurvivalProbability(level / 2);
        return 2 * normal.survivalProbability(z / Math.sqrt(fraction));
      };

  /** The power family with exponent 2, {@code α t²}: stops sooner when the effect is large. */
  SpendingFunction QUADRATIC = (level, fraction) -> level * fraction * fraction;

  /**
   * The error spent by then.
   *
   * @param level what may be spent in all, one-sided
   * @param fraction of the planned information, 0 (exclusive) to 1
   */
  double spent(double level, double fraction);
}
