package io.heed.core.optimizer;

/**
 * The price of an opt-out that keeps them at most at the control's ({@code opt_outs:
 * at_most_control}): raised while the optimised leave more often than the control, lowered while
 * less, never negative.
 */
public final class OptOutPrice {
  private static final double STEP = 0.3;
  private static final double MAX_EXCESS = 0.1;

  private OptOutPrice() {}

  /**
   * The price for the next day.
   *
   * @param priceMicros the price of the day that closed
   * @param subscriberMicros value of a subscriber, the scale of a step
   * @param optOuts opt-outs of the optimised since the start
   * @param people the optimised at the start
   * @param controlOptOuts opt-outs of the control since the start
   * @param controlPeople the control at the start
   */
  public static double next(
      double priceMicros,
      double subscriberMicros,
      long optOuts,
      long people,
      long controlOptOuts,
      long controlPeople) {
    if (people == 0 || controlPeople == 0) {
      return priceMicros;
    }
    double control = (controlOptOuts + 1.0) / (controlPeople + 1.0);
    double excess = (double) optOuts / people / control - 1;
    double bounded = Math.max(-MAX_EXCESS, Math.min(MAX_EXCESS, excess));
    return Math.max(0, priceMicros + STEP * bounded * subscriberMicros);
  }
}
