package io.heed.core.experiments;

import io.heed.core.experiments.ExperimentPlan.Epoch;
import io.heed.core.experiments.ExperimentStatus.Comparison;
import io.heed.core.experiments.ExperimentStatus.Guarded;
import io.heed.core.experiments.ExperimentStatus.Guarding;
import io.heed.core.experiments.ExperimentStatus.Held;
import io.heed.core.experiments.ExperimentStatus.Pair;
import io.heed.core.model.ExperimentState;
import io.heed.core.model.ReasonCode;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** A status in the making, which each part of an evaluation adds to. */
final class Draft {
  final ExperimentStatus before;
  final Matured matured;
  final long instant;
  final List<Epoch> epochs;
  final SortedMap<Pair, Comparison> comparisons;
  final SortedMap<Guarded, Guarding> guarded;
  final SortedSet<Integer> dropped;
  final SortedSet<Integer> missing = new TreeSet<>();
  final List<Double> looks;
  final List<Epoch> banditEpochs;
  double sampleRatioLogP;
  double deliveryRatioLogP;
  int campaigns;
  long assigned;
  long contaminated;
  ExperimentState state;
  ReasonCode reason;
  int winner;
  Epoch allocation;
  Held held;

  /** Whether a planned list is looked at now, and found futile. */
  boolean lookFutile;

  Draft(
      ExperimentStatus before,
      Matured matured,
      long instant,
      List<Epoch> epochs,
      Epoch allocation) {
    this.before = before;
    this.matured = matured;
    this.instant = instant;
    this.epochs = epochs;
    this.comparisons = new TreeMap<>(before.comparisons());
    this.guarded = new TreeMap<>(before.guardrails());
    this.dropped = new TreeSet<>(before.dropped());
    this.looks = new ArrayList<>(before.looks());
    this.banditEpochs = new ArrayList<>(before.banditEpochs());
    this.sampleRatioLogP = before.sampleRatioLogP();
    this.deliveryRatioLogP = before.deliveryRatioLogP();
    this.campaigns = before.campaigns();
    this.state = before.state();
    this.reason = before.reason();
    this.winner = before.winner();
    this.allocation = allocation;
    this.held = before.isFinal() ? before.held() : null;
  }

  Totals totals() {
    return matured.totals();
  }

  /** Matured units of the arms that can win. */
  double competing(ExperimentConfig config) {
    double recipients = 0;
    for (Epoch epoch : epochs) {
      for (int arm = 0; arm < epoch.shares().size(); arm++) {
        recipients += config.competes(arm) ? totals().get(epoch.number(), arm, 0).recipients() : 0;
      }
    }
    return recipients;
  }

  ExperimentStatus status() {
    return new ExperimentStatus(
        instant,
        state,
        reason,
        winner,
        allocation,
        banditEpochs,
        comparisons,
        guarded,
        sampleRatioLogP,
        deliveryRatioLogP,
        campaigns,
        assigned,
        contaminated,
        dropped,
        missing,
        looks,
        held);
  }
}
