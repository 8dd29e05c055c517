package io.heed.core.experiments;

import io.heed.core.experiments.ExperimentPlan.Epoch;
import io.heed.core.statistics.MeanCounts;
import io.heed.core.statistics.MeanEffect;
import io.heed.core.statistics.TopTwoAllocation;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.statistics.distribution.ContinuousDistribution;

/** The shares of a bandit: every change of them is an epoch. */
final class BanditAllocation {
  private static final double SHARE_DIGITS = 1e4;

  private final ExperimentConfig config;
  private final Design.Bandit bandit;
  private final int arms;

  BanditAllocation(ExperimentPlan plan, Design.Bandit bandit) {
    this.config = plan.config();
    this.bandit = bandit;
    this.arms = plan.arms().size();
  }

  void reallocate(Draft draft) {
    long start = config.start().toEpochMilli();
    long period = Math.floorDiv(draft.instant - start, bandit.everyMillis());
    if (period <= Math.floorDiv(draft.allocation.from() - start, bandit.everyMillis())) {
      return;
    }
    double[] shares = shares(draft);
    Epoch next = Epoch.of(draft.allocation.number() + 1, draft.instant, shares);
    if (shares.length > 0 && !next.shares().equals(draft.allocation.shares())) {
      draft.banditEpochs.add(next);
      draft.allocation = next;
    }
  }

  /** The next shares, or none while there is too little to go by. */
  private double[] shares(Draft draft) {
    List<Epoch> counted = new ArrayList<>();
    for (Epoch epoch : draft.epochs) {
      if (isCounted(draft, epoch)) {
        counted.add(epoch);
      }
    }
    if (counted.isEmpty()) {
      return new double[0];
    }
    List<Long> sizes = counted.stream().map(epoch -> size(draft, epoch)).toList();
    List<ContinuousDistribution> posteriors = new ArrayList<>();
    for (int arm = 0; arm < config.variants().size(); arm++) {
      posteriors.add(posterior(draft, arm, counted, sizes));
    }
    double[] drawn =
        TopTwoAllocation.withDefaults()
            .with(bandit.floor())
            .shares(posteriors, config.primaryMetric().better());
    return rounded(drawn);
  }

  private boolean isCounted(Draft draft, Epoch epoch) {
    for (int arm = 0; arm < config.variants().size(); arm++) {
      Tally tally = draft.totals().get(epoch.number(), arm, 0);
      // Of revenue a variance is needed, and that of a few converters is not to be trusted.
      if (tally.recipients() == 0
          || (config.primaryMetric().isMean()
              && tally.successes() < MeanEffect.MINIMUM_SUCCESSES)) {
        return false;
      }
    }
    return true;
  }

  private long size(Draft draft, Epoch epoch) {
    long size = 0;
    for (int arm = 0; arm < config.variants().size(); arm++) {
      size += draft.totals().get(epoch.number(), arm, 0).recipients();
    }
    return size;
  }

  private ContinuousDistribution posterior(
      Draft draft, int arm, List<Epoch> counted, List<Long> sizes) {
    List<Tally> tallies =
        counted.stream().map(epoch -> draft.totals().get(epoch.number(), arm, 0)).toList();
    if (config.primaryMetric().isMean()) {
      List<MeanCounts> means = tallies.stream().map(Tally::mean).toList();
      return TopTwoAllocation.posteriorOfMean(means, sizes);
    }
    return TopTwoAllocation.posteriorOfRate(tallies.stream().map(Tally::binary).toList(), sizes);
  }

  /** Shares of few digits, which sum to 1 exactly as they are written, hold-out included. */
  private double[] rounded(double[] drawn) {
    double[] shares = new double[arms];
    double messaged = config.holdout() == null ? 1 : 1 - config.holdout().share();
    double rest = SHARE_DIGITS;
    int largest = 0;
    double[] parts = new double[drawn.length];
    for (int arm = 0; arm < drawn.length; arm++) {
      parts[arm] = Math.floor(drawn[arm] * SHARE_DIGITS);
      rest -= parts[arm];
      largest = parts[arm] > parts[largest] ? arm : largest;
    }
    parts[largest] += rest;
    for (int arm = 0; arm < drawn.length; arm++) {
      shares[arm] = messaged * parts[arm] / SHARE_DIGITS;
    }
    if (config.holdoutArm() >= 0) {
      shares[config.holdoutArm()] = config.holdout().share();
    }
    return shares;
  }
}
