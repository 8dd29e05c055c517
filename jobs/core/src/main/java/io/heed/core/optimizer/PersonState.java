package io.heed.core.optimizer;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;

/**
 * What the optimizer knows of one person on one list, in {@link #BYTES} bytes: promotional messages
 * of each of the last {@link #RING_DAYS} days (from which fatigue follows exactly for every
 * half-life), clicks and expected clicks of the last three periods of 120 days (affinity), messages
 * borne, and the day of the last conversion.
 *
 * <p>Every addition is at the event's own day, and saturates: the state is a function of the set of
 * events, whatever their order, and two states of disjoint events merge into the state of all. What
 * is older than the ring when it arrives would have left it by then.
 */
public final class PersonState {
  /** Days whose messages are kept apart. */
  public static final int RING_DAYS = 40;

  /** Length of the binary form. */
  public static final int BYTES = 32;

  /** A person of whom nothing is known. */
  public static final PersonState NEW =
      new PersonState(0, 0, 0, 0, new int[PersonState.PERIODS], new int[PersonState.PERIODS], 0);

  /** Expected clicks are kept in these parts of one. */
  public static final int EXPECTED_UNIT = 1024;

  /**
   * Clicks that every message is taken to bring, in parts of {@link #EXPECTED_UNIT}: 5 %. A
   * constant, so that the state is a function of the events alone; what the classes of affinity
   * click is learnt.
   */
  public static final int NOMINAL_CLICKS = 51;

  private static final int PERIODS = 3;
  private static final int PERIOD_DAYS = 120;
  private static final int FORMAT = 1;
  private static final int BITS = 3;
  private static final int PER_DAY = (1 << BITS) - 1;
  private static final int HALF_RING = RING_DAYS / 2;
  private static final long HALF_MASK = (1L << (BITS * HALF_RING)) - 1;
  private static final int MAX_SHORT = 0xffff;
  private static final int MAX_BYTE = 0xff;

  private final int day;
  private final long recent;
  private final long older;
  private final int borne;
  private final int[] clicks;
  private final int[] expected;
  private final int lastConversionDay;

  private PersonState(
      int day,
      long recent,
      long older,
      int borne,
      int[] clicks,
      int[] expected,
      int lastConversionDay) {
    this.day = day;
    this.recent = recent;
    this.older = older;
    this.borne = borne;
    this.clicks = clicks;
    this.expected = expected;
    this.lastConversionDay = lastConversionDay;
  }

  /**
   * Adds a promotional message.
   *
   * @param epochDay day of the send, days since 1970 (1 to 65,535)
   * @param expectedClicks clicks that such a message brings on average, in parts of {@link
   *     #EXPECTED_UNIT}
   */
  public PersonState withMessage(int epochDay, int expectedClicks) {
    PersonState moved = movedTo(epochDay);
    long young = moved.recent;
    long old = moved.older;
    int age = moved.day - epochDay;
    if (age < HALF_RING) {
      young = plusOne(young, age);
    } else if (age < RING_DAYS) {
      old = plusOne(old, age - HALF_RING);
    }
    return new PersonState(
        moved.day,
        young,
        old,
        Math.min(MAX_SHORT, borne + 1),
        moved.clicks,
        plus(moved.expected, moved.day, epochDay, expectedClicks, MAX_SHORT),
        lastConversionDay);
  }

  /** Adds the first click on a message, at the day of the message. */
  public PersonState withClick(int epochDay) {
    PersonState moved = movedTo(epochDay);
    return new PersonState(
        moved.day,
        moved.recent,
        moved.older,
        borne,
        plus(moved.clicks, moved.day, epochDay, 1, MAX_BYTE),
        moved.expected,
        lastConversionDay);
  }

  /** Adds a conversion. */
  public PersonState withConversion(int epochDay) {
    return new PersonState(
        day, recent, older, borne, clicks, expected, Math.max(lastConversionDay, check(epochDay)));
  }

  /** The state of the events of both, which must have none in common. */
  public PersonState merge(PersonState other) {
    PersonState a = movedTo(Math.max(1, Math.max(day, other.day)));
    PersonState b = other.movedTo(a.day);
    int[] bothClicks = new int[PERIODS];
    int[] bothExpected = new int[PERIODS];
    for (int i = 0; i < PERIODS; i++) {
      bothClicks[i] = Math.min(MAX_BYTE, a.clicks[i] + b.clicks[i]);
      bothExpected[i] = Math.min(MAX_SHORT, a.expected[i] + b.expected[i]);
    }
    return new PersonState(
        day == 0 && other.day == 0 ? 0 : a.day,
        plusAll(a.recent, b.recent),
        plusAll(a.older, b.older),
        Math.min(MAX_SHORT, borne + other.borne),
        bothClicks,
        bothExpected,
        Math.max(lastConversionDay, other.lastConversionDay));
  }

  /** Messages up to that day, each by its age, in thousandths of a message. */
  public int fatigueMillis(HalfLife halfLife, int epochDay) {
    int offset = epochDay - day;
    return sum(recent, halfLife, offset) + sum(older, halfLife, offset + HALF_RING);
  }

  /** Promotional messages that the person stayed through, at most 65,535. */
  public int borne() {
    return borne;
  }

  /** Clicks of the last three periods. */
  public int clicks() {
    return clicks[0] + clicks[1] + clicks[2];
  }

  /** Clicks expected of anybody in the same, in parts of {@link #EXPECTED_UNIT}. */
  public int expectedClicks() {
    return expected[0] + expected[1] + expected[2];
  }

  /** Day of the last conversion, 0 without one. */
  public int lastConversionDay() {
    return lastConversionDay;
  }

  /** Latest day with a message or click, 0 without one. */
  public int lastDay() {
    return day;
  }

  private static int sum(long half, HalfLife halfLife, int offset) {
    int sum = 0;
    long rest = half;
    int age = offset;
    while (rest != 0) {
      int skipped = Long.numberOfTrailingZeros(rest) / BITS;
      rest >>>= BITS * skipped;
      age += skipped;
      sum += (int) (rest & PER_DAY) * halfLife.weightMillis(age);
      rest >>>= BITS;
      age++;
    }
    return sum;
  }

  /** The same with the ring's newest day no earlier than that one. */
  private PersonState movedTo(int epochDay) {
    check(epochDay);
    if (epochDay <= day) {
      return this;
    }
    int by = epochDay - day;
    int periods = epochDay / PERIOD_DAYS - day / PERIOD_DAYS;
    return new PersonState(
        epochDay,
        by >= HALF_RING ? 0 : recent << (BITS * by) & HALF_MASK,
        by >= RING_DAYS ? 0 : aged(by),
        borne,
        shifted(clicks, periods),
        shifted(expected, periods),
        lastConversionDay);
  }

  private long aged(int by) {
    long kept = by >= HALF_RING ? 0 : older << (BITS * by);
    long fromRecent =
        by >= HALF_RING
            ? recent << (BITS * (by - HALF_RING))
            : recent >>> (BITS * (HALF_RING - by));
    return (kept | fromRecent) & HALF_MASK;
  }

  private static int[] shifted(int[] periods, int by) {
    if (by == 0) {
      return periods;
    }
    int[] result = new int[PERIODS];
    for (int i = by; i < PERIODS; i++) {
      result[i] = periods[i - by];
    }
    return result;
  }

  private static int[] plus(int[] periods, int newestDay, int epochDay, int amount, int max) {
    int index = newestDay / PERIOD_DAYS - epochDay / PERIOD_DAYS;
    if (index >= PERIODS || amount == 0) {
      return periods;
    }
    int[] result = periods.clone();
    result[index] = Math.min(max, result[index] + amount);
    return result;
  }

  private static long plusOne(long half, int index) {
    int shift = BITS * index;
    return (half >>> shift & PER_DAY) == PER_DAY ? half : half + (1L << shift);
  }

  private static long plusAll(long a, long b) {
    long result = 0;
    for (int shift = 0; shift < BITS * HALF_RING; shift += BITS) {
      result |= Math.min(PER_DAY, (a >>> shift & PER_DAY) + (b >>> shift & PER_DAY)) << shift;
    }
    return result;
  }

  private static int check(int epochDay) {
    if (epochDay < 1 || epochDay > MAX_SHORT) {
      throw new IllegalArgumentException("epochDay " + epochDay + ": 1 to 65535 is allowed");
    }
    return epochDay;
  }

  /** Writes {@link #BYTES} bytes. */
  public void write(BinaryWriter out) {
    out.writeByte(FORMAT);
    writeShort(out, day);
    out.writeLong(recent);
    out.writeLong(older);
    writeShort(out, borne);
    for (int i = 0; i < PERIODS; i++) {
      out.writeByte(clicks[i]);
      writeShort(out, expected[i]);
    }
    writeShort(out, lastConversionDay);
  }

  /** What {@link #write} wrote. */
  public static PersonState read(BinaryReader in) throws BinaryException {
    in.expectFormat("a person's state", FORMAT);
    int day = readShort(in);
    long recent = readHalf(in);
    long older = readHalf(in);
    int borne = readShort(in);
    int[] clicks = new int[PERIODS];
    int[] expected = new int[PERIODS];
    for (int i = 0; i < PERIODS; i++) {
      clicks[i] = in.readUnsignedByte();
      expected[i] = readShort(in);
    }
    int converted = readShort(in);
    return new PersonState(day, recent, older, borne, clicks, expected, converted);
  }

  private static long readHalf(BinaryReader in) throws BinaryException {
    long half = in.readLong();
    if ((half & ~HALF_MASK) != 0) {
      throw new BinaryException("a ring of more than " + HALF_RING + " days");
    }
    return half;
  }

  private static void writeShort(BinaryWriter out, int value) {
    out.writeByte(value >>> 8);
    out.writeByte(value);
  }

  private static int readShort(BinaryReader in) throws BinaryException {
    return in.readUnsignedByte() << 8 | in.readUnsignedByte();
  }
}
