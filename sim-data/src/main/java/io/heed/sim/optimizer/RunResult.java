package io.heed.sim.optimizer;

/**
 * What one policy brought in one world with one seed.
 *
 * @param policy its name
 * @param value net margin less cost of messages per subscriber of the first day, in the currency's units
 * @param optOuts share of them who opted out
 * @param messages messages per subscriber
 * @param valueByPeriod the value of each {@link #PERIOD_DAYS} days
 */
public record RunResult(
    String policy, double value, double optOuts, double messages, double[] valueByPeriod) {
  /** Length of the periods. */
  public static final int PERIOD_DAYS = 10;

  static final int PERIODS = World.DAYS / PERIOD_DAYS + 1;
}
