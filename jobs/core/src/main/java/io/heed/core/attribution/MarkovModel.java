package io.heed.core.attribution;

import io.heed.core.attribution.TransitionCounts.Transition;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.DecompositionSolver;
import org.apache.commons.math3.linear.LUDecomposition;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * The data-driven model: paths as a Markov chain of order 1 over start, channels, conversion and
 * null. A channel's removal effect is the part of all conversions that would be lost if every path
 * ended where it reaches the channel,
 *
 * <pre>RE(k) = 1 − P(conversion without k) / P(conversion).</pre>
 *
 * <p>With the fundamental matrix N = (I − Q)⁻¹ of the transient states and v = N r, the chance to
 * convert from each, that is {@code RE(k) = N(start,k)/N(k,k) · v(k)/v(start)}: the chance to reach
 * k, times the chance to convert from there. One inversion gives all effects.
 *
 * <p>Source: Anderl, Becker, von Wangenheim and Schumann, "Mapping the customer journey: Lessons
 * learned from graph-based online attribution modeling" (2016); Kemeny and Snell, "Finite Markov
 * chains" (1960), chapter 3.
 */
public final class MarkovModel {
  /** UTC days whose paths make a model: the conversion's own and those before it. */
  public static final int DAYS = 30;

  /**
   * Channels that a model distinguishes, so that a broken producer of channel names cannot stop it:
   * beyond, those with the fewest touches are one.
   */
  static final int CHANNELS = 256;

  private static final String OTHERS = "(others)";

  private MarkovModel() {}

  /**
   * The removal effect of each channel.
   *
   * @return by channel; empty if no path converted
   */
  public static Map<String, Double> removalEffects(TransitionCounts counts) {
    Map<String, String> stateOf = states(counts);
    List<String> states = new ArrayList<>(new HashSet<>(stateOf.values()));
    states.sort(Comparator.naturalOrder());
    // "(start)" sorts before every channel, but not before the others.
    states.remove(TransitionCounts.START);
    states.add(0, TransitionCounts.START);
    Map<String, Integer> index = new HashMap<>();
    states.forEach(state -> index.put(state, index.size()));

    int n = states.size();
    double[][] steps = new double[n][n];
    double[] conversions = new double[n];
    double[] totals = new double[n];
    counts.forEach(
        (step, times) -> {
          // A count that is taken back twice would be negative, and is no chance.
          double count = Math.max(0, times);
          int from = index.get(stateOf.get(step.from()));
          totals[from] += count;
          if (step.to().equals(TransitionCounts.CONVERSION)) {
            conversions[from] += count;
          } else if (!step.to().equals(TransitionCounts.NULL)) {
            steps[from][index.get(stateOf.get(step.to()))] += count;
          }
        });
    return effects(states, stateOf, steps, conversions, totals);
  }

  private static Map<String, Double> effects(
      List<String> states,
      Map<String, String> stateOf,
      double[][] steps,
      double[] conversions,
      double[] totals) {
    int n = states.size();
    RealMatrix system = new Array2DRowRealMatrix(n, n);
    double[] converts = new double[n];
    for (int i = 0; i < n; i++) {
      double total = Math.max(1, totals[i]);
      for (int j = 0; j < n; j++) {
        system.setEntry(i, j, (i == j ? 1 : 0) - steps[i][j] / total);
      }
      converts[i] = conversions[i] / total;
    }
    DecompositionSolver solver = new LUDecomposition(system).getSolver();
    if (!solver.isNonSingular()) {
      return Map.of();
    }
    RealMatrix fundamental = solver.getInverse();
    double[] chance = fundamental.operate(converts);
    if (!(chance[0] > 0)) {
      return Map.of();
    }
    Map<String, Double> byState = new HashMap<>();
    for (int k = 1; k < n; k++) {
      double reached = fundamental.getEntry(0, k) / fundamental.getEntry(k, k);
      double effect = reached * chance[k] / chance[0];
      byState.put(states.get(k), Math.min(1, Math.max(0, effect)));
    }
    Map<String, Double> effects = new TreeMap<>();
    stateOf.forEach(
        (channel, state) -> {
          if (!channel.equals(TransitionCounts.START)) {
            effects.put(channel, byState.get(state));
          }
        });
    return effects;
  }

  /** The state of each channel, and of the start: its own, or that of the others. */
  private static Map<String, String> states(TransitionCounts counts) {
    Map<String, Long> touches = new HashMap<>();
    Set<String> ends = Set.of(TransitionCounts.CONVERSION, TransitionCounts.NULL);
    for (Map.Entry<Transition, Long> step : counts.asMap().entrySet()) {
      touches.merge(step.getKey().from(), 0L, Long::sum);
      if (!ends.contains(step.getKey().to())) {
        touches.merge(step.getKey().to(), step.getValue(), Long::sum);
      }
    }
    touches.remove(TransitionCounts.START);
    List<String> channels = new ArrayList<>(touches.keySet());
    channels.sort(
        Comparator.<String>comparingLong(touches::get)
            .reversed()
            .thenComparing(Comparator.naturalOrder()));
    Map<String, String> states = new HashMap<>();
    states.put(TransitionCounts.START, TransitionCounts.START);
    for (int i = 0; i < channels.size(); i++) {
      boolean own = channels.size() <= CHANNELS || i < CHANNELS - 1;
      states.put(channels.get(i), own ? channels.get(i) : OTHERS);
    }
    return states;
  }
}
