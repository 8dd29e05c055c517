package io.heed.core.statistics;

/**
 * A test statistic of the effect of arm B against arm A, approximately normal at a planned look.
 */
public interface LookStatistic {
  /** The effect that fits the counts best; NaN while there are none. */
  double estimate();

  /** The standardised distance of the counts from the null hypothesis; NaN without variance. */
  double z(double nullEffect);

  /** All effects with |z| below the critical value. */
  Interval interval(double criticalValue);
}
