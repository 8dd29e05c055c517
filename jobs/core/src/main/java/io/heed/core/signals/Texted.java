package io.heed.core.signals;

import io.heed.core.model.Category;
import io.heed.core.rules.LinkScanners;
import java.util.Arrays;
import java.util.stream.LongStream;

/** A message as far as signals need it: known by its send, its receipts, its clicks, or any. */
final class Texted {
  /** No such instant. */
  static final long NEVER = Long.MAX_VALUE;

  /** Earliest clicks that are kept: whether one was too soon for a person depends on its send. */
  private static final int CLICKS_KEPT = 8;

  private static final LinkScanners SCANNERS = LinkScanners.standard();
  private static final long[] NONE = {};

  /** 64-bit hash of the message's id. */
  final long id;

  /** Category of the earliest send; null until it has arrived. */
  Category category;

  /** List of the earliest send; null until it has arrived. */
  String list;

  long sentAt = NEVER;

  /** The earliest receipt of each kind. */
  long deliveredAt = NEVER;

  long failedAt = NEVER;

  /** The earliest receipt that calls the number invalid. */
  long invalidAt = NEVER;

  /** The earliest click without a user agent, for which time is no evidence. */
  long plainClickAt = NEVER;

  /** Clicks with a user agent, in order. */
  long[] agentClicks = NONE;

  /** Whether it is counted in what is known of the person, and whether its click is. */
  boolean counted;

  boolean clickCounted;

  Texted(long id) {
    this.id = id;
  }

  /** Of two sends of one message the earlier holds. */
  boolean sent(long time, Category as, String onList) {
    if (time > sentAt || (time == sentAt && !isBefore(as, onList))) {
      return false;
    }
    sentAt = time;
    category = as;
    list = onList;
    return true;
  }

  private boolean isBefore(Category as, String onList) {
    int order = as.compareTo(category);
    return order < 0 || (order == 0 && onList.compareTo(list) < 0);
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

  /** The first click of a person up to an instant, or {@link #NEVER}. */
  long clickedAt(long until) {
    long first = plainClickAt;
    for (long click : agentClicks) {
      boolean scanner = sentAt != NEVER && SCANNERS.isTooSoon(click - sentAt);
      if (click < first && !scanner) {
        first = click;
      }
    }
    return first <= until ? first : NEVER;
  }

  /** Whether it is a promotional message that was sent by then and is not known to have failed. */
  boolean countsAsTexted(long until) {
    return category == Category.PROMOTIONAL
        && sentAt <= until
        && (failedAt > until || deliveredAt <= until);
  }

  /** Every instant known of it. */
  LongStream instants() {
    return LongStream.concat(
            LongStream.of(sentAt, deliveredAt, failedAt, invalidAt, plainClickAt),
            Arrays.stream(agentClicks))
        .filter(instant -> instant != NEVER);
  }

  /** The latest instant known of it. */
  long lastTime() {
    return instants().max().orElse(0);
  }
}
