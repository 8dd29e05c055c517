package io.heed.core.statistics;

import static java.math.BigInteger.ZERO;

import java.math.BigInteger;

/**
 * Sums of a value per recipient (revenue) and of its covariate (the same recipient's value before
 * the experiment; 0 where there is none) over the matured recipients of one arm.
 *
 * <p>All sums are exact integers of any width, since the square of a value in micros leaves 64 bits
 * at 3,000 units of currency: merging in any order gives the same bits.
 *
 * @param recipients matured recipients
 * @param successes recipients with a value other than zero (converters)
 * @param sumMicros Σ y
 * @param sumSquares Σ y², square micros
 * @param covariateSumMicros Σ x
 * @param covariateSumSquares Σ x², square micros
 * @param sumProducts Σ xy, square micros
 */
public record MeanCounts(
    long recipients,
    long successes,
    BigInteger sumMicros,
    BigInteger sumSquares,
    BigInteger covariateSumMicros,
    BigInteger covariateSumSquares,
    BigInteger sumProducts)
    implements MetricCounts {
  /** Nothing counted yet. */
  public static final MeanCounts NONE = new MeanCounts(0, 0, ZERO, ZERO, ZERO, ZERO, ZERO);

  /**
   * @throws IllegalArgumentException unless 0 ≤ successes ≤ recipients
   */
  public MeanCounts {
    if (successes < 0 || successes > recipients) {
      throw new IllegalArgumentException(
          "successes = " + successes + " must be between 0 and recipients = " + recipients);
    }
  }

  /** One matured recipient without a covariate. */
  public static MeanCounts of(long micros) {
    return of(micros, 0);
  }

  /** One matured recipient: its value in the window and its value before the experiment. */
  public static MeanCounts of(long micros, long covariateMicros) {
    BigInteger y = BigInteger.valueOf(micros);
    BigInteger x = BigInteger.valueOf(covariateMicros);
    return new MeanCounts(
        1, micros == 0 ? 0 : 1, y, y.multiply(y), x, x.multiply(x), x.multiply(y));
  }

  /** Both together. */
  public MeanCounts plus(MeanCounts other) {
    return new MeanCounts(
        Math.addExact(recipients, other.recipients),
        Math.addExact(successes, other.successes),
        sumMicros.add(other.sumMicros),
        sumSquares.add(other.sumSquares),
        covariateSumMicros.add(other.covariateSumMicros),
        covariateSumSquares.add(other.covariateSumSquares),
        sumProducts.add(other.sumProducts));
  }

  /** What remains after {@code other} is taken back, for restated facts. */
  public MeanCounts minus(MeanCounts other) {
    return new MeanCounts(
        recipients - other.recipients,
        successes - other.successes,
        sumMicros.subtract(other.sumMicros),
        sumSquares.subtract(other.sumSquares),
        covariateSumMicros.subtract(other.covariateSumMicros),
        covariateSumSquares.subtract(other.covariateSumSquares),
        sumProducts.subtract(other.sumProducts));
  }
}
