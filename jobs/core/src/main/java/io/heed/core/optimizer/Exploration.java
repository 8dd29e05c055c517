package io.heed.core.optimizer;

import io.heed.core.codec.Hash64;

/** Draws by salted hashes: the same for one person and day, or campaign, whenever they are made. */
public final class Exploration {
  private final long salt;

  /** Draws of one list. */
  public Exploration(String salt) {
    this.salt = Hash64.of(salt);
  }

  /** From 0 (inclusive) to 1 (exclusive), for wanted and unwanted messages of that day. */
  public double ofDay(long recipientHash, int epochDay) {
    return unit(recipientHash, epochDay);
  }

  /** From 0 (inclusive) to 1 (exclusive), for the pilot of a campaign. */
  public double ofCampaign(long recipientHash, long campaignHash) {
    return unit(recipientHash, ~campaignHash);
  }

  private double unit(long a, long b) {
    return (Hash64.mix(Hash64.mix(Hash64.mix(salt ^ a) + b) + 0x9e3779b97f4a7c15L) >>> 11)
        * 0x1p-53;
  }
}
