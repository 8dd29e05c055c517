package io.heed.core.statistics;

import java.util.function.Function;

/**
 * Two arms within one epoch, the time over which the allocation was constant.
 *
 * @param shareB ρ, the probability with which a unit of the pair was assigned to arm B
 * @param a what arm A has measured
 * @param b what arm B has measured
 * @param <C> the kind of counts
 */
public record Stratum<C extends MetricCounts>(double shareB, C a, C b) {
  /**
   * @throws IllegalArgumentException unless 0 &lt; shareB &lt; 1
   */
  public Stratum {
    if (!(shareB > 0 && shareB < 1)) {
      throw new IllegalArgumentException("shareB = " + shareB + " must lie between 0 and 1");
    }
  }

  /** The same pair seen from the other arm. */
  public Stratum<C> swapped() {
    return new Stratum<>(1 - shareB, b, a);
  }

  long recipients() {
    return a.recipients() + b.recipients();
  }

  /** The weight of a stratum in Mantel and Haenszel's estimate, {@code n_a n_b / n}. */
  double mantelHaenszelWeight() {
    return recipients() == 0 ? 0 : (double) a.recipients() * b.recipients() / recipients();
  }

  <D extends MetricCounts> Stratum<D> map(Function<C, D> counts) {
    return new Stratum<>(shareB, counts.apply(a), counts.apply(b));
  }
}
