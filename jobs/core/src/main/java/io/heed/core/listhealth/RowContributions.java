package io.heed.core.listhealth;

import io.heed.core.listhealth.CountTable.Cohort;
import io.heed.core.listhealth.CountTable.ListHealth;
import io.heed.core.listhealth.Fact.Kind;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.rules.ErrorClass;
import io.heed.core.rules.LinkScanners;
import java.util.Arrays;

/**
 * What one recipient's facts contribute to the rows. Each method puts a contribution in, by sign 1,
 * or takes it out, by sign -1.
 *
 * <p><b>Cohorts.</b> What happened within 72 hours of its send counts in the cohort of its message;
 * a reply or an opt-out without a message in that of the last message before it (of its scope, if
 * that is a list); a conversion in those of all messages before it.
 */
final class RowContributions {
  private static final int[] WINDOWS = {RowDeltas.MINUTE, RowDeltas.HOUR, RowDeltas.DAY};
  private static final String[] ERROR_CLASSES = errorClasses();
  private static final int DELIVERED = DeliveryStatus.DELIVERED.ordinal();
  private static final int UNKNOWN = DeliveryStatus.UNKNOWN.ordinal();
  private static final int READ = DeliveryStatus.READ.ordinal();

  /** Upper ends of the buckets of response times, in seconds; then 0 for beyond. */
  static final int[] RESPONSE_BUCKETS = {
    5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200, 86_400, 172_800,
    259_200
  };

  private final RecipientFacts facts;
  private final MessageLookup lookup;
  private final OptOutCount optOuts;
  private final LinkScanners scanners = LinkScanners.standard();

  // Scratch, of the loaded recipient.
  private int[] reached = new int[8];
  private long[] firstReply = new long[8];

  RowContributions(RecipientFacts facts) {
    this.facts = facts;
    lookup = new MessageLookup(facts);
    optOuts = new OptOutCount(facts, lookup);
  }

  private static String[] errorClasses() {
    ErrorClass[] classes = ErrorClass.values();
    String[] texts = new String[classes.length];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = classes[i] == ErrorClass.NONE ? "" : classes[i].name();
    }
    return texts;
  }

  // What a message contributes.

  void send(int message, int sign, RowDeltas deltas) {
    String ofList = facts.name(facts.list[message]);
    String ofCampaign = facts.name(facts.campaign[message]);
    long[] minute = deltas.minute(facts.sentAt[message], ofList, ofCampaign);
    minute[ListHealth.SENDS] += sign;
    Cost.add(minute, ListHealth.COST, sign, facts.cost[message]);
    long[] cohort = deltas.cohort(facts.sentAt[message], ofList, ofCampaign);
    cohort[Cohort.SENDS] += sign;
    Cost.add(cohort, Cohort.COST, sign, facts.cost[message]);
  }

  /** What its receipts make of it: the highest rank holds, in a cohort that within 72 hours. */
  void receipts(int message, int sign, RowDeltas deltas) {
    int holding = RecipientFacts.NONE;
    int inCohort = RecipientFacts.NONE;
    int read = RecipientFacts.NONE;
    for (int o = 0; o < facts.outcomes; o++) {
      if (facts.index[o] == message && facts.kind[o] == Kind.RECEIPT) {
        holding = higher(holding, o);
        read = status(facts.detail[o]) == READ ? o : read;
        if (isWithinCohort(o, message)) {
          inCohort = higher(inCohort, o);
        }
      }
    }
    String ofList = facts.name(facts.list[message]);
    String ofCampaign = facts.name(facts.campaign[message]);
    if (holding != RecipientFacts.NONE && rank(holding) != UNKNOWN) {
      boolean delivered = rank(holding) == DELIVERED;
      deltas
              .minute(facts.time[holding], ofList, ofCampaign)[
              delivered ? ListHealth.DELIVERED : ListHealth.UNDELIVERED] +=
          sign;
      if (delivered) {
        response(message, "delivery", facts.time[holding], sign, deltas);
      }
    }
    if (read != RecipientFacts.NONE) {
      deltas.minute(facts.time[read], ofList, ofCampaign)[ListHealth.READ] += sign;
      if (isWithinCohort(read, message)) {
        deltas.cohort(facts.sentAt[message], ofList, ofCampaign)[Cohort.READ] += sign;
      }
    }
    int status = inCohort == RecipientFacts.NONE ? UNKNOWN : rank(inCohort);
    String through =
        facts.name(
            facts.carrier[message] != 0 || inCohort == RecipientFacts.NONE
                ? facts.carrier[message]
                : facts.about[inCohort]);
    long[] delivery =
        deltas.delivery(
            facts.sentAt[message],
            ofList,
            ofCampaign,
            through,
            inCohort == RecipientFacts.NONE || status == DELIVERED
                ? ""
                : ERROR_CLASSES[facts.detail[inCohort] >>> FactReader.ERROR_CLASS_SHIFT]);
    delivery[0] += sign;
    if (status != UNKNOWN) {
      boolean delivered = status == DELIVERED;
      delivery[delivered ? 1 : 2] += sign;
      deltas
              .cohort(facts.sentAt[message], ofList, ofCampaign)[
              delivered ? Cohort.DELIVERED : Cohort.UNDELIVERED] +=
          sign;
    }
  }

  /** Which of two receipts holds: the higher one, of two that say delivered the earlier. */
  private int higher(int a, int b) {
    if (a == RecipientFacts.NONE) {
      return b;
    }
    int order = Integer.compare(rank(b), rank(a));
    order = order != 0 ? order : Long.compare(facts.time[a], facts.time[b]);
    order = order != 0 ? order : facts.name(facts.about[a]).compareTo(facts.name(facts.about[b]));
    return order > 0 ? b : a;
  }

  /** A message that was read has been delivered, and counts when it arrived. */
  private int rank(int receipt) {
    return Math.min(DELIVERED, status(facts.detail[receipt]));
  }

  static int status(int detail) {
    return detail & (1 << FactReader.ERROR_CLASS_SHIFT) - 1;
  }

  private boolean isWithinCohort(int outcome, int message) {
    return facts.time[outcome] <= facts.sentAt[message] + RecipientFacts.COHORT_MILLIS;
  }

  private void response(int message, String response, long at, int sign, RowDeltas deltas) {
    long millis = Math.max(0, at - facts.sentAt[message]);
    int seconds = (int) Math.min(Integer.MAX_VALUE, (millis + 999) / 1_000);
    int bucket = Arrays.binarySearch(RESPONSE_BUCKETS, seconds);
    bucket = bucket < 0 ? -bucket - 1 : bucket;
    deltas
            .response(
                facts.sentAt[message],
                facts.name(facts.list[message]),
                facts.name(facts.campaign[message]),
                response,
                bucket == RESPONSE_BUCKETS.length ? 0 : RESPONSE_BUCKETS[bucket])[0] +=
        sign;
  }

  // Clicks.

  void clicksOf(int message, int sign, RowDeltas deltas) {
    boolean any = false;
    for (int o = 0; o < facts.outcomes; o++) {
      if (facts.index[o] == message && facts.kind[o] == Kind.CLICK) {
        any = true;
        click(o, message, sign, deltas);
      }
    }
    if (any) {
      firstClick(message, sign, deltas);
      clicker(message, RecipientFacts.NONE, sign, deltas);
      clicker(message, message, -sign, deltas);
    }
  }

  boolean isPerson(int click) {
    return (facts.detail[click] & FactReader.SCANNER) == 0
        && ((facts.detail[click] & FactReader.HAS_AGENT) == 0
            || !scanners.isTooSoon(facts.time[click] - facts.sentAt[facts.index[click]]));
  }

  /** A click, and the person who clicked where no other click of his has counted him. */
  void click(int click, int message, int sign, RowDeltas deltas) {
    long[] minute =
        deltas.minute(
            facts.time[click],
            facts.name(facts.list[message]),
            facts.name(facts.campaign[message]));
    if (!isPerson(click)) {
      minute[ListHealth.SCANNER_CLICKS] += sign;
      return;
    }
    minute[ListHealth.CLICKS] += sign;
    for (int seconds : WINDOWS) {
      long start = RowDeltas.windowStart(facts.time[click], seconds);
      boolean inList = false;
      boolean inCampaign = false;
      for (int o = facts.outcomes - 1; o >= 0 && !inCampaign; o--) {
        if (facts.kind[o] == Kind.CLICK
            && facts.index[o] != RecipientFacts.NONE
            && (facts.index[o] != message || o < click)
            && facts.time[o] >= start
            && facts.time[o] < start + seconds * 1_000L
            && facts.list[facts.index[o]] == facts.list[message]
            && isPerson(o)) {
          inList = true;
          inCampaign = facts.campaign[facts.index[o]] == facts.campaign[message];
        }
      }
      if (!inCampaign) {
        clickers(start, seconds, message, facts.name(facts.campaign[message]), sign, deltas);
      }
      if (!inList) {
        clickers(start, seconds, message, "", sign, deltas);
      }
    }
  }

  private void clickers(
      long start, int seconds, int message, String ofCampaign, int sign, RowDeltas deltas) {
    deltas
            .window(start, seconds, facts.name(facts.list[message]), ofCampaign)[
            ListHealth.CLICKERS] +=
        sign;
  }

  /** Whether he clicked in the message's cohort, clicks of one message left out. */
  void clicker(int message, int without, int sign, RowDeltas deltas) {
    for (int o = facts.outcomes - 1; o >= 0; o--) {
      if (facts.kind[o] == Kind.CLICK
          && facts.index[o] != RecipientFacts.NONE
          && facts.index[o] != without
          && isSameCohort(facts.index[o], message)
          && isWithinCohort(o, facts.index[o])
          && isPerson(o)) {
        deltas
                .cohort(
                    facts.sentAt[message],
                    facts.name(facts.list[message]),
                    facts.name(facts.campaign[message]))[Cohort.CLICKERS] +=
            sign;
        return;
      }
    }
  }

  private boolean isSameCohort(int a, int b) {
    return a == b
        || (facts.list[a] == facts.list[b]
            && facts.campaign[a] == facts.campaign[b]
            && RowDeltas.windowStart(facts.sentAt[a], RowDeltas.HOUR)
                == RowDeltas.windowStart(facts.sentAt[b], RowDeltas.HOUR));
  }

  void firstClick(int message, int sign, RowDeltas deltas) {
    long first = Long.MAX_VALUE;
    for (int o = 0; o < facts.outcomes; o++) {
      if (facts.index[o] == message
          && facts.kind[o] == Kind.CLICK
          && facts.time[o] < first
          && isPerson(o)) {
        first = facts.time[o];
      }
    }
    if (first != Long.MAX_VALUE) {
      response(message, "click", first, sign, deltas);
    }
  }

  // Replies, opt-outs, opt-ins and conversions.

  /** Everything that they contribute; they are few. */
  void rare(int sign, RowDeltas deltas) {
    if (!facts.rare) {
      return;
    }
    ensureRoom();
    optOuts.count();
    Arrays.fill(reached, 0, facts.messages, 0);
    Arrays.fill(firstReply, 0, facts.messages, Long.MAX_VALUE);
    for (int o = 0; o < facts.outcomes; o++) {
      if (facts.isRare(o)) {
        if (facts.kind[o] == Kind.CONVERSION) {
          markConverted(o);
        } else {
          window(o, sign, deltas);
          markAnswered(o);
        }
      }
    }
    for (int i = 0; i < facts.messages; i++) {
      if (firstReply[i] != Long.MAX_VALUE) {
        response(i, "reply", firstReply[i], sign, deltas);
      }
      if (reached[i] != 0) {
        cohort(i, sign, deltas);
      }
    }
  }

  private void window(int o, int sign, RowDeltas deltas) {
    long[] minute =
        deltas.minute(
            facts.time[o], facts.name(lookup.listOf(o)), facts.name(lookup.campaignOf(o)));
    if (facts.kind[o] == Kind.REPLY) {
      minute[ListHealth.REPLIES] += sign;
    } else if (facts.kind[o] == Kind.OPT_IN) {
      minute[ListHealth.OPT_INS] += sign;
    }
    minute[ListHealth.OPT_OUTS] += optOuts.isOptOut(o) ? sign : 0;
    minute[ListHealth.COMPLAINTS] += optOuts.isComplaint(o) ? sign : 0;
  }

  private void markConverted(int conversion) {
    for (int i = 0; i < facts.messages; i++) {
      if (facts.sentAt[i] <= facts.time[conversion] && isWithinCohort(conversion, i)) {
        reached[i] |= 1 << Cohort.CONVERTERS;
      }
    }
  }

  private void markAnswered(int o) {
    int message = lookup.messageOf(o);
    if (message == RecipientFacts.NONE || facts.kind[o] == Kind.OPT_IN) {
      return;
    }
    if (facts.kind[o] == Kind.REPLY) {
      firstReply[message] = Math.min(firstReply[message], facts.time[o]);
    }
    if (isWithinCohort(o, message)) {
      reached[message] |=
          (facts.kind[o] == Kind.REPLY ? 1 << Cohort.REPLIERS : 0)
              | (optOuts.isOptOut(o) ? 1 << Cohort.OPT_OUTS : 0)
              | (optOuts.isComplaint(o) ? 1 << Cohort.COMPLAINTS : 0);
    }
  }

  /** Counts the recipient once in a cohort, at the first of its messages that has something. */
  private void cohort(int message, int sign, RowDeltas deltas) {
    int flags = 0;
    for (int i = 0; i < facts.messages; i++) {
      if (reached[i] != 0 && isSameCohort(i, message)) {
        if (i < message) {
          return;
        }
        flags |= reached[i];
      }
    }
    long[] counts =
        deltas.cohort(
            facts.sentAt[message],
            facts.name(facts.list[message]),
            facts.name(facts.campaign[message]));
    for (int metric = Cohort.REPLIERS; metric <= Cohort.CONVERTERS; metric++) {
      counts[metric] += (flags >>> metric & 1) == 0 ? 0 : sign;
    }
  }

  /** Whether an outcome is the reply that its message's response counts. */
  boolean isFirstReply(int o) {
    int message = facts.kind[o] == Kind.REPLY ? lookup.messageOf(o) : RecipientFacts.NONE;
    return message != RecipientFacts.NONE && firstReply[message] == facts.time[o];
  }

  /** Whether an opt-out or a complaint is one that counts. */
  boolean isCounted(int o) {
    return optOuts.isOptOut(o) || optOuts.isComplaint(o);
  }

  private void ensureRoom() {
    if (reached.length < facts.messages) {
      reached = new int[facts.hash.length];
      firstReply = new long[facts.hash.length];
    }
  }
}
