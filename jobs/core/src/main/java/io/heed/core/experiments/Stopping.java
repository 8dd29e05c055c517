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
import java.util.Map;

/**
 * Whether an experiment ends, and what new recipients get then. Order of precedence: INVALID
 * (nothing can be concluded), STOPPED_HARM, WINNER, NO_DIFFERENCE, EXPIRED.
 *
 * <p>Before the whole weeks of the file have passed, only INVALID and STOPPED_HARM end it; arms
 * that have lost stay dropped.
 *
 * <p>Where the goal is non-inferiority, the arms are held against the margin below the control in
 * place of each other: a variant wins once its interval lies wholly above it, the first in the
 * file's order if several do, and is dropped once it lies wholly below. The control wins when all
 * variants are dropped. Whether there is an effect of the planned size is not what is tested, so
 * that nothing is futile.
 *
 * <p>No decision makes the hold-out everybody's arm: where it would, the allocation stays.
 */
final class Stopping {
  private final ExperimentPlan plan;
  private final ExperimentConfig config;
  private final int arms;
  private final int control;

  Stopping(ExperimentPlan plan) {
    this.plan = plan;
    this.config = plan.config();
    this.arms = plan.arms().size();
    this.control = config.controlArm();
  }

  static boolean isShortOf(double estimate, double effect) {
    return effect > 0 ? estimate < effect : estimate > effect;
  }

  /** Decides; false if the experiment goes on. */
  boolean decide(Draft draft, AssignmentChecks checks) {
    if (checks.isMismatch(draft)) {
      return invalid(draft, ReasonCode.SAMPLE_RATIO_MISMATCH);
    }
    if (checks.isContaminated(draft)) {
      return invalid(draft, ReasonCode.CONTAMINATED);
    }
    if (isHarmed(draft)) {
      return end(draft, ExperimentState.STOPPED_HARM, ReasonCode.GUARDRAIL_BREACHED, control);
    }
    eliminate(draft);
    if (draft.instant < plan.decidesFrom()) {
      return false;
    }
    List<Integer> remaining = remaining(draft);
    List<Integer> proven = proven(draft, remaining);
    for (int arm : proven) {
      if (heldBack(draft, arm) == null) {
        draft.winner = arm;
        return end(draft, ExperimentState.WINNER, ReasonCode.EVIDENCE_FOR_WINNER, arm);
      }
    }
    if (!proven.isEmpty()) {
      draft.held = heldBack(draft, proven.get(0));
    } else if (areEquivalent(draft, remaining)) {
      return end(
          draft,
          ExperimentState.NO_DIFFERENCE,
          ReasonCode.EVIDENCE_OF_EQUIVALENCE,
          fallback(remaining));
    } else if (isFutile(draft, remaining)) {
      return end(draft, ExperimentState.NO_DIFFERENCE, ReasonCode.FUTILE, fallback(remaining));
    }
    return isExpired(draft)
        && end(draft, ExperimentState.EXPIRED, ReasonCode.HORIZON_REACHED, control);
  }

  private boolean invalid(Draft draft, ReasonCode why) {
    draft.state = ExperimentState.INVALID;
    draft.reason = why;
    if (config.onInvalid() == ExperimentConfig.OnInvalid.CONTROL) {
      allocate(draft, control);
    }
    return true;
  }

  private boolean end(Draft draft, ExperimentState as, ReasonCode why, int arm) {
    draft.state = as;
    draft.reason = why;
    if (plan.heldAt(draft.instant).sendWinner()) {
      allocate(draft, arm);
    }
    return true;
  }

  private void allocate(Draft draft, int arm) {
    if (arm != config.holdoutArm()) {
      double[] shares = new double[arms];
      shares[arm] = 1;
      draft.allocation = Epoch.of(draft.allocation.number() + 1, draft.instant, shares);
    }
  }

  private int fallback(List<Integer> remaining) {
    return remaining.contains(control) ? control : remaining.get(0);
  }

  private boolean isHarmed(Draft draft) {
    double harm = Math.log(config.alpha() / Math.max(1, draft.guarded.size()));
    return draft.guarded.values().stream().anyMatch(g -> g.harmLogP() <= harm);
  }

  /** The guardrail that a proven winner waits for; null for none. */
  private Held heldBack(Draft draft, int arm) {
    double shown = Math.log(config.alpha());
    for (Map.Entry<Guarded, Guarding> entry : draft.guarded.entrySet()) {
      int number = entry.getKey().guardrail();
      Guardrail guardrail = config.guardrails().get(number);
      if (entry.getKey().arm() == arm
          && guardrail.mode() == Guardrail.Mode.REQUIRE_NON_INFERIOR
          && entry.getValue().nonInferiorLogP() > shown) {
        double matured = draft.competing(config);
        double planned = config.nonInferioritySize(guardrail);
        double missing = (matured < planned ? planned : config.horizonSize()) - matured;
        return new Held(number, arm, Math.max(1, Math.round(missing)));
      }
    }
    return null;
  }

  private List<Integer> remaining(Draft draft) {
    List<Integer> remaining = new ArrayList<>();
    for (int arm = 0; arm < arms; arm++) {
      if (config.competes(arm) && !draft.dropped.contains(arm)) {
        remaining.add(arm);
      }
    }
    return remaining;
  }

  /** The arms that have shown what a winner has to show, the first choice first. */
  private List<Integer> proven(Draft draft, List<Integer> remaining) {
    if (remaining.size() == 1 || !config.isNonInferiority()) {
      return remaining.size() == 1 ? remaining : List.of();
    }
    return remaining.stream()
        .filter(arm -> arm != control)
        .filter(arm -> betterThanBoundary(draft.comparisons.get(new Pair(0, control, arm))) > 0)
        .toList();
  }

  /**
   * An arm that lies wholly on the losing side of another one, or of the margin below the control,
   * is dropped for good.
   */
  private void eliminate(Draft draft) {
    draft.comparisons.forEach(
        (pair, comparison) -> {
          if (pair.metric() == 0 && config.competes(pair.a()) && config.competes(pair.b())) {
            int better = betterThanBoundary(comparison);
            if (better < 0 && (pair.a() == control || !config.isNonInferiority())) {
              drop(draft, pair.b());
            } else if (better > 0 && !config.isNonInferiority()) {
              drop(draft, pair.a());
            }
          }
        });
  }

  /** 1 if all effects that are left are better than the boundary, -1 if all are worse, else 0. */
  private int betterThanBoundary(Comparison comparison) {
    if (comparison == null) {
      return 0;
    }
    double boundary = config.intolerable();
    int sign = config.primaryMetric().better().sign();
    return comparison.interval().lower() > boundary
        ? sign
        : comparison.interval().upper() < boundary ? -sign : 0;
  }

  private void drop(Draft draft, int arm) {
    if (remaining(draft).size() > 1) {
      draft.dropped.add(arm);
    }
  }

  private static List<Comparison> among(Draft draft, List<Integer> remaining) {
    return draft.comparisons.entrySet().stream()
        .filter(
            e ->
                e.getKey().metric() == 0
                    && remaining.contains(e.getKey().a())
                    && remaining.contains(e.getKey().b()))
        .map(Map.Entry::getValue)
        .toList();
  }

  private boolean areEquivalent(Draft draft, List<Integer> remaining) {
    Metric metric = config.primaryMetric();
    double margin = config.equivalenceMargin() * (metric.isMean() ? metric.expectedMean() : 1);
    int pairs = remaining.size() * (remaining.size() - 1) / 2;
    List<Comparison> among = among(draft, remaining);
    return margin > 0
        && among.size() == pairs
        && among.stream().allMatch(c -> c.interval().isWithin(margin));
  }

  /** No treatment is still likely to reach the minimum effect. */
  private boolean isFutile(Draft draft, List<Integer> remaining) {
    if (config.isNonInferiority()) {
      return false;
    }
    if (config.design() instanceof Design.PlannedList) {
      return draft.lookFutile && remaining.contains(control);
    }
    if (remaining.contains(control)) {
      return remaining.stream()
          .filter(arm -> arm != control)
          .map(arm -> draft.comparisons.get(new Pair(0, control, arm)))
          .allMatch(c -> c != null && c.bFutile());
    }
    return among(draft, remaining).stream().allMatch(c -> c.aFutile() && c.bFutile());
  }

  private boolean isExpired(Draft draft) {
    boolean full =
        config.design() instanceof Design.PlannedList
            ? GroupSequentialLooks.isComplete(draft)
            : draft.competing(config) >= config.horizonSize();
    return full || draft.instant >= plan.expiresAt();
  }
}
