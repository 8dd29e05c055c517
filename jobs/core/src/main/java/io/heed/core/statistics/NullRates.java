package io.heed.core.statistics;

/** The pair of rates with a given ratio that lies nearest to what is given. */
final class NullRates {
  private NullRates() {}

  /**
   * The rate θ* of arm A that maximises {@code a ln θ + (wa − a) ln(1−θ) + b ln(r₀θ) + (wb − b)
   * ln(1−r₀θ)}: the smaller root of {@code r₀θ² − [A(1+r₀) + B + C r₀]θ + A = 0}, with A = a + b, B
   * = wa − a, C = wb − b.
   *
   * <p>With the shares and rates of an alternative it is the reverse information projection onto
   * the null "θb = r₀ θa" (Turner, Ly and Grünwald 2024); with counts it is the constrained maximum
   * likelihood estimate of Miettinen and Nurminen (1985).
   *
   * @param ratio r₀
   * @param positives A
   * @param negativesA B
   * @param negativesB C
   */
  static double rateA(double ratio, double positives, double negativesA, double negativesB) {
    double linear = positives * (1 + ratio) + negativesA + negativesB * ratio;
    // Not the textbook form: the difference of two near-equal numbers would lose small rates.
    return 2
        * positives
        / (linear + Math.sqrt(Math.max(0, linear * linear - 4 * ratio * positives)));
  }
}
