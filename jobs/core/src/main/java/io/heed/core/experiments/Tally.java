package io.heed.core.experiments;

import static java.math.BigInteger.ZERO;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import io.heed.core.statistics.BinaryCounts;
import io.heed.core.statistics.MeanCounts;
import java.math.BigInteger;

/**
 * Sums over units, or a change of such sums (which may be negative): exact, so that adding in any
 * order gives the same bits.
 *
 * @param recipients units
 * @param successes units with the outcome
 * @param sum of the value y, micros
 * @param squares Σ y²
 * @param covariate Σ x
 * @param covariateSquares Σ x²
 * @param products Σ xy
 */
public record Tally(
    long recipients,
    long successes,
    BigInteger sum,
    BigInteger squares,
    BigInteger covariate,
    BigInteger covariateSquares,
    BigInteger products) {
  /** Nothing. */
  public static final Tally NONE = of(0, 0);

  /** Counts without sums. */
  public static Tally of(long recipients, long successes) {
    return new Tally(recipients, successes, ZERO, ZERO, ZERO, ZERO, ZERO);
  }

  /** One unit with a value and the covariate's value. */
  static Tally ofValue(long value, long covariateValue) {
    if (value == 0 && covariateValue == 0) {
      return of(1, 0);
    }
    MeanCounts one = MeanCounts.of(value, covariateValue);
    return new Tally(
        1,
        one.successes(),
        one.sumMicros(),
        one.sumSquares(),
        one.covariateSumMicros(),
        one.covariateSumSquares(),
        one.sumProducts());
  }

  /** Both together. */
  public Tally plus(Tally other) {
    if (isPlain() && other.isPlain()) {
      return of(recipients + other.recipients, successes + other.successes);
    }
    return new Tally(
        recipients + other.recipients,
        successes + other.successes,
        sum.add(other.sum),
        squares.add(other.squares),
        covariate.add(other.covariate),
        covariateSquares.add(other.covariateSquares),
        products.add(other.products));
  }

  /** Most tallies are of rates, and rates are counted often. */
  @SuppressWarnings("ReferenceEquality") // only saves time
  private boolean isPlain() {
    return sum == ZERO
        && squares == ZERO
        && covariate == ZERO
        && covariateSquares == ZERO
        && products == ZERO;
  }

  /** What takes this back. */
  public Tally negated() {
    return new Tally(
        -recipients,
        -successes,
        sum.negate(),
        squares.negate(),
        covariate.negate(),
        covariateSquares.negate(),
        products.negate());
  }

  /**
   * As counts of a rate. Units can be taken back that were never counted, where the plan has
   * changed before its start: less than nothing is nothing.
   */
  public BinaryCounts binary() {
    long units = Math.max(0, recipients);
    return new BinaryCounts(units, Math.max(0, Math.min(successes, units)));
  }

  /** As sums of a mean. */
  public MeanCounts mean() {
    return new MeanCounts(
        recipients, successes, sum, squares, covariate, covariateSquares, products);
  }

  void write(BinaryWriter out) {
    boolean sums = !isPlain() && !equals(of(recipients, successes));
    out.writeSigned(recipients);
    out.writeSigned(successes);
    out.writeBoolean(sums);
    if (sums) {
      for (BigInteger value :
          new BigInteger[] {sum, squares, covariate, covariateSquares, products}) {
        out.writeInteger(value);
      }
    }
  }

  static Tally read(BinaryReader in) throws BinaryException {
    long recipients = in.readSigned();
    long successes = in.readSigned();
    return in.readBoolean()
        ? new Tally(
            recipients,
            successes,
            in.readInteger(),
            in.readInteger(),
            in.readInteger(),
            in.readInteger(),
            in.readInteger())
        : of(recipients, successes);
  }
}
