package io.heed.core.gate;

import io.heed.core.config.ConfigException;
import io.heed.core.experiments.ExperimentAllocation;
import io.heed.core.experiments.ExperimentAllocation.Draw;
import io.heed.core.experiments.ExperimentAllocation.PriorAssignment;
import io.heed.core.experiments.ExperimentPlan;
import io.heed.core.experiments.ExperimentPlans;
import io.heed.core.experiments.Variant;
import io.heed.core.gate.RecipientState.Drawn;
import io.heed.core.model.Category;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.ExperimentDecision;
import io.heed.core.model.ExperimentState;
import io.heed.core.model.SendRequest;
import io.heed.core.rules.Cap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The experiments that requests may belong to, with the newest decision about each. Not safe for
 * concurrent use.
 */
public final class ExperimentBook {
  // How long facts are kept does not matter to who draws.
  private final ExperimentPlans plans = new ExperimentPlans(0, 0);
  private final Map<String, ExperimentDecision> decisions = new HashMap<>();
  private final Set<String> touchChannels = new HashSet<>();
  private int largestLimit;

  /**
   * Takes a version of a document; one that is no experiment, or that is known, changes nothing.
   *
   * @throws ConfigException if it is a wrong experiment; then nothing has changed
   */
  public void add(ConfigVersion version) throws ConfigException {
    ExperimentPlan plan = plans.add(version);
    if (plan != null) {
      for (Variant variant : plan.config().variants()) {
        for (Cap cap : variant.caps()) {
          largestLimit = Math.max(largestLimit, cap.limit());
          touchChannels.addAll(cap.touches());
        }
      }
    }
  }

  /** Takes a decision; an older one changes nothing, and no other comes after a final one. */
  public void add(ExperimentDecision decision) {
    decisions.merge(
        decision.experimentId(),
        decision,
        (known, next) -> known.isFinal() || next.seq() < known.seq() ? known : next);
  }

  /** Whether an experiment was stopped for harm before an instant. */
  boolean isStopped(String experimentId, long instant) {
    ExperimentDecision decision = decisions.get(experimentId);
    return decision != null
        && decision.state() == ExperimentState.STOPPED_HARM
        && decision.effectiveFrom() <= instant;
  }

  /** The instant at which an experiment ends; a far one if it is unknown. */
  long endOf(String experimentId) {
    ExperimentPlan plan = plans.get(experimentId);
    return plan == null ? Long.MAX_VALUE : plan.config().endMillis();
  }

  /** The largest limit of a variant's cap; 0 without one. */
  int largestLimit() {
    return largestLimit;
  }

  /** Whether a variant's cap counts touches of a channel. */
  boolean countsTouchesOf(String channel) {
    return touchChannels.contains(channel);
  }

  /** The caps of an arm. */
  List<Cap> caps(String experimentId, String arm) {
    ExperimentPlan plan = plans.get(experimentId);
    return plan == null ? List.of() : plan.config().caps(arm);
  }

  /**
   * Caps with those of the arms that a recipient is in beside them.
   *
   * @param limits of the policies
   * @param assigned what the recipient was assigned before
   */
  List<Cap> withArms(
      List<Cap> limits, List<Drawn> assigned, Category category, String list, List<String> tags) {
    if (largestLimit == 0) {
      return limits;
    }
    List<Cap> all = new ArrayList<>(limits);
    for (Drawn drawn : assigned) {
      PriorAssignment before = drawn.draw();
      ExperimentPlan plan = plans.get(before.experimentId());
      if (plan != null) {
        ExperimentDecision decision = decisions.get(before.experimentId());
        String arm = ExperimentAllocation.arm(plan.config(), decision, before);
        plan.config().caps(arm).stream()
            .filter(cap -> cap.limits(category, list, tags))
            .forEach(all::add);
      }
    }
    return all;
  }

  /** Whether a recipient is held out of an experiment, and so gets no message of it. */
  boolean isHeldOut(String experimentId, List<PriorAssignment> prior) {
    ExperimentPlan plan = plans.get(experimentId);
    return plan != null
        && plan.config().holdout() != null
        && prior.stream()
            .filter(before -> before.experimentId().equals(experimentId))
            .map(
                before ->
                    ExperimentAllocation.arm(plan.config(), decisions.get(experimentId), before))
            .anyMatch(plan.config().holdout().id()::equals);
  }

  /** What a request gets of its experiment. */
  Draw draw(SendRequest request, List<PriorAssignment> prior) {
    return ExperimentAllocation.draw(plans, decisions.get(request.experimentId()), request, prior);
  }
}
