package io.heed.core.optimizer;

/**
 * Points of fatigue at which the published tables hold their figures: dense where most people are.
 */
final class ValueGrid {
  static final int POINTS = 33;
  private static final double MAX = 24;

  private ValueGrid() {}

  static double fatigue(int point) {
    double share = (double) point / (POINTS - 1);
    return MAX * share * share;
  }

  /** Place between the points, to be split by {@link #at}. */
  static double position(double fatigue) {
    return fatigue >= MAX ? POINTS - 1 : Math.sqrt(fatigue / MAX) * (POINTS - 1);
  }

  /** The figure there, linear in the square root of fatigue between points. */
  static double at(double[] table, int from, double position) {
    int point = position >= POINTS - 2 ? POINTS - 2 : (int) position;
    double share = position - point;
    return table[from + point] + share * (table[from + point + 1] - table[from + point]);
  }
}
