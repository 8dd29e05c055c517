package io.heed.core.listhealth;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import io.heed.core.codec.TextCache;
import io.heed.core.listhealth.Fact.Kind;
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
  private final TextCache interned = new TextCache();
  private final BinaryWriter out = new BinaryWriter();
  private byte[] loaded;

  // Names of lists, campaigns and carriers; 0 is the empty one. Where they lie in the loaded value.
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

  /** Expires what is older than an instant; the rows keep what it contributed. */
  public void expire(long before) {
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
    dropNames();
  }

  boolean isRare(int o) {
    return kind[o].compareTo(Kind.REPLY) >= 0;
  }

  private void dropNames() {
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

  // Names.

  String name(int n) {
    if (name[n] == null) {
      name[n] = interned.text(loaded, nameAt[n], nameLength[n]);
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
