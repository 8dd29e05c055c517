package io.heed.core.listhealth;

import io.heed.core.listhealth.Fact.Kind;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * What is known of one recipient, in columns: his messages, and what became of them or came of
 * itself. One instance serves all recipients of a task, one after the other: {@link #load} a state
 * value, let {@link FactCounter} add facts, {@link #toBytes}. Not safe for concurrent use.
 *
 * <p>A value has about 30 bytes per message with its receipt, 15 per other fact.
 */
public final class RecipientFacts {
  /** Outcomes count in a cohort until so long after the send. */
  public static final long COHORT_MILLIS = 72 * RowDeltas.HOUR_MILLIS;

  /** Without a message, an outcome belongs to the last list texted within this time. */
  public static final long LAST_LIST_MILLIS = 7 * RowDeltas.DAY_MILLIS;

  /** How far a fact looks back at others: so much longer than the horizon they are kept. */
  public static final long CONTEXT_MILLIS = LAST_LIST_MILLIS;

  // What is bounded together; the number is that of its floor.
  static final int SENDS = 0;
  static final int CLICKS = 1;
  static final int RARE = 2;
  private static final int POOLS = 3;

  private static final byte FORMAT = 1;
  static final int NONE = -1;

  /** Scope of every list. */
  static final String ALL = "*";

  private static final Kind[] KINDS = Kind.values();
  private final NameCache interned = new NameCache();
  private final Bytes in = new Bytes();
  private final Bytes out = new Bytes();

  // NameCache of lists, campaigns and carriers; 0 is the empty one. Where they lie in the loaded
  // value.
  private int names;
  private String[] name = new String[8];
  private int[] nameAt = new int[8];
  private int[] nameLength = new int[8];

  int messages;
  long[] hash = new long[8];
  long[] sentAt = new long[8];
  long[] cost = new long[8];
  int[] list = new int[8];
  int[] campaign = new int[8];
  int[] carrier = new int[8];

  int outcomes;
  Kind[] kind = new Kind[16];
  long[] time = new long[16];
  long[] id = new long[16];
  long[] of = new long[16]; // hash of the message, 0 without one
  int[] index = new int[16]; // its index, NONE while its send is unknown
  int[] detail = new int[16];
  int[] about = new int[16]; // name of the scope or the carrier
  boolean rare; // there is a reply, opt-out, opt-in or conversion

  // Per pool the newest instant of an evicted fact; 0 for none.
  final long[] evictedUntil = new long[POOLS];

  // The state value.

  /** Takes a state value; null for a recipient of whom nothing is known. */
  public void load(byte[] state) {
    names = 1;
    name[0] = "";
    messages = 0;
    outcomes = 0;
    rare = false;
    Arrays.fill(evictedUntil, 0);
    if (state == null) {
      return;
    }
    in.read(state);
    byte format = in.readByte();
    if (format != FORMAT) {
      throw new IllegalStateException("a recipient's facts have unknown format " + format);
    }
    long base = in.readSigned();
    if (in.readByte() != 0) {
      for (int pool = 0; pool < POOLS; pool++) {
        evictedUntil[pool] = in.readSigned();
      }
    }
    readNames();
    readMessages(base);
    readOutcomes(base);
  }

  private void readNames() {
    names = in.readInt();
    if (names > name.length) {
      growNames(names);
    }
    for (int i = 1; i < names; i++) {
      name[i] = null;
      nameLength[i] = in.readInt();
      nameAt[i] = in.position();
      in.skip(nameLength[i]);
    }
  }

  private void readMessages(long base) {
    messages = in.readInt();
    if (messages > hash.length) {
      growMessages(messages);
    }
    for (int i = 0; i < messages; i++) {
      hash[i] = in.readLong();
      sentAt[i] = base + in.readNumber();
      list[i] = in.readInt();
      campaign[i] = in.readInt();
      carrier[i] = in.readInt();
      cost[i] = in.readNumber();
    }
  }

  private void readOutcomes(long base) {
    outcomes = in.readInt();
    if (outcomes > kind.length) {
      growOutcomes(outcomes);
    }
    for (int o = 0; o < outcomes; o++) {
      kind[o] = KINDS[in.readByte()];
      time[o] = base + in.readNumber();
      id[o] = kind[o] == Kind.RECEIPT ? 0 : in.readLong();
      // 0: no message; up to their number: an index from 1; above: not known, its hash follows.
      int place = in.readInt();
      index[o] = place > messages ? NONE : place - 1;
      of[o] = place == 0 ? 0 : index[o] == NONE ? in.readLong() : hash[index[o]];
      detail[o] = in.readInt();
      about[o] = in.readInt();
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
    out.writeByte(floors ? 1 : 0);
    for (int pool = 0; floors && pool < POOLS; pool++) {
      out.writeSigned(evictedUntil[pool]);
    }
    out.writeNumber(names);
    for (int i = 1; i < names; i++) {
      if (nameAt[i] >= 0) {
        out.writeNumber(nameLength[i]);
        out.write(in.array(), nameAt[i], nameLength[i]);
      } else {
        byte[] text = name[i].getBytes(StandardCharsets.UTF_8);
        out.writeNumber(text.length);
        out.write(text, 0, text.length);
      }
    }
    out.writeNumber(messages);
    for (int i = 0; i < messages; i++) {
      out.writeLong(hash[i]);
      out.writeNumber(sentAt[i] - base);
      out.writeNumber(list[i]);
      out.writeNumber(campaign[i]);
      out.writeNumber(carrier[i]);
      out.writeNumber(cost[i]);
    }
    out.writeNumber(outcomes);
    for (int o = 0; o < outcomes; o++) {
      out.writeByte(kind[o].ordinal());
      out.writeNumber(time[o] - base);
      if (kind[o] != Kind.RECEIPT) {
        out.writeLong(id[o]);
      }
      if (of[o] == 0 || index[o] != NONE) {
        out.writeNumber(index[o] + 1L);
      } else {
        out.writeNumber(messages + 1L);
        out.writeLong(of[o]);
      }
      out.writeNumber(detail[o]);
      out.writeNumber(about[o]);
    }
    return out.toArray();
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
  void keep(IntPredicate keptMessage, IntPredicate keptOutcome) {
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

  boolean isRare(int o) {
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

  /** Takes a message, whose outcomes may have waited for it; returns its index. */
  int append(long message) {
    int i = messages++;
    if (messages > hash.length) {
      growMessages(messages);
    }
    hash[i] = message;
    for (int o = 0; o < outcomes; o++) {
      if (of[o] == message) {
        index[o] = i;
      }
    }
    return i;
  }

  /** Takes what became of a message, or of none; returns its index. */
  int append(Fact fact, int message) {
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

  boolean isKnown(long eventId) {
    for (int o = outcomes - 1; o >= 0; o--) {
      if (id[o] == eventId) {
        return true;
      }
    }
    return false;
  }

  int find(long message) {
    for (int i = messages - 1; i >= 0; i--) {
      if (hash[i] == message) {
        return i;
      }
    }
    return NONE;
  }

  // NameCache.

  String name(int n) {
    if (name[n] == null) {
      name[n] = interned.text(in.array(), nameAt[n], nameLength[n]);
    }
    return name[n];
  }

  int nameIndex(String text) {
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
  }
}
