package io.heed.core.attribution;

import java.util.List;

/**
 * A recipient whose window after the first exposure in an experiment has passed.
 *
 * @param experimentId the experiment
 * @param variantId variant of the first exposure
 * @param epoch its allocation epoch
 * @param holdout whether that was an assignment without a send
 * @param day the UTC day in which the window ended
 * @param outcomes what the recipient brought, by {@link LiftMetric}
 * @param credited what of it last touch credits to the variant's own messages
 * @param sign 1, or −1 where an earlier fact is taken back
 */
public record LiftFact(
    String experimentId,
    String variantId,
    int epoch,
    boolean holdout,
    int day,
    List<Long> outcomes,
    List<Long> credited,
    int sign) {
  LiftFact withSign(int other) {
    return new LiftFact(experimentId, variantId, epoch, holdout, day, outcomes, credited, other);
  }
}
