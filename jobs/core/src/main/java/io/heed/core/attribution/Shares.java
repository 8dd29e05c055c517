package io.heed.core.attribution;

import java.util.Arrays;

/**
 * Shares of credit as integers in units of 10⁻¹², which always sum to exactly 1, and the division
 * of an amount by them.
 */
public final class Shares {
  /** The whole credit. */
  public static final long ONE = 1_000_000_000_000L;

  private static final long ROOT = 1_000_000L;

  private Shares() {}

  /**
   * Shares in proportion to weights that are not negative, rounded to the nearest; the last touch
   * takes the remainder. Weights that sum to nothing are taken as equal.
   */
  public static long[] proportional(double[] weights) {
    double sum = 0;
    for (double weight : weights) {
      sum += weight;
    }
    if (!(sum > 0)) {
      double[] equal = new double[weights.length];
      Arrays.fill(equal, 1);
      return proportional(equal);
    }
    long[] shares = new long[weights.length];
    long left = ONE;
    for (int i = 0; i < shares.length - 1; i++) {
      shares[i] = Math.min(left, Math.round(weights[i] / sum * ONE));
      left -= shares[i];
    }
    shares[shares.length - 1] = left;
    return shares;
  }

  /**
   * Divides an amount by the method of the largest remainder: each part is the exact product
   * rounded down, and what is left goes one by one to the largest remainders, of equal ones to the
   * earliest. A negative amount is divided as its opposite.
   *
   * @return parts that sum to exactly the amount
   */
  public static long[] divide(long micros, long[] shares) {
    long amount = Math.abs(micros);
    long sign = micros < 0 ? -1 : 1;
    long high = amount / ONE;
    long low = amount % ONE;
    long[] parts = new long[shares.length];
    long[] remainders = new long[shares.length];
    long left = amount;
    for (int i = 0; i < shares.length; i++) {
      // low × share does not fit 64 bits, so that it is divided in two steps of 10⁶.
      long first = low * (shares[i] / ROOT);
      long rest = first % ROOT * ROOT + low * (shares[i] % ROOT);
      parts[i] = high * shares[i] + first / ROOT + rest / ONE;
      remainders[i] = rest % ONE;
      left -= parts[i];
    }
    for (; left > 0; left--) {
      int largest = 0;
      for (int i = 1; i < remainders.length; i++) {
        largest = remainders[i] > remainders[largest] ? i : largest;
      }
      parts[largest]++;
      remainders[largest] = -1;
    }
    for (int i = 0; i < parts.length; i++) {
      parts[i] *= sign;
    }
    return parts;
  }
}
