package io.heed.core.attribution;

/**
 * How the matured recipients of one arm change: those that came, and those that are taken back
 * because a late event changed them.
 *
 * @param experimentId the experiment
 * @param variantId the variant
 * @param epoch its allocation epoch
 * @param holdout whether its recipients were assigned without a send
 * @param day the UTC day in which their windows ended
 * @param came what is added
 * @param gone what is taken back
 */
public record LiftDelta(
    String experimentId,
    String variantId,
    int epoch,
    boolean holdout,
    int day,
    LiftCounts came,
    LiftCounts gone) {

  /** What belongs together: an arm of an experiment on one day. */
  public record Arm(String experimentId, String variantId, int epoch, boolean holdout, int day) {}

  public static Arm armOf(LiftFact unit) {
    return new Arm(unit.experimentId(), unit.variantId(), unit.epoch(), unit.holdout(), unit.day());
  }

  public static LiftDelta of(LiftFact unit) {
    LiftCounts counts = LiftCounts.of(unit);
    return new LiftDelta(
        unit.experimentId(),
        unit.variantId(),
        unit.epoch(),
        unit.holdout(),
        unit.day(),
        unit.sign() > 0 ? counts : LiftCounts.NONE,
        unit.sign() > 0 ? LiftCounts.NONE : counts);
  }

  /** Both together; of one arm. */
  public LiftDelta plus(LiftDelta other) {
    return new LiftDelta(
        experimentId, variantId, epoch, holdout, day, came.plus(other.came), gone.plus(other.gone));
  }
}
