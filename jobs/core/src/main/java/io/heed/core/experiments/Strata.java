package io.heed.core.experiments;

import io.heed.core.experiments.ExperimentPlan.Epoch;
import io.heed.core.experiments.ExperimentStatus.Pair;
import io.heed.core.statistics.MetricCounts;
import io.heed.core.statistics.Stratum;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Counts of a pair per epoch. */
final class Strata {
  private Strata() {}

  /** One metric's counts of a pair; epochs without units of the pair are left out. */
  static <C extends MetricCounts> List<Stratum<C>> of(
      List<Epoch> epochs, Totals totals, Pair pair, Function<Tally, C> counts) {
    List<Stratum<C>> strata = new ArrayList<>(epochs.size());
    for (Epoch epoch : epochs) {
      if (epoch.compares(pair.a(), pair.b())) {
        Tally a = totals.get(epoch.number(), pair.a(), pair.metric());
        Tally b = totals.get(epoch.number(), pair.b(), pair.metric());
        if (a.recipients() + b.recipients() > 0) {
          strata.add(new Stratum<>(counts.apply(a), counts.apply(b)));
        }
      }
    }
    return strata;
  }
}
