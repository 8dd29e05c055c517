package io.heed.core.optimizer;

/**
 * The cells in which outcomes are counted: class of messages borne x class of affinity x bucket of
 * fatigue. Who bore many messages leaves less than a newcomer: without the first class the hazard
 * of survivors would be taken for everybody's.
 */
public final class Cell {
  /** Classes of messages borne. */
  public static final int BORNE = 6;

  /** Classes of affinity. */
  public static final int AFFINITY = 6;

  /** Buckets of fatigue. */
  public static final int FATIGUE = 12;

  /** Cells. */
  public static final int COUNT = BORNE * AFFINITY * FATIGUE;

  private static final int[] BORNE_FROM = {0, 5, 15, 40, 100, 200};
  private static final int[] FATIGUE_FROM_MILLIS = {
    0, 150, 400, 700, 1_000, 1_400, 2_000, 2_800, 4_000, 5_600, 8_000, 11_300
  };

  /** Borders between classes of clicks against expected clicks, and the weight of the average. */
  private static final double[] AFFINITY_FROM = {0, 0.45, 0.75, 1.1, 1.6, 2.5};

  private static final double AFFINITY_PRIOR = 1.5;

  private Cell() {}

  /** Class of messages borne. */
  public static int borne(int messages) {
    int index = BORNE - 1;
    while (messages < BORNE_FROM[index]) {
      index--;
    }
    return index;
  }

  /** The fewest messages borne of a class. */
  public static int borneFrom(int index) {
    return BORNE_FROM[index];
  }

  /** Messages until the next class, 0 in the last one. */
  static int borneWidth(int index) {
    return index == BORNE - 1 ? 0 : BORNE_FROM[index + 1] - BORNE_FROM[index];
  }

  /** Class of affinity: clicks against those that the same messages bring on average, shrunk. */
  public static int affinity(PersonState person) {
    double expected = (double) person.expectedClicks() / PersonState.EXPECTED_UNIT;
    double ratio = (person.clicks() + AFFINITY_PRIOR) / (expected + AFFINITY_PRIOR);
    int index = AFFINITY - 1;
    while (ratio < AFFINITY_FROM[index]) {
      index--;
    }
    return index;
  }

  /** Bucket of fatigue. */
  public static int fatigue(int millis) {
    int index = FATIGUE - 1;
    while (millis < FATIGUE_FROM_MILLIS[index]) {
      index--;
    }
    return index;
  }

  /** Index of the pair of classes. */
  public static int group(int borne, int affinity) {
    return borne * AFFINITY + affinity;
  }

  /** Index of the pair of classes of a person. */
  public static int group(PersonState person) {
    return group(borne(person.borne()), affinity(person));
  }

  /** Index of a cell. */
  public static int of(int group, int fatigue) {
    return group * FATIGUE + fatigue;
  }

  /** Middle of a bucket that no message was counted in, in messages. */
  static double middle(int fatigue) {
    int from = FATIGUE_FROM_MILLIS[fatigue];
    int to = fatigue == FATIGUE - 1 ? from * 3 / 2 : FATIGUE_FROM_MILLIS[fatigue + 1];
    return (from + to) / 2000.0;
  }
}
