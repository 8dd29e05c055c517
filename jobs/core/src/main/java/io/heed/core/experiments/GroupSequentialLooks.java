package io.heed.core.experiments;

import io.heed.core.experiments.ExperimentStatus.Comparison;
import io.heed.core.experiments.ExperimentStatus.Pair;
import io.heed.core.statistics.GroupSequentialTest;
import io.heed.core.statistics.Interval;
import io.heed.core.statistics.LookStatistic;
import io.heed.core.statistics.MeanEffect;
import io.heed.core.statistics.RatioEffect;
import io.heed.core.statistics.RatioScore;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A planned list is tested at its looks only: when so much of the information is there. */
final class GroupSequentialLooks {
  /** A last look that adds less information than this adds nothing but work. */
  private static final double LEAST_INFORMATION = 1e-3;

  private final ExperimentPlan plan;
  private final ExperimentConfig config;
  private final Design.PlannedList list;
  private final GroupSequentialTest test;
  private final double level;
  private final boolean decidesOnly;
  private final Map<List<Double>, double[]> criticals = new HashMap<>();
  private final Map<List<Double>, double[]> futilities = new HashMap<>();
  private double drift = Double.NaN;

  /**
   * @param decidesOnly whether p-values and intervals need only say what is rejected
   */
  GroupSequentialLooks(ExperimentPlan plan, Design.PlannedList list, boolean decidesOnly) {
    this.decidesOnly = decidesOnly;
    this.plan = plan;
    this.config = plan.config();
    this.list = list;
    this.level = config.pairLevel();
    this.test = new GroupSequentialTest(level, 1 - config.power(), list.spending().function());
  }

  void look(Draft draft, List<Pair> pairs) {
    List<Double> looks = draft.looks;
    double fraction = Math.min(1, draft.competing(config) / plannedCompeting());
    double last = looks.isEmpty() ? 0 : looks.get(looks.size() - 1);
    double next =
        Arrays.stream(list.plannedFractions())
            .filter(f -> f > last + 0.5 / list.looks())
            .findFirst()
            .orElse(2);
    boolean atEnd = draft.instant >= plan.expiresAt() && fraction > last + LEAST_INFORMATION;
    if (fraction < next && !atEnd) {
      return;
    }
    looks.add(fraction);
    double[] fractions = looks.stream().mapToDouble(f -> f).toArray();
    double[] critical =
        criticals.computeIfAbsent(List.copyOf(looks), l -> test.criticalValues(fractions));
    for (Pair pair : pairs) {
      LookStatistic statistic = statistic(draft, pair);
      double z = statistic.z(0);
      if (!Double.isNaN(z)) {
        Metric metric = plan.metrics().get(pair.metric());
        Comparison before = draft.comparisons.getOrDefault(pair, Comparison.start(metric.scale()));
        draft.comparisons.put(
            pair,
            new Comparison(
                before
                    .running()
                    .with(
                        logP(z, critical, fractions),
                        interval(statistic, z, critical[critical.length - 1])),
                0,
                before.aFutile(),
                before.bFutile()));
      }
    }
    draft.lookFutile = fraction < 1 && isFutile(draft, fractions);
  }

  LookStatistic statistic(Draft draft, Pair pair) {
    return switch (plan.metrics().get(pair.metric()).type()) {
      case BINARY -> new RatioScore(Strata.of(draft.epochs, draft.totals(), pair, Tally::binary));
      case REVENUE, COUNT ->
          MeanEffect.of(Strata.of(draft.epochs, draft.totals(), pair, Tally::mean));
      case RATIO -> RatioEffect.of(Strata.of(draft.epochs, draft.totals(), pair, Tally::mean));
    };
  }

  private Interval interval(LookStatistic statistic, double z, double critical) {
    if (!decidesOnly || config.equivalenceMargin() > 0 || config.isNonInferiority()) {
      return statistic.interval(critical);
    }
    return new Interval(
        z >= critical ? Double.MIN_VALUE : Double.NEGATIVE_INFINITY,
        z <= -critical ? -Double.MIN_VALUE : Double.POSITIVE_INFINITY);
  }

  private double logP(double z, double[] critical, double[] fractions) {
    // Solved to a tolerance: at the boundary the test decides, and the p-value follows.
    boolean rejects = Math.abs(z) >= critical[critical.length - 1];
    double logLevel = Math.log(level);
    if (decidesOnly) {
      return rejects ? logLevel : 0;
    }
    double log = test.logP(z, fractions);
    return rejects ? Math.min(log, logLevel) : Math.max(log, Math.nextUp(logLevel));
  }

  private boolean isFutile(Draft draft, double[] fractions) {
    if (Double.isNaN(drift)) {
      drift = test.drift(list.plannedFractions());
    }
    double[] futility =
        futilities.computeIfAbsent(
            List.copyOf(draft.looks), l -> test.boundaries(drift, fractions).futility());
    int sign = config.primaryMetric().better().sign();
    int control = config.controlArm();
    for (int arm = 0; arm < plan.arms().size(); arm++) {
      if (arm != control && config.competes(arm) && !draft.dropped.contains(arm)) {
        double z = sign * statistic(draft, new Pair(0, control, arm)).z(0);
        if (!(z < futility[futility.length - 1])) {
          return false;
        }
      }
    }
    return true;
  }

  /** Whether the whole list has been looked at. */
  static boolean isComplete(Draft draft) {
    return !draft.looks.isEmpty() && draft.looks.get(draft.looks.size() - 1) >= 1;
  }

  private double plannedCompeting() {
    double share = 0;
    double[] shares = config.shares();
    for (int arm = 0; arm < plan.arms().size(); arm++) {
      share += config.competes(arm) ? shares[arm] : 0;
    }
    return list.plannedRecipients() * share;
  }
}
