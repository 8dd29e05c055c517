package io.heed.core.optimizer;

/** How fast messages are forgotten. The one that predicts opt-outs best is chosen per list. */
public enum HalfLife {
  THREE_DAYS(3),
  SEVEN_DAYS(7),
  FOURTEEN_DAYS(14);

  private static final int[][] WEIGHT_MILLIS = new int[values().length][PersonState.RING_DAYS];

  static {
    for (HalfLife halfLife : values()) {
      for (int age = 0; age < PersonState.RING_DAYS; age++) {
        WEIGHT_MILLIS[halfLife.ordinal()][age] = (int) Math.round(1000 * halfLife.decay(age));
      }
    }
  }

  private final int days;

  HalfLife(int days) {
    this.days = days;
  }

  /** Days after which a message counts half. */
  public int days() {
    return days;
  }

  /** What a message of that age counts, in thousandths; 0 outside the ring. */
  int weightMillis(int ageDays) {
    return ageDays < 0 || ageDays >= PersonState.RING_DAYS ? 0 : WEIGHT_MILLIS[ordinal()][ageDays];
  }

  /** What is left of fatigue after some days. */
  public double decay(double afterDays) {
    return StrictMath.pow(2, -afterDays / days);
  }
}
