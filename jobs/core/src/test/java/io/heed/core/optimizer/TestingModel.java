package io.heed.core.optimizer;

/** A value model of a small list that has learnt what a click is worth. */
public final class TestingModel {
  private static final int DAYS = 10;

  private TestingModel() {}

  /** A model by which an average message to somebody new is about as good as none. */
  public static ValueModel of(long valuePerClickMicros) {
    ListOutcomes outcomes = TestingList.outcomes(1, DAYS, 0.35);
    OptimiseSettings settings =
        OptimiseSettings.uncapped(
            valuePerClickMicros / outcomes.lift().valuePerClickMicros(), 10_000);
    return TestingList.model(outcomes, DAYS, settings);
  }
}
