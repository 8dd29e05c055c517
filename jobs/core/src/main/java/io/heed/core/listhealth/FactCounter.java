package io.heed.core.listhealth;

import io.heed.core.listhealth.Fact.Kind;
import java.util.Arrays;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Adds facts to what is known of a recipient, and counts what each changes in the rows: a function
 * of the set of facts, whatever the order in which they came.
 *
 * <p>Adding a fact puts the difference that it makes into {@link RowDeltas}: contributions that may
 * change are taken out before and put in after. For a send or a receipt that is the message's own;
 * for a click the clicks' of its message and hour; for the rare rest (replies, opt-outs, opt-ins,
 * conversions) all of the rest's.
 *
 * <p><b>Cost.</b> Facts are kept for the horizon and {@link RecipientFacts#CONTEXT_MILLIS} before
 * it. An event costs time in proportion to the facts that its recipient has, and those are bounded:
 * of {@value #MESSAGES_KEPT} messages with what belongs to them, {@value #CLICKS_KEPT} clicks
 * beyond the first of each message, {@value #RARE_KEPT} of the rare rest and {@value #WAITING_KEPT}
 * receipts that wait for their send, the oldest is evicted by its own time. Rows keep what it
 * contributed. What comes later from before what was evicted cannot be distinguished from a
 * duplicate, and is not counted; a receipt of an evicted message finds no send. A person may be
 * counted again as a clicker of a day from which clicks were evicted.
 */
public final class FactCounter {
  static final int MESSAGES_KEPT = 256;
  static final int CLICKS_KEPT = 256;
  static final int RARE_KEPT = 128;
  static final int WAITING_KEPT = 256;

  private final RecipientFacts facts;
  private final RowContributions rows;
  private long evicted;

  /** A counter of facts that are added to {@code facts}. */
  public FactCounter(RecipientFacts facts) {
    this.facts = facts;
    rows = new RowContributions(facts);
  }

  /**
   * Adds a fact, and to {@code deltas} the difference that it makes.
   *
   * @return false if it was known, or cannot be distinguished from one that was evicted
   */
  public boolean add(Fact fact, RowDeltas deltas) {
    boolean added =
        switch (fact.kind()) {
          case SEND -> addSend(fact, deltas);
          case RECEIPT -> addReceipt(fact, deltas);
          case CLICK ->
              fact.time() > facts.evictedUntil[RecipientFacts.CLICKS] && addClick(fact, deltas);
          default -> fact.time() > facts.evictedUntil[RecipientFacts.RARE] && addRare(fact, deltas);
        };
    if (added) {
      evict(deltas);
    }
    return added;
  }

  /** How many facts were evicted so far, of all recipients, to keep each one's bounded. */
  public long evicted() {
    return evicted;
  }

  /** Of two sends of one message the earlier holds. */
  private boolean addSend(Fact fact, RowDeltas deltas) {
    int message = facts.find(fact.message());
    if (message == RecipientFacts.NONE
        ? fact.time() <= facts.evictedUntil[RecipientFacts.SENDS]
        : !precedes(fact, message)) {
      return false;
    }
    rows.rare(-1, deltas);
    if (message != RecipientFacts.NONE) {
      rows.clicksOf(message, -1, deltas);
      rows.receipts(message, -1, deltas);
      rows.send(message, -1, deltas);
    } else {
      message = facts.append(fact.message());
    }
    facts.sentAt[message] = fact.time();
    facts.list[message] = facts.nameIndex(fact.list());
    facts.campaign[message] = facts.nameIndex(fact.campaign());
    facts.carrier[message] = facts.nameIndex(fact.carrier());
    facts.cost[message] = fact.costMicros();
    rows.send(message, 1, deltas);
    rows.receipts(message, 1, deltas);
    rows.clicksOf(message, 1, deltas);
    rows.rare(1, deltas);
    return true;
  }

  private boolean precedes(Fact fact, int message) {
    int order = Long.compare(fact.time(), facts.sentAt[message]);
    order = order != 0 ? order : fact.list().compareTo(facts.name(facts.list[message]));
    order = order != 0 ? order : fact.campaign().compareTo(facts.name(facts.campaign[message]));
    order = order != 0 ? order : fact.carrier().compareTo(facts.name(facts.carrier[message]));
    return (order != 0 ? order : Long.compare(fact.costMicros(), facts.cost[message])) < 0;
  }

  /** Of the receipts of one message with one status the earliest is kept. */
  private boolean addReceipt(Fact fact, RowDeltas deltas) {
    int status = RowContributions.status(fact.detail());
    int known = RecipientFacts.NONE;
    for (int o = 0; o < facts.outcomes; o++) {
      if (facts.kind[o] == Kind.RECEIPT
          && facts.of[o] == fact.message()
          && RowContributions.status(facts.detail[o]) == status) {
        known = o;
      }
    }
    if (known != RecipientFacts.NONE) {
      int order = Long.compare(fact.time(), facts.time[known]);
      order = order != 0 ? order : Integer.compare(fact.detail(), facts.detail[known]);
      order = order != 0 ? order : fact.carrier().compareTo(facts.name(facts.about[known]));
      if (order >= 0) {
        return false;
      }
    }
    int message = facts.find(fact.message());
    if (message != RecipientFacts.NONE) {
      rows.receipts(message, -1, deltas);
    }
    int receipt = known != RecipientFacts.NONE ? known : facts.append(fact, message);
    facts.time[receipt] = fact.time();
    facts.detail[receipt] = fact.detail();
    facts.about[receipt] = facts.nameIndex(fact.carrier());
    if (message != RecipientFacts.NONE) {
      rows.receipts(message, 1, deltas);
    }
    return true;
  }

  private boolean addClick(Fact fact, RowDeltas deltas) {
    if (facts.isKnown(fact.id())) {
      return false;
    }
    int message = facts.find(fact.message());
    if (message == RecipientFacts.NONE) {
      facts.append(fact, RecipientFacts.NONE);
      return true;
    }
    rows.firstClick(message, -1, deltas);
    rows.clicker(message, RecipientFacts.NONE, -1, deltas);
    rows.click(facts.append(fact, message), message, 1, deltas);
    rows.clicker(message, RecipientFacts.NONE, 1, deltas);
    rows.firstClick(message, 1, deltas);
    return true;
  }

  private boolean addRare(Fact fact, RowDeltas deltas) {
    if (facts.isKnown(fact.id())) {
      return false;
    }
    rows.rare(-1, deltas);
    facts.append(fact, fact.message() == 0 ? RecipientFacts.NONE : facts.find(fact.message()));
    facts.rare = true;
    rows.rare(1, deltas);
    return true;
  }

  // Eviction.

  private void evict(RowDeltas deltas) {
    if (facts.messages > MESSAGES_KEPT) {
      evictMessage(deltas);
    }
    if (facts.outcomes <= RARE_KEPT) {
      return;
    }
    int clicks = 0;
    int rest = 0;
    int waiting = 0;
    for (int o = 0; o < facts.outcomes; o++) {
      clicks += facts.kind[o] == Kind.CLICK ? 1 : 0;
      rest += facts.isRare(o) ? 1 : 0;
      waiting += facts.kind[o] == Kind.RECEIPT && facts.index[o] == RecipientFacts.NONE ? 1 : 0;
    }
    if (clicks > CLICKS_KEPT) {
      boolean[] first = firstClicks();
      IntPredicate more = o -> facts.kind[o] == Kind.CLICK && !first[o];
      if (count(more) > CLICKS_KEPT) {
        int o = oldest(more);
        facts.evictedUntil[RecipientFacts.CLICKS] =
            Math.max(facts.evictedUntil[RecipientFacts.CLICKS], facts.time[o]);
        evict(i -> true, each -> each != o, deltas);
      }
    }
    if (rest > RARE_KEPT) {
      // Others are counted by the opt-out that counted last, and by the first reply.
      rows.rare(1, new RowDeltas());
      int more = oldest(o -> facts.isRare(o) && !rows.isCounted(o) && !rows.isFirstReply(o));
      int o = more == RecipientFacts.NONE ? oldest(facts::isRare) : more;
      facts.evictedUntil[RecipientFacts.RARE] =
          Math.max(facts.evictedUntil[RecipientFacts.RARE], facts.time[o]);
      evict(i -> true, each -> each != o, deltas);
    }
    if (waiting > WAITING_KEPT) {
      int o =
          oldest(
              each -> facts.kind[each] == Kind.RECEIPT && facts.index[each] == RecipientFacts.NONE);
      evict(i -> true, each -> each != o, deltas);
    }
  }

  /** A message goes with its outcomes, and with what had no other message to look back at. */
  private void evictMessage(RowDeltas deltas) {
    int oldest = 0;
    long next = Long.MAX_VALUE;
    for (int i = 1; i < facts.messages; i++) {
      boolean older =
          facts.sentAt[i] < facts.sentAt[oldest]
              || (facts.sentAt[i] == facts.sentAt[oldest] && facts.hash[i] < facts.hash[oldest]);
      next = Math.min(next, facts.sentAt[older ? oldest : i]);
      oldest = older ? i : oldest;
    }
    int gone = oldest;
    long from = next;
    facts.evictedUntil[RecipientFacts.SENDS] =
        Math.max(facts.evictedUntil[RecipientFacts.SENDS], facts.sentAt[gone]);
    evict(
        i -> i != gone,
        o ->
            facts.index[o] != gone
                && !(facts.isRare(o)
                    && facts.index[o] == RecipientFacts.NONE
                    && facts.time[o] < from),
        deltas);
  }

  /**
   * Evicts all but some facts. What they contributed stays in the rows, and what the others
   * contribute without them is added where it is more: so no row has less than what is taken out of
   * it later.
   */
  private void evict(IntPredicate keptMessage, IntPredicate keptOutcome, RowDeltas deltas) {
    int before = facts.messages + facts.outcomes;
    RowDeltas difference = new RowDeltas();
    rows.rare(-1, difference);
    facts.keep(keptMessage, keptOutcome);
    rows.rare(1, difference);
    deltas.addIncreases(difference);
    evicted += before - facts.messages - facts.outcomes;
  }

  /** Which clicks are the first of a person on their message: its response and its clicker. */
  private boolean[] firstClicks() {
    int[] first = new int[facts.messages];
    Arrays.fill(first, RecipientFacts.NONE);
    for (int o = 0; o < facts.outcomes; o++) {
      if (facts.kind[o] == Kind.CLICK
          && facts.index[o] != RecipientFacts.NONE
          && rows.isPerson(o)) {
        int known = first[facts.index[o]];
        first[facts.index[o]] =
            known == RecipientFacts.NONE || facts.time[o] < facts.time[known] ? o : known;
      }
    }
    boolean[] is = new boolean[facts.outcomes];
    for (int click : first) {
      if (click != RecipientFacts.NONE) {
        is[click] = true;
      }
    }
    return is;
  }

  private int count(IntPredicate which) {
    return (int) IntStream.range(0, facts.outcomes).filter(which).count();
  }

  private int oldest(IntPredicate which) {
    int oldest = RecipientFacts.NONE;
    for (int o = 0; o < facts.outcomes; o++) {
      if (which.test(o)
          && (oldest == RecipientFacts.NONE
              || facts.time[o] < facts.time[oldest]
              || (facts.time[o] == facts.time[oldest] && facts.id[o] < facts.id[oldest]))) {
        oldest = o;
      }
    }
    return oldest;
  }
}
