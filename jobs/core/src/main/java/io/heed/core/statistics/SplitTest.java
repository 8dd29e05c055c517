package io.heed.core.statistics;

import java.util.List;
import org.apache.commons.statistics.distribution.BinomialDistribution;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;

/**
 * The test of a split that is looked at once: do the totals of the arms fit their shares? Exact
 * halves and batches fit, whatever their order, for only the totals count.
 *
 * <p>Pearson's chi-square test; where an arm expects fewer than {@value #LEAST_EXPECTED} recipients
 * the exact binomial test of each arm against the rest, with Bonferroni's correction.
 */
public final class SplitTest {
  /** Below this p-value, corrected for other splits that are tested, an experiment is invalid. */
  public static final double INVALID_BELOW = 0.0005;

  /** Totals of fewer recipients are not tested: they could hardly be found out of proportion. */
  public static final long LEAST_UNITS = 20;

  private static final double LEAST_EXPECTED = 10;

  private SplitTest() {}

  /**
   * The p-value, two-sided.
   *
   * @param shares of the arms, up to a factor; arms with share 0 take no part
   * @param counts recipients per arm
   */
  public static double pValue(List<Double> shares, List<Long> counts) {
    double totalShare = 0;
    long total = 0;
    int arms = 0;
    double leastShare = Double.POSITIVE_INFINITY;
    for (int arm = 0; arm < shares.size(); arm++) {
      if (shares.get(arm) > 0) {
        totalShare += shares.get(arm);
        total += count(counts, arm);
        leastShare = Math.min(leastShare, shares.get(arm));
        arms++;
      }
    }
    if (arms < 2 || total == 0) {
      return 1;
    }
    boolean exact = total * leastShare / totalShare < LEAST_EXPECTED;
    double chiSquare = 0;
    double least = 1;
    for (int arm = 0; arm < shares.size(); arm++) {
      if (shares.get(arm) > 0) {
        double share = shares.get(arm) / totalShare;
        double difference = count(counts, arm) - total * share;
        chiSquare += difference * difference / (total * share);
        if (exact) {
          least = Math.min(least, binomial(share, total, count(counts, arm)));
        }
      }
    }
    return exact
        ? Math.min(1, (arms == 2 ? 1 : arms) * least)
        : ChiSquaredDistribution.of(arms - 1.0).survivalProbability(chiSquare);
  }

  private static long count(List<Long> counts, int arm) {
    return arm < counts.size() ? counts.get(arm) : 0;
  }

  private static double binomial(double share, long total, long count) {
    BinomialDistribution distribution =
        BinomialDistribution.of(Math.toIntExact(total), Math.min(1, share));
    int units = Math.toIntExact(count);
    double tail =
        Math.min(
            distribution.cumulativeProbability(units), distribution.survivalProbability(units - 1));
    return Math.min(1, 2 * tail);
  }
}
