package io.heed.core.listhealth;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import io.heed.core.codec.TextCache;
import io.heed.core.listhealth.Fact.Kind;
import io.heed.core.listhealth.Table.Cohort;
import io.heed.core.listhealth.Table.ListHealth;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.rules.ErrorClass;
import io.heed.core.rules.LinkScanners;
import java.util.Arrays;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * What is known of one recipient, and what he contributes to the rows: a function of the set of his
 * facts, whatever the order in which they came.
 *
 * <p>One instance serves all recipients of a task, one after the other: {@link #load} a state
 * value, {@link #add} facts, {@link #toBytes}. Adding a fact puts the difference that it makes into
 * {@link RowDeltas}: contributions that may change are taken out before and put in after. For a
 * send or a receipt that is the message's own; for a click the clicks' of its message and hour; for
 * the rare rest (replies, opt-outs, opt-ins, conversions) all of the rest's.
 *
 * <p><b>Which list and campaign.</b> Those of the message, once its send is known; receipts and
 * clicks wait for it. Without a message, or while its send is unknown, a reply, an opt-out or an
 * opt-in counts for its scope if that is a list, else for the last list texted within 7 days, else
 * for the empty list.
 *
 * <p><b>Opt-outs.</b> Of the opt-outs and revoking replies of one scope the first counts, then the
 * first that comes 24 hours or more after the one that counted, and so on, by their own time. A
 * reply's scope is the list that it counts for; if an opt-out from {@code *} lies within 24 hours
 * of it, it is taken for the same revocation, and its scope is {@code *}. Complaints are counted
 * among themselves in the same way.
 *
 * <p><b>Cohorts.</b> What happened within 72 hours of its send counts in the cohort of its message;
 * a reply or an opt-out without a message in that of the last message before it (of its scope, if
 * that is a list); a conversion in those of all messages before it.
 *
 * <p><b>Cost.</b> Facts are kept for the horizon and the {@link #CONTEXT_MILLIS} before it. A value
 * has about 30 bytes per message with its receipt, 15 per other fact. An event costs time in
 * proportion to the facts that its recipient has, and those are bounded: of {@value #MESSAGES_KEPT}
 * messages with what belongs to them, {@value #CLICKS_KEPT} clicks beyond the first of each
 * message, {@value #RARE_KEPT} of the rare rest and {@value #WAITING_KEPT} receipts that wait for
 * their send, the oldest is evicted by its own time. Rows keep what it contributed. What comes
 * later from before what was evicted cannot be told from a duplicate, and is not counted; a receipt
 * of an evicted message finds no send. A person may be counted again as a clicker of a day from
 * which clicks were evicted.
 */
public final class RecipientFacts {
  /** Outcomes count in a cohort until so long after the send. */
  public static final long COHORT_MILLIS = 72 * RowDeltas.HOUR_MILLIS;

  /** Without a message, an outcome belongs to the last list texted within this time. */
  public static final long LAST_LIST_MILLIS = 7 * RowDeltas.DAY_MILLIS;

  /** How far a fact looks back at others: so much longer than the horizon they are kept. */
  public static final long CONTEXT_MILLIS = LAST_LIST_MILLIS;

  static final int MESSAGES_KEPT = 256;
  static final int CLICKS_KEPT = 256;
  static final int RARE_KEPT = 128;
  static final int WAITING_KEPT = 256;

  // What is bounded together; the number is that of its floor.
  private static final int SENDS = 0;
  private static final int CLICKS = 1;
  private static final int RARE = 2;
  private static final int POOLS = 3;

  /** Opt-outs of one scope within this time are one. */
  private static final long SAME_OPT_OUT_MILLIS = RowDeltas.DAY_MILLIS;

  /** Upper ends of the buckets of response times, in seconds; then 0 for beyond. */
  static final int[] RESPONSE_BUCKETS = {
    5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200, 86_400, 172_800,
    259_200
  };

  private static final byte FORMAT = 1;
  private static final String ALL = "*";
  private static final int NONE = -1;
  private static final Kind[] KINDS = Kind.values();
  private static final int[] WINDOWS = {RowDeltas.MINUTE, RowDeltas.HOUR, RowDeltas.DAY};
  private static final String[] ERROR_CLASSES = errorClasses();
  private static final int DELIVERED = DeliveryStatus.DELIVERED.ordinal();
  private static final int UNKNOWN = DeliveryStatus.UNKNOWN.ordinal();

  private final LinkScanners scanners = LinkScanners.standard();
  private final TextCache interned = new TextCache();
  private final BinaryWriter out = new BinaryWriter();
  private byte[] loaded;

  // Names of lists, campaigns and carriers; 0 is the empty one. Where they lie in the loaded value.
  private int names;
  private String[] name = new String[8];
  private int[] nameAt = new int[8];
  private int[] nameLength = new int[8];

  private int messages;
  private long[] hash = new long[8];
  private long[] sentAt = new long[8];
  private long[] cost = new long[8];
  private int[] list = new int[8];
  private int[] campaign = new int[8];
  private int[] carrier = new int[8];

  private int outcomes;
  private Kind[] kind = new Kind[16];
  private long[] time = new long[16];
  private long[] id = new long[16];
  private long[] of = new long[16]; // hash of the message, 0 without one
  private int[] index = new int[16]; // its index, NONE while its send is unknown
  private int[] detail = new int[16];
  private int[] about = new int[16]; // name of the scope or the carrier
  private boolean rare; // there is a reply, opt-out, opt-in or conversion

  // Per pool the newest instant of an evicted fact; 0 for none.
  private final long[] evictedUntil = new long[POOLS];
  private long evicted;

  // Scratch.
  private int foundList;
  private int foundCampaign;
  private boolean[] countedOptOut = new boolean[16];
  private boolean[] countedComplaint = new boolean[16];
  private int[] sorted = new int[16];
  private String[] scope = new String[16];
  private int[] reached = new int[8];
  private long[] firstReply = new long[8];

  private static String[] errorClasses() {
    ErrorClass[] classes = ErrorClass.values();
    String[] texts = new String[classes.length];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = classes[i] == ErrorClass.NONE ? "" : classes[i].name();
    }
    return texts;
  }

  // The state value.

  /**
   * Takes a state value; null for a recipient of whom nothing is known.
   *
   * @throws BinaryException if it is of a format that is not known here, or broken
   */
  public void load(byte[] state) throws BinaryException {
    names = 1;
    name[0] = "";
    messages = 0;
    outcomes = 0;
    rare = false;
    Arrays.fill(evictedUntil, 0);
    if (state == null) {
      return;
    }
    loaded = state;
    BinaryReader in = new BinaryReader(state);
    in.expectFormat("a recipient's facts", FORMAT);
    long base = in.readSigned();
    if (in.readBoolean()) {
      for (int pool = 0; pool < POOLS; pool++) {
        evictedUntil[pool] = in.readSigned();
      }
    }
    readNames(in);
    readMessages(in, base);
    readOutcomes(in, base);
    in.expectEnd();
  }

  private void readNames(BinaryReader in) throws BinaryException {
    names = in.readCount();
    if (names > name.length) {
      growNames(names);
    }
    for (int i = 1; i < names; i++) {
      name[i] = null;
      nameLength[i] = in.readCount();
      nameAt[i] = in.skip(nameLength[i]);
    }
  }

  private void readMessages(BinaryReader in, long base) throws BinaryException {
    messages = in.readCount();
    if (messages > hash.length) {
      growMessages(messages);
    }
    for (int i = 0; i < messages; i++) {
      hash[i] = in.readLong();
      sentAt[i] = base + in.readUnsigned();
      list[i] = in.readIndex(names);
      campaign[i] = in.readIndex(names);
      carrier[i] = in.readIndex(names);
      cost[i] = in.readUnsigned();
    }
  }

  private void readOutcomes(BinaryReader in, long base) throws BinaryException {
    outcomes = in.readCount();
    if (outcomes > kind.length) {
      growOutcomes(outcomes);
    }
    for (int o = 0; o < outcomes; o++) {
      kind[o] = in.readConstant(KINDS);
      time[o] = base + in.readUnsigned();
      id[o] = kind[o] == Kind.RECEIPT ? 0 : in.readLong();
      // 0: no message; up to their number: an index from 1; above: not known, its hash follows.
      int place = in.readIndex(messages + 2);
      index[o] = place > messages ? NONE : place - 1;
      of[o] = place == 0 ? 0 : index[o] == NONE ? in.readLong() : hash[index[o]];
      detail[o] = in.readUnsignedInt();
      about[o] = in.readIndex(names);
      rare |= isRare(o);
    }
  }

  /** The state value: a byte for the format, then what is known, as {@link #load} reads it. */
  public byte[] toBytes() {
    long base = earliest();
    out.clear();
    out.writeByte(FORMAT);
    out.writeSigned(base);
    boolean floors = Arrays.stream(evictedUntil).anyMatch(until -> until > 0);
    out.writeBoolean(floors);
    for (int pool = 0; floors && pool < POOLS; pool++) {
      out.writeSigned(evictedUntil[pool]);
    }
    out.writeUnsigned(names);
    for (int i = 1; i < names; i++) {
      if (nameAt[i] >= 0) {
        out.writeUnsigned(nameLength[i]);
        out.write(loaded, nameAt[i], nameLength[i]);
      } else {
        out.writeText(name[i]);
      }
    }
    out.writeUnsigned(messages);
    for (int i = 0; i < messages; i++) {
      out.writeLong(hash[i]);
      out.writeUnsigned(sentAt[i] - base);
      out.writeUnsigned(list[i]);
      out.writeUnsigned(campaign[i]);
      out.writeUnsigned(carrier[i]);
      out.writeUnsigned(cost[i]);
    }
    out.writeUnsigned(outcomes);
    for (int o = 0; o < outcomes; o++) {
      out.writeByte(kind[o].ordinal());
      out.writeUnsigned(time[o] - base);
      if (kind[o] != Kind.RECEIPT) {
        out.writeLong(id[o]);
      }
      if (of[o] == 0 || index[o] != NONE) {
        out.writeUnsigned(index[o] + 1L);
      } else {
        out.writeUnsigned(messages + 1L);
        out.writeLong(of[o]);
      }
      out.writeUnsigned(detail[o]);
      out.writeUnsigned(about[o]);
    }
    return out.toByteArray();
  }

  /** Whether nothing is known. */
  public boolean isEmpty() {
    return messages == 0 && outcomes == 0;
  }

  /** The instant of the oldest fact. */
  public long earliest() {
    long earliest = Long.MAX_VALUE;
    for (int i = 0; i < messages; i++) {
      earliest = Math.min(earliest, sentAt[i]);
    }
    for (int o = 0; o < outcomes; o++) {
      earliest = Math.min(earliest, time[o]);
    }
    return isEmpty() ? 0 : earliest;
  }

  /** Forgets what is older than an instant; the rows keep what it contributed. */
  public void forget(long before) {
    if (earliest() >= before) {
      return;
    }
    keep(i -> sentAt[i] >= before, o -> time[o] >= before);
  }

  /** Keeps some messages and outcomes, in their order. */
  private void keep(IntPredicate keptMessage, IntPredicate keptOutcome) {
    int[] place = new int[messages];
    int kept = 0;
    for (int i = 0; i < messages; i++) {
      place[i] = NONE;
      if (keptMessage.test(i)) {
        place[i] = kept;
        hash[kept] = hash[i];
        sentAt[kept] = sentAt[i];
        cost[kept] = cost[i];
        list[kept] = list[i];
        campaign[kept] = campaign[i];
        carrier[kept++] = carrier[i];
      }
    }
    messages = kept;
    kept = 0;
    rare = false;
    for (int o = 0; o < outcomes; o++) {
      if (keptOutcome.test(o)) {
        kind[kept] = kind[o];
        time[kept] = time[o];
        id[kept] = id[o];
        of[kept] = of[o];
        index[kept] = index[o] == NONE ? NONE : place[index[o]];
        detail[kept] = detail[o];
        about[kept++] = about[o];
        rare |= isRare(o);
      }
    }
    outcomes = kept;
    forgetNames();
  }

  private boolean isRare(int o) {
    return kind[o].compareTo(Kind.REPLY) >= 0;
  }

  private void forgetNames() {
    int[] place = new int[names];
    for (int i = 0; i < messages; i++) {
      place[list[i]] = place[campaign[i]] = place[carrier[i]] = 1;
    }
    for (int o = 0; o < outcomes; o++) {
      place[about[o]] = 1;
    }
    place[0] = 0;
    int kept = 1;
    for (int n = 1; n < names; n++) {
      if (place[n] != 0) {
        name[kept] = name[n];
        nameAt[kept] = nameAt[n];
        nameLength[kept] = nameLength[n];
        place[n] = kept++;
      }
    }
    names = kept;
    for (int i = 0; i < messages; i++) {
      list[i] = place[list[i]];
      campaign[i] = place[campaign[i]];
      carrier[i] = place[carrier[i]];
    }
    for (int o = 0; o < outcomes; o++) {
      about[o] = place[about[o]];
    }
  }

  // Adding facts.

  /**
   * Adds a fact, and to {@code deltas} the difference that it makes.
   *
   * @return false if it was known, or cannot be told from one that was evicted
   */
  public boolean add(Fact fact, RowDeltas deltas) {
    boolean added =
        switch (fact.kind()) {
          case SEND -> addSend(fact, deltas);
          case RECEIPT -> addReceipt(fact, deltas);
          case CLICK -> fact.time() > evictedUntil[CLICKS] && addClick(fact, deltas);
          default -> fact.time() > evictedUntil[RARE] && addRare(fact, deltas);
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
    int message = find(fact.message());
    if (message == NONE ? fact.time() <= evictedUntil[SENDS] : !precedes(fact, message)) {
      return false;
    }
    rare(-1, deltas);
    if (message != NONE) {
      clicksOf(message, -1, deltas);
      receipts(message, -1, deltas);
      send(message, -1, deltas);
    } else {
      message = messages++;
      if (messages > hash.length) {
        growMessages(messages);
      }
      hash[message] = fact.message();
      for (int o = 0; o < outcomes; o++) {
        if (of[o] == fact.message()) {
          index[o] = message;
        }
      }
    }
    sentAt[message] = fact.time();
    list[message] = nameIndex(fact.list());
    campaign[message] = nameIndex(fact.campaign());
    carrier[message] = nameIndex(fact.carrier());
    cost[message] = fact.costMicros();
    send(message, 1, deltas);
    receipts(message, 1, deltas);
    clicksOf(message, 1, deltas);
    rare(1, deltas);
    return true;
  }

  private boolean precedes(Fact fact, int message) {
    int order = Long.compare(fact.time(), sentAt[message]);
    order = order != 0 ? order : fact.list().compareTo(name(list[message]));
    order = order != 0 ? order : fact.campaign().compareTo(name(campaign[message]));
    order = order != 0 ? order : fact.carrier().compareTo(name(carrier[message]));
    return (order != 0 ? order : Long.compare(fact.costMicros(), cost[message])) < 0;
  }

  /** Of the receipts of one message with one status the earliest is kept. */
  private boolean addReceipt(Fact fact, RowDeltas deltas) {
    int status = status(fact.detail());
    int known = NONE;
    for (int o = 0; o < outcomes; o++) {
      if (kind[o] == Kind.RECEIPT && of[o] == fact.message() && status(detail[o]) == status) {
        known = o;
      }
    }
    if (known != NONE) {
      int order = Long.compare(fact.time(), time[known]);
      order = order != 0 ? order : Integer.compare(fact.detail(), detail[known]);
      order = order != 0 ? order : fact.carrier().compareTo(name(about[known]));
      if (order >= 0) {
        return false;
      }
    }
    int message = find(fact.message());
    if (message != NONE) {
      receipts(message, -1, deltas);
    }
    int receipt = known != NONE ? known : append(fact, message);
    time[receipt] = fact.time();
    detail[receipt] = fact.detail();
    about[receipt] = nameIndex(fact.carrier());
    if (message != NONE) {
      receipts(message, 1, deltas);
    }
    return true;
  }

  private boolean addClick(Fact fact, RowDeltas deltas) {
    if (isKnown(fact.id())) {
      return false;
    }
    int message = find(fact.message());
    if (message == NONE) {
      append(fact, NONE);
      return true;
    }
    firstClick(message, -1, deltas);
    clicker(message, NONE, -1, deltas);
    click(append(fact, message), message, 1, deltas);
    clicker(message, NONE, 1, deltas);
    firstClick(message, 1, deltas);
    return true;
  }

  private boolean addRare(Fact fact, RowDeltas deltas) {
    if (isKnown(fact.id())) {
      return false;
    }
    rare(-1, deltas);
    append(fact, fact.message() == 0 ? NONE : find(fact.message()));
    rare = true;
    rare(1, deltas);
    return true;
  }

  private int append(Fact fact, int message) {
    int o = outcomes++;
    if (outcomes > kind.length) {
      growOutcomes(outcomes);
    }
    kind[o] = fact.kind();
    time[o] = fact.time();
    id[o] = fact.id();
    of[o] = fact.message();
    index[o] = message;
    detail[o] = fact.detail();
    about[o] = nameIndex(fact.kind() == Kind.RECEIPT ? fact.carrier() : fact.list());
    return o;
  }

  private boolean isKnown(long eventId) {
    for (int o = outcomes - 1; o >= 0; o--) {
      if (id[o] == eventId) {
        return true;
      }
    }
    return false;
  }

  private int find(long message) {
    for (int i = messages - 1; i >= 0; i--) {
      if (hash[i] == message) {
        return i;
      }
    }
    return NONE;
  }

  // Eviction.

  private void evict(RowDeltas deltas) {
    if (messages > MESSAGES_KEPT) {
      evictMessage(deltas);
    }
    if (outcomes <= RARE_KEPT) {
      return;
    }
    int clicks = 0;
    int rest = 0;
    int waiting = 0;
    for (int o = 0; o < outcomes; o++) {
      clicks += kind[o] == Kind.CLICK ? 1 : 0;
      rest += isRare(o) ? 1 : 0;
      waiting += kind[o] == Kind.RECEIPT && index[o] == NONE ? 1 : 0;
    }
    if (clicks > CLICKS_KEPT) {
      boolean[] first = firstClicks();
      IntPredicate more = o -> kind[o] == Kind.CLICK && !first[o];
      if (count(more) > CLICKS_KEPT) {
        int o = oldest(more);
        evictedUntil[CLICKS] = Math.max(evictedUntil[CLICKS], time[o]);
        evict(i -> true, each -> each != o, deltas);
      }
    }
    if (rest > RARE_KEPT) {
      // Others are counted by the opt-out that counted last, and by the first answer.
      rare(1, new RowDeltas());
      int more =
          oldest(o -> isRare(o) && !countedOptOut[o] && !countedComplaint[o] && !isFirstReply(o));
      int o = more == NONE ? oldest(this::isRare) : more;
      evictedUntil[RARE] = Math.max(evictedUntil[RARE], time[o]);
      evict(i -> true, each -> each != o, deltas);
    }
    if (waiting > WAITING_KEPT) {
      int o = oldest(each -> kind[each] == Kind.RECEIPT && index[each] == NONE);
      evict(i -> true, each -> each != o, deltas);
    }
  }

  private boolean isFirstReply(int o) {
    int message = kind[o] == Kind.REPLY ? answered(o) : NONE;
    return message != NONE && firstReply[message] == time[o];
  }

  /** A message goes with its outcomes, and with what had no other message to look back at. */
  private void evictMessage(RowDeltas deltas) {
    int oldest = 0;
    long next = Long.MAX_VALUE;
    for (int i = 1; i < messages; i++) {
      boolean older =
          sentAt[i] < sentAt[oldest] || (sentAt[i] == sentAt[oldest] && hash[i] < hash[oldest]);
      next = Math.min(next, sentAt[older ? oldest : i]);
      oldest = older ? i : oldest;
    }
    int gone = oldest;
    long from = next;
    evictedUntil[SENDS] = Math.max(evictedUntil[SENDS], sentAt[gone]);
    evict(
        i -> i != gone,
        o -> index[o] != gone && !(isRare(o) && index[o] == NONE && time[o] < from),
        deltas);
  }

  /**
   * Evicts all but some facts. What they contributed stays in the rows, and what the others
   * contribute without them is added where it is more: so no row has less than what is taken out of
   * it later.
   */
  private void evict(IntPredicate keptMessage, IntPredicate keptOutcome, RowDeltas deltas) {
    int before = messages + outcomes;
    RowDeltas difference = new RowDeltas();
    rare(-1, difference);
    keep(keptMessage, keptOutcome);
    rare(1, difference);
    deltas.addIncreases(difference);
    evicted += before - messages - outcomes;
  }

  /** Which clicks are the first of a person on their message: its response and its clicker. */
  private boolean[] firstClicks() {
    int[] first = new int[messages];
    Arrays.fill(first, NONE);
    for (int o = 0; o < outcomes; o++) {
      if (kind[o] == Kind.CLICK && index[o] != NONE && isPerson(o)) {
        int known = first[index[o]];
        first[index[o]] = known == NONE || time[o] < time[known] ? o : known;
      }
    }
    boolean[] is = new boolean[outcomes];
    for (int click : first) {
      if (click != NONE) {
        is[click] = true;
      }
    }
    return is;
  }

  private int count(IntPredicate which) {
    return (int) IntStream.range(0, outcomes).filter(which).count();
  }

  private int oldest(IntPredicate which) {
    int oldest = NONE;
    for (int o = 0; o < outcomes; o++) {
      if (which.test(o)
          && (oldest == NONE
              || time[o] < time[oldest]
              || (time[o] == time[oldest] && id[o] < id[oldest]))) {
        oldest = o;
      }
    }
    return oldest;
  }

  // What a message contributes.

  private void send(int message, int sign, RowDeltas deltas) {
    String ofList = name(list[message]);
    String ofCampaign = name(campaign[message]);
    long[] minute = deltas.minute(sentAt[message], ofList, ofCampaign);
    minute[ListHealth.SENDS] += sign;
    Cost.add(minute, ListHealth.COST, sign, cost[message]);
    long[] cohort = deltas.cohort(sentAt[message], ofList, ofCampaign);
    cohort[Cohort.SENDS] += sign;
    Cost.add(cohort, Cohort.COST, sign, cost[message]);
  }

  /** What its receipts make of it: the highest rank holds, in a cohort that within 72 hours. */
  private void receipts(int message, int sign, RowDeltas deltas) {
    int holding = NONE;
    int inCohort = NONE;
    for (int o = 0; o < outcomes; o++) {
      if (index[o] == message && kind[o] == Kind.RECEIPT) {
        holding = higher(holding, o);
        if (isWithinCohort(o, message)) {
          inCohort = higher(inCohort, o);
        }
      }
    }
    String ofList = name(list[message]);
    String ofCampaign = name(campaign[message]);
    if (holding != NONE && status(detail[holding]) != UNKNOWN) {
      boolean delivered = status(detail[holding]) == DELIVERED;
      deltas
              .minute(time[holding], ofList, ofCampaign)[
              delivered ? ListHealth.DELIVERED : ListHealth.UNDELIVERED] +=
          sign;
      if (delivered) {
        response(message, "delivery", time[holding], sign, deltas);
      }
    }
    int status = inCohort == NONE ? UNKNOWN : status(detail[inCohort]);
    String through =
        name(carrier[message] != 0 || inCohort == NONE ? carrier[message] : about[inCohort]);
    long[] delivery =
        deltas.delivery(
            sentAt[message],
            ofList,
            ofCampaign,
            through,
            inCohort == NONE || status == DELIVERED
                ? ""
                : ERROR_CLASSES[detail[inCohort] >>> FactReader.ERROR_CLASS_SHIFT]);
    delivery[0] += sign;
    if (status != UNKNOWN) {
      boolean delivered = status == DELIVERED;
      delivery[delivered ? 1 : 2] += sign;
      deltas
              .cohort(sentAt[message], ofList, ofCampaign)[
              delivered ? Cohort.DELIVERED : Cohort.UNDELIVERED] +=
          sign;
    }
  }

  private int higher(int a, int b) {
    return a == NONE || status(detail[b]) > status(detail[a]) ? b : a;
  }

  private static int status(int detail) {
    return detail & (1 << FactReader.ERROR_CLASS_SHIFT) - 1;
  }

  private boolean isWithinCohort(int outcome, int message) {
    return time[outcome] <= sentAt[message] + COHORT_MILLIS;
  }

  private void response(int message, String response, long at, int sign, RowDeltas deltas) {
    long millis = Math.max(0, at - sentAt[message]);
    int seconds = (int) Math.min(Integer.MAX_VALUE, (millis + 999) / 1_000);
    int bucket = Arrays.binarySearch(RESPONSE_BUCKETS, seconds);
    bucket = bucket < 0 ? -bucket - 1 : bucket;
    deltas
            .response(
                sentAt[message],
                name(list[message]),
                name(campaign[message]),
                response,
                bucket == RESPONSE_BUCKETS.length ? 0 : RESPONSE_BUCKETS[bucket])[0] +=
        sign;
  }

  // Clicks.

  private void clicksOf(int message, int sign, RowDeltas deltas) {
    boolean any = false;
    for (int o = 0; o < outcomes; o++) {
      if (index[o] == message && kind[o] == Kind.CLICK) {
        any = true;
        click(o, message, sign, deltas);
      }
    }
    if (any) {
      firstClick(message, sign, deltas);
      clicker(message, NONE, sign, deltas);
      clicker(message, message, -sign, deltas);
    }
  }

  private boolean isPerson(int click) {
    return (detail[click] & FactReader.SCANNER) == 0
        && ((detail[click] & FactReader.HAS_AGENT) == 0
            || !scanners.isTooSoon(time[click] - sentAt[index[click]]));
  }

  /** A click, and the person who clicked where no other click of his has counted him. */
  private void click(int click, int message, int sign, RowDeltas deltas) {
    long[] minute = deltas.minute(time[click], name(list[message]), name(campaign[message]));
    if (!isPerson(click)) {
      minute[ListHealth.SCANNER_CLICKS] += sign;
      return;
    }
    minute[ListHealth.CLICKS] += sign;
    for (int seconds : WINDOWS) {
      long start = RowDeltas.windowStart(time[click], seconds);
      boolean inList = false;
      boolean inCampaign = false;
      for (int o = outcomes - 1; o >= 0 && !inCampaign; o--) {
        if (kind[o] == Kind.CLICK
            && index[o] != NONE
            && (index[o] != message || o < click)
            && time[o] >= start
            && time[o] < start + seconds * 1_000L
            && list[index[o]] == list[message]
            && isPerson(o)) {
          inList = true;
          inCampaign = campaign[index[o]] == campaign[message];
        }
      }
      if (!inCampaign) {
        clickers(start, seconds, message, name(campaign[message]), sign, deltas);
      }
      if (!inList) {
        clickers(start, seconds, message, "", sign, deltas);
      }
    }
  }

  private void clickers(
      long start, int seconds, int message, String ofCampaign, int sign, RowDeltas deltas) {
    deltas.window(start, seconds, name(list[message]), ofCampaign)[ListHealth.CLICKERS] += sign;
  }

  /** Whether he clicked in the message's cohort, clicks of one message left out. */
  private void clicker(int message, int without, int sign, RowDeltas deltas) {
    for (int o = outcomes - 1; o >= 0; o--) {
      if (kind[o] == Kind.CLICK
          && index[o] != NONE
          && index[o] != without
          && isSameCohort(index[o], message)
          && isWithinCohort(o, index[o])
          && isPerson(o)) {
        deltas
                .cohort(sentAt[message], name(list[message]), name(campaign[message]))[
                Cohort.CLICKERS] +=
            sign;
        return;
      }
    }
  }

  private boolean isSameCohort(int a, int b) {
    return a == b
        || (list[a] == list[b]
            && campaign[a] == campaign[b]
            && RowDeltas.windowStart(sentAt[a], RowDeltas.HOUR)
                == RowDeltas.windowStart(sentAt[b], RowDeltas.HOUR));
  }

  private void firstClick(int message, int sign, RowDeltas deltas) {
    long first = Long.MAX_VALUE;
    for (int o = 0; o < outcomes; o++) {
      if (index[o] == message && kind[o] == Kind.CLICK && time[o] < first && isPerson(o)) {
        first = time[o];
      }
    }
    if (first != Long.MAX_VALUE) {
      response(message, "click", first, sign, deltas);
    }
  }

  // Replies, opt-outs, opt-ins and conversions.

  /** Everything that they contribute; they are few. */
  private void rare(int sign, RowDeltas deltas) {
    if (!rare) {
      return;
    }
    countOptOuts();
    Arrays.fill(reached, 0, messages, 0);
    Arrays.fill(firstReply, 0, messages, Long.MAX_VALUE);
    for (int o = 0; o < outcomes; o++) {
      if (isRare(o)) {
        if (kind[o] == Kind.CONVERSION) {
          markConverted(o);
        } else {
          window(o, sign, deltas);
          markAnswered(o);
        }
      }
    }
    for (int i = 0; i < messages; i++) {
      if (firstReply[i] != Long.MAX_VALUE) {
        response(i, "reply", firstReply[i], sign, deltas);
      }
      if (reached[i] != 0) {
        cohort(i, sign, deltas);
      }
    }
  }

  private void window(int o, int sign, RowDeltas deltas) {
    findListOf(o);
    long[] minute = deltas.minute(time[o], name(foundList), name(foundCampaign));
    if (kind[o] == Kind.REPLY) {
      minute[ListHealth.REPLIES] += sign;
    } else if (kind[o] == Kind.OPT_IN) {
      minute[ListHealth.OPT_INS] += sign;
    }
    minute[ListHealth.OPT_OUTS] += countedOptOut[o] ? sign : 0;
    minute[ListHealth.COMPLAINTS] += countedComplaint[o] ? sign : 0;
  }

  /** Finds the list and the campaign that an outcome counts for. */
  private void findListOf(int o) {
    foundCampaign = 0;
    foundList = 0;
    if (index[o] != NONE) {
      foundList = list[index[o]];
      foundCampaign = campaign[index[o]];
    } else if (hasListScope(o)) {
      foundList = about[o];
    } else {
      int last = lastBefore(time[o], LAST_LIST_MILLIS, 0);
      foundList = last == NONE ? 0 : list[last];
    }
  }

  private boolean hasListScope(int o) {
    return about[o] != 0 && !name(about[o]).equals(ALL);
  }

  /** The last message sent before an instant; if {@code toList} is not 0, of that list. */
  private int lastBefore(long instant, long withinMillis, int toList) {
    int last = NONE;
    for (int i = 0; i < messages; i++) {
      if (sentAt[i] <= instant
          && sentAt[i] >= instant - withinMillis
          && (toList == 0 || list[i] == toList)
          && (last == NONE
              || sentAt[i] > sentAt[last]
              || (sentAt[i] == sentAt[last] && hash[i] > hash[last]))) {
        last = i;
      }
    }
    return last;
  }

  private void markConverted(int conversion) {
    for (int i = 0; i < messages; i++) {
      if (sentAt[i] <= time[conversion] && isWithinCohort(conversion, i)) {
        reached[i] |= 1 << Cohort.CONVERTERS;
      }
    }
  }

  /** The message that an outcome belongs to: its own, or the last before it. */
  private int answered(int o) {
    return index[o] == NONE && of[o] == 0
        ? lastBefore(time[o], COHORT_MILLIS, hasListScope(o) ? about[o] : 0)
        : index[o];
  }

  private void markAnswered(int o) {
    int message = answered(o);
    if (message == NONE || kind[o] == Kind.OPT_IN) {
      return;
    }
    if (kind[o] == Kind.REPLY) {
      firstReply[message] = Math.min(firstReply[message], time[o]);
    }
    if (isWithinCohort(o, message)) {
      reached[message] |=
          (kind[o] == Kind.REPLY ? 1 << Cohort.REPLIERS : 0)
              | (countedOptOut[o] ? 1 << Cohort.OPT_OUTS : 0)
              | (countedComplaint[o] ? 1 << Cohort.COMPLAINTS : 0);
    }
  }

  /** Counts the recipient once in a cohort, at the first of its messages that has something. */
  private void cohort(int message, int sign, RowDeltas deltas) {
    int flags = 0;
    for (int i = 0; i < messages; i++) {
      if (reached[i] != 0 && isSameCohort(i, message)) {
        if (i < message) {
          return;
        }
        flags |= reached[i];
      }
    }
    long[] counts = deltas.cohort(sentAt[message], name(list[message]), name(campaign[message]));
    for (int metric = Cohort.REPLIERS; metric <= Cohort.CONVERTERS; metric++) {
      counts[metric] += (flags >>> metric & 1) == 0 ? 0 : sign;
    }
  }

  // Opt-outs, one per scope in 24 hours.

  private void countOptOuts() {
    Arrays.fill(countedOptOut, 0, outcomes, false);
    Arrays.fill(countedComplaint, 0, outcomes, false);
    int count = 0;
    for (int o = 0; o < outcomes; o++) {
      if (kind[o] == Kind.OPT_OUT) {
        scope[o] = name(about[o]);
        insert(o, count++);
      } else if (kind[o] == Kind.REPLY && (detail[o] & FactReader.REVOKES) != 0) {
        scope[o] = scopeOfReply(o);
        insert(o, count++);
      }
    }
    int lastOptOut = NONE;
    int lastComplaint = NONE;
    for (int k = 0; k < count; k++) {
      int o = sorted[k];
      if (isNew(o, lastOptOut)) {
        countedOptOut[o] = true;
        lastOptOut = o;
      }
      boolean complaint = kind[o] == Kind.OPT_OUT && (detail[o] & FactReader.COMPLAINT) != 0;
      if (complaint && isNew(o, lastComplaint)) {
        countedComplaint[o] = true;
        lastComplaint = o;
      }
    }
  }

  private boolean isNew(int o, int last) {
    return last == NONE
        || !scope[o].equals(scope[last])
        || time[o] - time[last] >= SAME_OPT_OUT_MILLIS;
  }

  private String scopeOfReply(int reply) {
    for (int o = 0; o < outcomes; o++) {
      if (kind[o] == Kind.OPT_OUT
          && Math.abs(time[o] - time[reply]) < SAME_OPT_OUT_MILLIS
          && name(about[o]).equals(ALL)) {
        return ALL;
      }
    }
    findListOf(reply);
    return foundList == 0 ? ALL : name(foundList);
  }

  /** Inserts into the {@code count} sorted ones, by scope, time and id. */
  private void insert(int o, int count) {
    int at = count;
    while (at > 0 && compare(o, sorted[at - 1]) < 0) {
      sorted[at] = sorted[at - 1];
      at--;
    }
    sorted[at] = o;
  }

  private int compare(int a, int b) {
    int order = scope[a].compareTo(scope[b]);
    order = order != 0 ? order : Long.compare(time[a], time[b]);
    return order != 0 ? order : Long.compare(id[a], id[b]);
  }

  // Names.

  private String name(int n) {
    if (name[n] == null) {
      name[n] = interned.text(loaded, nameAt[n], nameLength[n]);
    }
    return name[n];
  }

  private int nameIndex(String text) {
    for (int n = 0; n < names; n++) {
      if (name(n).equals(text)) {
        return n;
      }
    }
    int n = names++;
    if (names > name.length) {
      growNames(names);
    }
    name[n] = text;
    nameAt[n] = NONE;
    return n;
  }

  // Room.

  private void growNames(int least) {
    int size = Math.max(least, name.length * 2);
    name = Arrays.copyOf(name, size);
    nameAt = Arrays.copyOf(nameAt, size);
    nameLength = Arrays.copyOf(nameLength, size);
  }

  private void growMessages(int least) {
    int size = Math.max(least, hash.length * 2);
    hash = Arrays.copyOf(hash, size);
    sentAt = Arrays.copyOf(sentAt, size);
    cost = Arrays.copyOf(cost, size);
    list = Arrays.copyOf(list, size);
    campaign = Arrays.copyOf(campaign, size);
    carrier = Arrays.copyOf(carrier, size);
    reached = new int[size];
    firstReply = new long[size];
  }

  private void growOutcomes(int least) {
    int size = Math.max(least, kind.length * 2);
    kind = Arrays.copyOf(kind, size);
    time = Arrays.copyOf(time, size);
    id = Arrays.copyOf(id, size);
    of = Arrays.copyOf(of, size);
    index = Arrays.copyOf(index, size);
    detail = Arrays.copyOf(detail, size);
    about = Arrays.copyOf(about, size);
    countedOptOut = new boolean[size];
    countedComplaint = new boolean[size];
    sorted = new int[size];
    scope = new String[size];
  }
}
