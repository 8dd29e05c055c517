package io.heed.core.optimizer;

/** How fast messages are forgotten. The one that predicts opt-outs best is chosen per list. */
public enum HalfLife {
  THREE_DAYS(3),
  SEVEN_DAYS(7),
  FOURTEEN_DAYS(14);

  private static final HalfLife[] ALL = values();

  private final int days;
  private final int[] weightMillis = new int[PersonState.RING_DAYS];

  HalfLife(int days) {
    this.days = days;
    for (int age = 0; age < weightMillis.length; age++) {
      weightMillis[age] = (int) Math.round(1000 * StrictMath.pow(2, -(double) age / days));
    }
  }

  /** Days after which a message counts half. */
  public int days() {
    return days;
  }

  /** What a message of that age counts, in thousandths; 0 outside the ring. */
  int weightMillis(int ageDays) {
    return ageDays < 0 || ageDays >= weightMillis.length ? 0 : weightMillis[ageDays];
  }

  /** What is left of fatigue after some days. */
  double decay(double afterDays) {
    return StrictMath.pow(2, -afterDays / days);
  }

  /** All of them, without the copy that {@link #values} makes. */
  static HalfLife of(int ordinal) {
    return ALL[ordinal];
  }
}
