package io.heed.core.experiments;

import io.heed.core.experiments.ExperimentPlan.Epoch;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The recipients that one campaign has assigned, from its first exposure until it pauses.
 *
 * @param campaign hash of its id
 * @param epoch number of the epoch
 * @param lastStep the step of the last exposure, epoch milliseconds
 * @param arms recipients per arm
 */
record CampaignRun(long campaign, int epoch, long lastStep, List<Long> arms) {
  private static final long HOUR = 3_600_000;

  /** Longer than this no arm's batch is waited for. */
  private static final long DAY = 24 * HOUR;

  CampaignRun {
    arms = List.copyOf(arms);
  }

  static CampaignRun start(long campaign, int epoch, int arms) {
    return new CampaignRun(campaign, epoch, Long.MIN_VALUE, Collections.nCopies(arms, 0L));
  }

  long units() {
    return arms.stream().mapToLong(units -> units).sum();
  }

  CampaignRun with(long step, int arm, long units) {
    List<Long> next = new ArrayList<>(arms);
    while (next.size() <= arm) {
      next.add(0L);
    }
    next.set(arm, Math.max(0, next.get(arm) + units));
    return new CampaignRun(campaign, epoch, Math.max(lastStep, step), next);
  }

  void write(DataOutput out) throws IOException {
    out.writeLong(campaign);
    Varint.write(epoch, out);
    Varint.write(lastStep, out);
    Varint.write(arms.size(), out);
    for (long units : arms) {
      Varint.write(units, out);
    }
  }

  static CampaignRun read(DataInput in) throws IOException {
    long campaign = in.readLong();
    int epoch = Varint.readInt(in);
    long lastStep = Varint.read(in);
    int size = Varint.readInt(in);
    List<Long> arms = new ArrayList<>(size);
    for (int arm = 0; arm < size; arm++) {
      arms.add(Varint.read(in));
    }
    return new CampaignRun(campaign, epoch, lastStep, arms);
  }

  /**
   * When it counts as ended if nothing more comes: an hour after its last exposure, a day while an
   * arm that the epoch feeds has nobody yet.
   */
  long endsAt(ExperimentConfig config, List<Epoch> epochs) {
    boolean complete = true;
    for (Epoch of : epochs) {
      for (int arm = 0; of.number() == epoch && arm < of.shares().size(); arm++) {
        boolean sent = arm != config.holdoutArm() && of.shares().get(arm) > 0;
        complete &= !sent || (arm < arms.size() && arms.get(arm) > 0);
      }
    }
    return lastStep + (complete ? HOUR : DAY);
  }
}
