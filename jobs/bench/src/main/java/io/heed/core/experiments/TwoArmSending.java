package io.heed.core.experiments;

import java.util.List;
import java.util.SplittableRandom;

/**
 * Two arms as senders split them, whatever the file says: by a share of their own, or in batches of
 * one arm before the other's. Every step is a block at most, so that a test is looked at as often
 * as can be.
 *
 * @param plan of the test
 * @param shareB the true probability of arm B
 * @param batch recipients of one arm that are sent before as many of the other; 0 for none
 */
record TwoArmSending(ExperimentPlan plan, double shareB, int batch)
    implements SimulatedTest.Sending {
  private static final double GROWTH = 0.02;
  private static final int LEAST_STEP = 2;

  @Override
  public long[] next(List<Double> shares, long recipients, SplittableRandom random) {
    long[] units = new long[2];
    if (batch > 0) {
      units[(int) (recipients / batch % 2)] = batch;
    } else {
      int size = Math.max(LEAST_STEP, (int) Math.ceil(GROWTH * recipients));
      for (int i = 0; i < size; i++) {
        units[random.nextDouble() < shareB ? 1 : 0]++;
      }
    }
    return units;
  }

  /** After both batches the campaign pauses for long enough to have ended. */
  @Override
  public long step(long recipients, int number) {
    long every = plan.config().evaluateEveryMillis();
    long pauses = batch > 0 ? 2L * (number / 2) : 0;
    return plan.stepOf(plan.config().start().toEpochMilli()) + every * (1 + number + pauses);
  }

  @Override
  public boolean inCampaigns() {
    return batch > 0;
  }
}
