package io.heed.core.statistics;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Adjustments for many tests at once. */
public final class MultipleTesting {
  private MultipleTesting() {}

  /**
   * Holm's step-down p-values: for reports only, decisions use the level of their pair.
   *
   * <p>Source: Holm, "A simple sequentially rejective multiple test procedure" (1979).
   */
  public static double[] holm(double... pValues) {
    int m = pValues.length;
    double[] adjusted = new double[m];
    double largest = 0;
    int rank = 0;
    for (int i : order(m, Comparator.comparingDouble(i -> pValues[i]))) {
      largest = Math.max(largest, Math.min(1, (m - rank) * pValues[i]));
      adjusted[i] = largest;
      rank++;
    }
    return adjusted;
  }

  /**
   * The tests that e-BH rejects: the top j by e-value, for the largest j whose j-th e-value reaches
   * m/(αj). It controls the false discovery rate under any dependence between the metrics, on
   * current (not running) evidence.
   *
   * <p>Source: Wang and Ramdas, "False discovery rate control with e-values" (2022).
   *
   * @param alpha the false discovery rate
   * @param logE the log e-value of each test
   * @return indices into {@code logE}, ascending
   */
  public static List<Integer> eBenjaminiHochberg(double alpha, double... logE) {
    int m = logE.length;
    List<Integer> byEvidence =
        order(m, Comparator.<Integer>comparingDouble(i -> logE[i]).reversed());
    // An e-value of exactly m/(αj) is rejected, whatever its logarithm has been rounded to.
    double roundOff = 1e-12;
    for (int j = m; j > 0; j--) {
      if (logE[byEvidence.get(j - 1)] >= Math.log(m / (alpha * j)) - roundOff) {
        return byEvidence.subList(0, j).stream().sorted().toList();
      }
    }
    return List.of();
  }

  private static List<Integer> order(int size, Comparator<Integer> by) {
    return IntStream.range(0, size).boxed().sorted(by).toList();
  }
}
