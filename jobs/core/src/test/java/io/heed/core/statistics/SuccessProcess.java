package io.heed.core.statistics;

import java.util.List;
import org.apache.commons.math3.analysis.UnivariateFunction;
import org.apache.commons.math3.analysis.solvers.BrentSolver;
import org.apache.commons.numbers.gamma.RegularizedBeta;

/**
 * The success process of Lindon and Malek, an independent test of the same hypothesis as {@link
 * RatioMixture}: at rare outcomes the share of arm B among the successes gives the ratio of the
 * rates. Valid for rare outcomes only, so it checks and never decides.
 */
record SuccessProcess(double shareB, double concentration, long successesA, long successesB) {
  /** The share of arm B among the successes if its rate is {@code ratio} times arm A's. */
  double nullShare(double ratio) {
    return shareB * ratio / (shareB * ratio + 1 - shareB);
  }

  double logE(double ratio) {
    double share = nullShare(ratio);
    return new SampleRatioTest(concentration)
        .logE(List.of(1 - share, share), List.of(successesA, successesB));
  }

  /** Against "ratio at most 1 + margin": the mixture's prior is cut off at the null share. */
  double logEOfHarm(double margin) {
    double share = nullShare(1 + margin);
    double b = concentration * share;
    double a = concentration * (1 - share);
    return logE(1 + margin)
        + Math.log(RegularizedBeta.complement(share, b + successesB, a + successesA))
        - Math.log(RegularizedBeta.complement(share, b, a));
  }

  /** Against "ratio at least 1 + margin". */
  double logEOfNonInferiority(double margin) {
    double share = nullShare(1 + margin);
    double b = concentration * share;
    double a = concentration * (1 - share);
    return logE(1 + margin)
        + Math.log(RegularizedBeta.value(share, b + successesB, a + successesA))
        - Math.log(RegularizedBeta.value(share, b, a));
  }

  /**
   * All ratios that the mixture around the assignment's share leaves at the level: its prior stays
   * where it is while the share moves.
   */
  double[] interval(double alpha) {
    double observed =
        Math.min(0.999, Math.max(0.001, (successesB + 0.5) / (successesA + successesB + 1.0)));
    UnivariateFunction excess =
        share ->
            logE(1)
                + successesA * Math.log((1 - shareB) / (1 - share))
                + successesB * Math.log(shareB / share)
                + Math.log(alpha);
    BrentSolver solver = new BrentSolver(1e-14, 1e-14);
    double lower = successesB == 0 ? 0 : solver.solve(500, excess, 1e-12, observed);
    double upper = successesA == 0 ? 1 : solver.solve(500, excess, observed, 1 - 1e-12);
    double odds = (1 - shareB) / shareB;
    return new double[] {lower / (1 - lower) * odds, upper / (1 - upper) * odds};
  }
}
