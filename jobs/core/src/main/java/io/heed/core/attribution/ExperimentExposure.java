package io.heed.core.attribution;

import io.heed.core.experiments.ProgrammeHoldout;
import io.heed.core.gate.Optimise;
import java.util.Comparator;

/**
 * A recipient's first exposure in an experiment, or to a programme with a hold-out: that one's
 * variant is the salt of the draw, and its hold-out those who were drawn.
 *
 * @param experimentId the experiment
 * @param variantId the variant of the first exposure
 * @param epoch its allocation epoch
 * @param time the first exposure
 * @param holdout whether that was an assignment without a send; of a programme, whether the draw
 *     holds out
 * @param lastTime the newest exposure, which keeps the first from expiring
 * @param subscriberMicros in the optimizer's comparison, what an opt-out costs; else 0
 */
record ExperimentExposure(
    String experimentId,
    String variantId,
    int epoch,
    long time,
    boolean holdout,
    long lastTime,
    long subscriberMicros) {

  private static final Comparator<ExperimentExposure> ORDER =
      Comparator.comparingLong(ExperimentExposure::time)
          .thenComparing(ExperimentExposure::variantId)
          .thenComparing(ExperimentExposure::holdout)
          .thenComparingInt(ExperimentExposure::epoch)
          .thenComparingLong(ExperimentExposure::subscriberMicros);

  /** Whether it is one to the whole programme, of which every message is a part. */
  boolean isProgramme() {
    return ProgrammeHoldout.isKey(experimentId);
  }

  /** Whether it is one to the optimizer's comparison, whose hold-out is its control. */
  boolean isOptimizer() {
    return Optimise.isKey(experimentId);
  }

  /** Both exposures in one: the earlier counts, of two at one instant always the same. */
  ExperimentExposure merge(ExperimentExposure other) {
    ExperimentExposure first = ORDER.compare(other, this) < 0 ? other : this;
    return new ExperimentExposure(
        experimentId,
        first.variantId,
        first.epoch,
        first.time,
        first.holdout,
        Math.max(lastTime, other.lastTime),
        first.subscriberMicros);
  }
}
