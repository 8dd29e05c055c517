package io.heed.core.gate;

import io.heed.core.config.ConfigException;
import io.heed.core.experiments.ExperimentAllocation;
import io.heed.core.experiments.ExperimentAllocation.Draw;
import io.heed.core.experiments.ExperimentAllocation.PriorAssignment;
import io.heed.core.experiments.ExperimentPlan;
import io.heed.core.experiments.ExperimentPlans;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.ExperimentDecision;
import io.heed.core.model.SendRequest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The experiments that requests may belong to, with the newest decision about each. Not safe for
 * concurrent use.
 */
public final class ExperimentBook {
  // How long facts are kept does not matter to who draws.
  private final ExperimentPlans plans = new ExperimentPlans(0, 0);
  private final Map<String, ExperimentDecision> decisions = new HashMap<>();

  /**
   * Takes a version of a document; one that is no experiment, or that is known, changes nothing.
   *
   * @throws ConfigException if it is a wrong experiment; then nothing has changed
   */
  public void add(ConfigVersion version) throws ConfigException {
    plans.add(version);
  }

  /** Takes a decision; an older one changes nothing, and no other comes after a final one. */
  public void add(ExperimentDecision decision) {
    decisions.merge(
        decision.experimentId(),
        decision,
        (known, next) -> known.isFinal() || next.seq() < known.seq() ? known : next);
  }

  /** The instant at which an experiment ends; a far one if it is unknown. */
  long endOf(String experimentId) {
    ExperimentPlan plan = plans.get(experimentId);
    return plan == null ? Long.MAX_VALUE : plan.config().endMillis();
  }

  /** What a request gets of its experiment. */
  Draw draw(SendRequest request, List<PriorAssignment> prior) {
    return ExperimentAllocation.draw(plans, decisions.get(request.experimentId()), request, prior);
  }
}
