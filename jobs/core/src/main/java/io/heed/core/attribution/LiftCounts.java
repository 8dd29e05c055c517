package io.heed.core.attribution;

import io.heed.core.statistics.MeanCounts;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What the matured recipients of one arm brought, by {@link LiftMetric}.
 *
 * @param outcomes sums and squares per metric
 * @param credited what last touch credits to the arm's own messages, per metric
 */
public record LiftCounts(List<MeanCounts> outcomes, List<BigInteger> credited) {
  private static final int METRICS = LiftMetric.values().length;

  /** Nothing counted yet. */
  public static final LiftCounts NONE =
      new LiftCounts(
          Collections.nCopies(METRICS, MeanCounts.NONE),
          Collections.nCopies(METRICS, BigInteger.ZERO));

  /** One matured recipient. */
  static LiftCounts of(LiftFact unit) {
    return new LiftCounts(
        unit.outcomes().stream().map(MeanCounts::of).toList(),
        unit.credited().stream().map(BigInteger::valueOf).toList());
  }

  public LiftCounts plus(LiftCounts other) {
    List<MeanCounts> outcomes = new ArrayList<>(METRICS);
    List<BigInteger> credited = new ArrayList<>(METRICS);
    for (int i = 0; i < METRICS; i++) {
      outcomes.add(this.outcomes.get(i).plus(other.outcomes.get(i)));
      credited.add(this.credited.get(i).add(other.credited.get(i)));
    }
    return new LiftCounts(outcomes, credited);
  }

  public LiftCounts minus(LiftCounts other) {
    List<MeanCounts> outcomes = new ArrayList<>(METRICS);
    List<BigInteger> credited = new ArrayList<>(METRICS);
    for (int i = 0; i < METRICS; i++) {
      outcomes.add(this.outcomes.get(i).minus(other.outcomes.get(i)));
      credited.add(this.credited.get(i).subtract(other.credited.get(i)));
    }
    return new LiftCounts(outcomes, credited);
  }

  MeanCounts outcomes(LiftMetric metric) {
    return outcomes.get(metric.ordinal());
  }

  BigInteger credited(LiftMetric metric) {
    return credited.get(metric.ordinal());
  }
}
