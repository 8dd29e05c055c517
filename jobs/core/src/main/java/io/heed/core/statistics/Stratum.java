package io.heed.core.statistics;

import java.util.function.Function;

/**
 * Two arms within one part of an experiment in which they are comparable: a block of units, or an
 * epoch, over which the allocation was constant.
 *
 * @param a what arm A has measured
 * @param b what arm B has measured
 * @param <C> the kind of counts
 */
public record Stratum<C extends MetricCounts>(C a, C b) {
  /** The same pair seen from the other arm. */
  public Stratum<C> swapped() {
    return new Stratum<>(b, a);
  }

  /** The realised share of arm B, {@code n_b/(n_a+n_b)}; NaN without units. */
  public double shareB() {
    return (double) b.recipients() / recipients();
  }

  /** Whether both arms have units: otherwise the stratum compares nothing. */
  public boolean hasBoth() {
    return a.recipients() > 0 && b.recipients() > 0;
  }

  long recipients() {
    return a.recipients() + b.recipients();
  }

  /** The weight of a stratum in Mantel and Haenszel's estimate, {@code n_a n_b / n}. */
  double mantelHaenszelWeight() {
    return recipients() == 0 ? 0 : (double) a.recipients() * b.recipients() / recipients();
  }

  <D extends MetricCounts> Stratum<D> map(Function<C, D> counts) {
    return new Stratum<>(counts.apply(a), counts.apply(b));
  }
}
