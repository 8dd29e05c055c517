package io.heed.core.attribution;

import io.heed.core.rules.LinkScanners;
import java.util.Arrays;

/** A message, or another channel's touch: what may be a touch of a path. */
final class Touchpoint {
  static final long NEVER = Long.MAX_VALUE;

  /** Earliest clicks that are kept: whether one was too soon for a person depends on its send. */
  static final int CLICKS_KEPT = 8;

  private static final long[] NONE = {};
  private static final LinkScanners SCANNERS = LinkScanners.standard();

  final boolean message;
  final long id;
  String channel = PathTouch.SMS;
  String campaignId;
  String variantId;
  String experimentId;
  long sentAt = NEVER;

  /** Cost of the message, while the optimizer is compared with a control; else 0. */
  long costMicros;

  /** The earliest receipt with status delivered; in another channel, the touch itself. */
  long deliveredAt = NEVER;

  /** The earliest click without a user agent, for which time is no evidence. */
  long plainClickAt = NEVER;

  /** Clicks with a user agent, in order. */
  long[] agentClicks = NONE;

  /**
   * @param id 64-bit hash of the message's id, or of the touch's event id
   */
  Touchpoint(boolean message, long id) {
    this.message = message;
    this.id = id;
  }

  boolean addAgentClick(long time) {
    if (Arrays.binarySearch(agentClicks, time) >= 0) {
      return false;
    }
    long[] all = Arrays.copyOf(agentClicks, agentClicks.length + 1);
    all[agentClicks.length] = time;
    Arrays.sort(all);
    boolean kept = all.length <= CLICKS_KEPT || all[CLICKS_KEPT] != time;
    agentClicks = all.length <= CLICKS_KEPT ? all : Arrays.copyOf(all, CLICKS_KEPT);
    return kept;
  }

  /** The first click of a person, or {@link #NEVER}. */
  long clickedAt() {
    for (long click : agentClicks) {
      if (click >= plainClickAt) {
        break;
      }
      if (sentAt == NEVER || !SCANNERS.isTooSoon(click - sentAt)) {
        return click;
      }
    }
    return plainClickAt;
  }

  /** The earliest instant known of it. */
  long firstTime() {
    long click = agentClicks.length == 0 ? plainClickAt : Math.min(plainClickAt, agentClicks[0]);
    return Math.min(Math.min(sentAt, deliveredAt), click);
  }

  PathTouch at(long time) {
    return new PathTouch(channel, campaignId, variantId, experimentId, time);
  }
}
