package io.heed.core.statistics;

import org.apache.commons.numbers.gamma.Erfcx;
import org.apache.commons.numbers.gamma.LogGamma;

/** Functions that keep evidence on the logarithmic scale, where it neither over- nor underflows. */
final class LogSpace {
  /** Terms this far below the largest one are under half an ulp of the sum, even 2,000 of them. */
  private static final double NEGLIGIBLE = -45;

  private static final double HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);

  /** From here on five terms of the Stirling series are exact to a double's last digit. */
  private static final double STIRLING_FROM = 15;

  private LogSpace() {}

  /**
   * {@code ln Σ exp(x)}, summed in the order of the array.
   *
   * @return negative infinity for an empty array
   */
  static double logSumExp(double[] x) {
    double max = Double.NEGATIVE_INFINITY;
    for (double value : x) {
      max = Math.max(max, value);
    }
    if (Double.isInfinite(max) || Double.isNaN(max)) {
      return max;
    }
    double sum = 0;
    for (double value : x) {
      double difference = value - max;
      if (difference > NEGLIGIBLE) {
        sum += Math.exp(difference);
      }
    }
    return max + Math.log(sum);
  }

  /**
   * The remainder δ of Stirling's formula, {@code ln Γ(x) = (x − ½) ln x − x + ½ ln 2π + δ(x)}.
   * Differences of log-gammas at large counts are formed from δ, because the log-gammas themselves
   * (1e8 at ten million) have lost the digits that the difference needs. Commons Numbers has this
   * function, but not publicly.
   *
   * <p>Source: Abramowitz and Stegun, 6.1.41.
   */
  static double stirlingRemainder(double x) {
    if (x < STIRLING_FROM) {
      return LogGamma.value(x) - ((x - 0.5) * Math.log(x) - x + HALF_LOG_TWO_PI);
    }
    double inverseSquare = 1 / (x * x);
    return (1.0 / 12
            + inverseSquare
                * (-1.0 / 360
                    + inverseSquare
                        * (1.0 / 1260 + inverseSquare * (-1.0 / 1680 + inverseSquare / 1188))))
        / x;
  }

  /**
   * {@code ln Φ(z)} of the standard normal distribution, exact also where Φ underflows. For z < 0
   * it is {@code −z²/2 + ln(erfcx(−z/√2)/2)}; the distribution in Commons Statistics returns Φ
   * only.
   */
  static double logNormalCdf(double z) {
    double scaled = z / Math.sqrt(2);
    return z < 0
        ? -scaled * scaled + Math.log(Erfcx.value(-scaled) / 2)
        : Math.log1p(-Erfcx.value(scaled) * Math.exp(-scaled * scaled) / 2);
  }
}
