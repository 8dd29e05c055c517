package io.heed.core.statistics;

import java.math.BigInteger;
import java.util.List;

/**
 * The difference of two means, per recipient, with its standard error: pooled variance, adjusted by
 * the covariate (CUPED), combined over epochs by inverse variance.
 *
 * <p>Per epoch: {@code s² = ((n_a−1) s_a² + (n_b−1) s_b²)/(n−2)}, {@code se² = s² (1/n_a + 1/n_b)},
 * each of {@code y − θx} with {@code θ = cov(x, y)/var(x)} over both arms joined (0 where the
 * covariate does not vary). The pooled variance, because the unpooled one has a type-I error of 8
 * to 20 % at a 90/10 split.
 *
 * <p>An epoch takes part from {@link #MINIMUM_SUCCESSES} converters per arm on, and with some
 * variance in each arm: below, its estimated variance can be absurdly small, and inverse variance
 * would let it outweigh everything else.
 *
 * <p>Source: Deng, Xu, Kohavi and Walker, "Improving the sensitivity of online controlled
 * experiments by utilizing pre-experiment data" (2013).
 *
 * @param estimate the effect of arm B against arm A; NaN while no epoch takes part
 * @param standardError its standard error; NaN while no epoch takes part
 * @param recipients n of the epochs that take part
 */
public record MeanEffect(double estimate, double standardError, long recipients)
    implements LookStatistic {
  /** Converters that each arm of an epoch needs before its mean is trusted to be normal. */
  public static final int MINIMUM_SUCCESSES = 25;

  /** The effect over the given epochs. */
  public static MeanEffect of(List<Stratum<MeanCounts>> strata) {
    double precision = 0;
    double weighted = 0;
    long recipients = 0;
    for (Stratum<MeanCounts> stratum : strata) {
      MeanCounts a = stratum.a();
      MeanCounts b = stratum.b();
      if (Math.min(a.successes(), b.successes()) < MINIMUM_SUCCESSES) {
        continue;
      }
      double theta = theta(a.plus(b));
      double squaresA = adjustedSquares(a, theta);
      double squaresB = adjustedSquares(b, theta);
      if (squaresA > 0 && squaresB > 0) {
        double n = stratum.recipients();
        double variance =
            (squaresA + squaresB) / (n - 2) * (1.0 / a.recipients() + 1.0 / b.recipients());
        precision += 1 / variance;
        weighted += difference(a, b, theta) / variance;
        recipients += stratum.recipients();
      }
    }
    return recipients == 0
        ? new MeanEffect(Double.NaN, Double.NaN, 0)
        : new MeanEffect(weighted / precision, Math.sqrt(1 / precision), recipients);
  }

  /** CUPED's θ, the regression of the value on its covariate. */
  static double theta(MeanCounts joined) {
    BigInteger x = joined.covariateSumMicros();
    BigInteger spread = centred(joined.recipients(), joined.covariateSumSquares(), x, x);
    return spread.signum() == 0
        ? 0
        : centred(joined.recipients(), joined.sumProducts(), x, joined.sumMicros()).doubleValue()
            / spread.doubleValue();
  }

  /** Σ(z − z̄)² of z = y − θx. */
  static double adjustedSquares(MeanCounts arm, double theta) {
    BigInteger x = arm.covariateSumMicros();
    BigInteger y = arm.sumMicros();
    double yy = centred(arm.recipients(), arm.sumSquares(), y, y).doubleValue();
    double xy = centred(arm.recipients(), arm.sumProducts(), x, y).doubleValue();
    double xx = centred(arm.recipients(), arm.covariateSumSquares(), x, x).doubleValue();
    return (yy - 2 * theta * xy + theta * theta * xx) / arm.recipients();
  }

  /** n Σuv − Σu Σv, exactly: the subtraction that would cancel in floating point. */
  private static BigInteger centred(long n, BigInteger products, BigInteger u, BigInteger v) {
    return BigInteger.valueOf(n).multiply(products).subtract(u.multiply(v));
  }

  private static double difference(MeanCounts a, MeanCounts b, double theta) {
    BigInteger na = BigInteger.valueOf(a.recipients());
    BigInteger nb = BigInteger.valueOf(b.recipients());
    double scale = na.multiply(nb).doubleValue();
    BigInteger y = b.sumMicros().multiply(na).subtract(a.sumMicros().multiply(nb));
    BigInteger x =
        b.covariateSumMicros().multiply(na).subtract(a.covariateSumMicros().multiply(nb));
    return (y.doubleValue() - theta * x.doubleValue()) / scale;
  }

  @Override
  public double z(double nullEffect) {
    return (estimate - nullEffect) / standardError;
  }

  @Override
  public Interval interval(double criticalValue) {
    return around(criticalValue * standardError);
  }

  Interval around(double halfWidth) {
    return Double.isNaN(halfWidth)
        ? new Interval(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY)
        : new Interval(estimate - halfWidth, estimate + halfWidth);
  }
}
