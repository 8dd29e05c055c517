package io.heed.core.listhealth;

/**
 * A sum of money in two counts, the micros below a whole unit and the units: exact in any order,
 * and beyond overflow for thousands of millions of the largest amounts, where one count of micros
 * would wrap at ten thousand.
 */
final class Money {
  private static final long MICROS_PER_UNIT = 1_000_000;

  private Money() {}

  /** Adds an amount, or takes it back if {@code sign} is -1. */
  static void add(long[] counts, int at, long micros, int sign) {
    counts[at] += sign * (micros % MICROS_PER_UNIT);
    counts[at + 1] += sign * (micros / MICROS_PER_UNIT);
  }

  /** The sum in micros, or the nearest that 64 bits hold. */
  static long micros(long[] counts, int at) {
    long units = counts[at + 1] + counts[at] / MICROS_PER_UNIT;
    long rest = counts[at] % MICROS_PER_UNIT;
    long largest = Long.MAX_VALUE / MICROS_PER_UNIT - 1;
    if (Math.abs(units) > largest) {
      return units > 0 ? Long.MAX_VALUE : Long.MIN_VALUE;
    }
    return units * MICROS_PER_UNIT + rest;
  }
}
