package io.heed.core.attribution;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The removal effect as it is defined: the chain is solved as it is, and once more with every step
 * into the channel leading to null instead. By Gauss-Seidel sweeps, so that nothing is shared with
 * the code under test.
 */
final class AbsorbingChain {
  private AbsorbingChain() {}

  static Set<String> channels(TransitionCounts counts) {
    Set<String> channels = new TreeSet<>();
    counts.forEach((step, times) -> channels.add(step.from()));
    channels.remove(TransitionCounts.START);
    return channels;
  }

  static double removalEffect(TransitionCounts counts, String channel) {
    double all = conversionChance(counts, null);
    return all == 0 ? 0 : 1 - conversionChance(counts, channel) / all;
  }

  private static double conversionChance(TransitionCounts counts, String removed) {
    Map<String, Double> totals = new TreeMap<>();
    counts.forEach((step, times) -> totals.merge(step.from(), (double) times, Double::sum));
    Map<String, Double> chance = new TreeMap<>();
    double change = 1;
    while (change > 1e-15) {
      change = 0;
      for (String state : totals.keySet()) {
        double[] sum = new double[1];
        counts.forEach(
            (step, times) -> {
              if (step.from().equals(state)) {
                double next =
                    step.to().equals(TransitionCounts.CONVERSION)
                        ? 1
                        : step.to().equals(removed) ? 0 : chance.getOrDefault(step.to(), 0.0);
                sum[0] += times / totals.get(state) * next;
              }
            });
        change = Math.max(change, Math.abs(sum[0] - chance.getOrDefault(state, 0.0)));
        chance.put(state, sum[0]);
      }
    }
    return chance.getOrDefault(TransitionCounts.START, 0.0);
  }
}
