package io.heed.sim.optimizer;

import java.util.Arrays;

/**
 * What one policy brought in one world with one seed. Value is what its messages bring on average,
 * given who got them when: whether a purchase happened to follow is luck and says nothing about the
 * policy.
 *
 * @param policy its name
 * @param value net margin less cost of messages per subscriber of the first day, in the currency's
 *     units
 * @param optOuts share of them who opted out
 * @param messages messages per subscriber
 * @param valueByWeek the value of each week
 * @param riskByWeek probability that a message of each week makes its recipient opt out, on average
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record RunResult(
    String policy,
    double value,
    double optOuts,
    double messages,
    double[] valueByWeek,
    double[] riskByWeek) {
  static final int WEEK_MINUTES = 7 * World.MINUTES;
  static final int WEEKS = World.DAYS / 7 + 1;

  /** Value of some weeks, the last one not included. */
  double value(int fromWeek, int toWeek) {
    return Arrays.stream(valueByWeek, fromWeek, toWeek).sum();
  }

  /** Mean of the risk of a message over some weeks, the last one not included. */
  double risk(int fromWeek, int toWeek) {
    return Arrays.stream(riskByWeek, fromWeek, toWeek).average().orElse(0);
  }
}
