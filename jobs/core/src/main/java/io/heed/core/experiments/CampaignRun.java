package io.heed.core.experiments;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import io.heed.core.experiments.ExperimentPlan.Epoch;
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

  void write(BinaryWriter out) {
    out.writeLong(campaign);
    out.writeSigned(epoch);
    out.writeSigned(lastStep);
    out.writeUnsigned(arms.size());
    for (long units : arms) {
      out.writeSigned(units);
    }
  }

  static CampaignRun read(BinaryReader in) throws BinaryException {
    long campaign = in.readLong();
    int epoch = in.readSignedInt();
    long lastStep = in.readSigned();
    int size = in.readCount();
    List<Long> arms = new ArrayList<>(size);
    for (int arm = 0; arm < size; arm++) {
      arms.add(in.readSigned());
    }
    return new CampaignRun(campaign, epoch, lastStep, arms);
  }

  /**
   * When it counts as ended if nothing more comes: an hour after its last exposure, a day while an
   * arm that the epoch feeds has no recipient yet.
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
