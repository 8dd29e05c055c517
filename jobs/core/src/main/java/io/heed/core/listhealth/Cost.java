package io.heed.core.listhealth;

import java.math.BigInteger;

/**
 * A sum of amounts as two counts side by side: what lies below {@value #BASE} micros, and how many
 * times that. At most 10^15 micros a message, neither wraps before 9 * 10^9 messages in one row,
 * where a single long would after 9,223; and unlike a sum that stops at its end, both can be added
 * and taken back in any order.
 */
final class Cost {
  private static final long BASE = 1_000_000_000;

  private Cost() {}

  /** Adds an amount to the two counts from a place on. */
  static void add(long[] counts, int place, int sign, long micros) {
    counts[place] += sign * (micros % BASE);
    counts[place + 1] += sign * (micros / BASE);
  }

  /** The sum in micros; the nearest long if it is none. */
  static long micros(long[] counts, int place) {
    long high = counts[place + 1];
    if (high == 0) {
      return counts[place];
    }
    BigInteger sum =
        BigInteger.valueOf(high)
            .multiply(BigInteger.valueOf(BASE))
            .add(BigInteger.valueOf(counts[place]));
    return sum.bitLength() < Long.SIZE
        ? sum.longValue()
        : sum.signum() > 0 ? Long.MAX_VALUE : Long.MIN_VALUE;
  }
}
