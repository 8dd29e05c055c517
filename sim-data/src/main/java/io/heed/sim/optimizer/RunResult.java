package io.heed.sim.optimizer;

/**
 * What one policy brought in one world with one seed.
 *
 * @param policy its name
 * @param value net margin less cost of messages per subscriber of the first day, in the currency's
 *     units
 * @param optOuts share of them who opted out
 * @param messages messages per subscriber
 * @param valueByWeek the value of each week
 * @param optOutsByWeek opt-outs of each week per message of that week
 * @param lift value per person of the optimised less that of the control; NaN without a control
 * @param liftError its standard error
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record RunResult(
    String policy,
    double value,
    double optOuts,
    double messages,
    double[] valueByWeek,
    double[] optOutsByWeek,
    double lift,
    double liftError) {
  static final int WEEK_MINUTES = 7 * World.MINUTES;
  static final int WEEKS = World.DAYS / 7 + 1;

  /** Value of some weeks, the last one not included. */
  double value(int fromWeek, int toWeek) {
    double sum = 0;
    for (int week = fromWeek; week < toWeek; week++) {
      sum += valueByWeek[week];
    }
    return sum;
  }
}
