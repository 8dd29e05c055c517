package io.heed.core.optimizer;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/** Exact counts of outcomes per {@link Cell}, for one half-life. Adding and merging commute. */
public final class OutcomeCells {
  /** What is counted. */
  public enum Measure {
    /** Messages. */
    MESSAGES,
    /** Sum of the fatigue they met, in thousandths of a message. */
    FATIGUE_MILLIS,
    /** Messages x how much their campaign is clicked, in thousandths. */
    CLICK_EXPOSURE,
    /** Messages x how much their campaign makes people leave, in thousandths. */
    OPT_OUT_EXPOSURE,
    /** Opt-outs within 72 hours. */
    OPT_OUTS,
    /** People with a click within 24 hours. */
    CLICKERS,
    /** People with a conversion within 7 days. */
    CONVERTERS,
    /** Net margin within 7 days, micros. */
    MARGIN_MICROS
  }

  private static final int MEASURES = Measure.values().length;

  /** Up to so many counts lie beside their places; more in an array of all. */
  private static final int FEW = 48;

  /** Places of the counts in order, while there are few; else null. */
  private int[] places = new int[4];

  private long[] counts = new long[4];
  private int size;

  /** Nothing counted. */
  public OutcomeCells() {}

  /** Nothing counted, for each half-life. */
  public static Map<HalfLife, OutcomeCells> byHalfLife() {
    Map<HalfLife, OutcomeCells> cells = new EnumMap<>(HalfLife.class);
    for (HalfLife halfLife : HalfLife.values()) {
      cells.put(halfLife, new OutcomeCells());
    }
    return cells;
  }

  /** Adds to one count. */
  public void add(int cell, Measure measure, long amount) {
    add(cell * MEASURES + measure.ordinal(), amount);
  }

  private void add(int place, long amount) {
    if (amount == 0) {
      return;
    }
    if (places == null) {
      counts[place] += amount;
      return;
    }
    int at = Arrays.binarySearch(places, 0, size, place);
    if (at >= 0) {
      counts[at] += amount;
    } else if (size == FEW) {
      long[] all = new long[Cell.COUNT * MEASURES];
      forEach((known, count) -> all[known] = count);
      all[place] = amount;
      places = null;
      counts = all;
    } else {
      insert(-at - 1, place, amount);
    }
  }

  private void insert(int at, int place, long amount) {
    if (size == places.length) {
      places = Arrays.copyOf(places, Math.min(FEW, 2 * size));
      counts = Arrays.copyOf(counts, places.length);
    }
    System.arraycopy(places, at, places, at + 1, size - at);
    System.arraycopy(counts, at, counts, at + 1, size - at);
    places[at] = place;
    counts[at] = amount;
    size++;
  }

  /** Takes counts that are not zero with their places, in order. */
  private interface Visitor {
    void visit(int place, long count);
  }

  private void forEach(Visitor visitor) {
    int length = places == null ? counts.length : size;
    for (int i = 0; i < length; i++) {
      if (counts[i] != 0) {
        visitor.visit(places == null ? i : places[i], counts[i]);
      }
    }
  }

  /** One count. */
  public long get(int cell, Measure measure) {
    int place = cell * MEASURES + measure.ordinal();
    int at = places == null ? place : Arrays.binarySearch(places, 0, size, place);
    return at < 0 ? 0 : counts[at];
  }

  /** Sum over cells. */
  public long total(Measure measure) {
    long sum = 0;
    for (int cell = 0; cell < Cell.COUNT; cell++) {
      sum += get(cell, measure);
    }
    return sum;
  }

  /** Adds all counts of the other. */
  public void merge(OutcomeCells other) {
    other.forEach(this::add);
  }

  /**
   * Adds the other's messages of one campaign with exposures by its factors, so that good campaigns
   * sent to tired people do not pass for people who are not tired.
   *
   * @param clickMillis factor of clicks, in thousandths
   * @param optOutMillis factor of opt-outs, in thousandths
   */
  public void mergeCampaign(OutcomeCells other, int clickMillis, int optOutMillis) {
    merge(other);
    for (int cell = 0; cell < Cell.COUNT; cell++) {
      long messages = other.get(cell, Measure.MESSAGES);
      add(cell, Measure.CLICK_EXPOSURE, messages * clickMillis);
      add(cell, Measure.OPT_OUT_EXPOSURE, messages * optOutMillis);
    }
  }

  /** Writes only what is not zero. */
  public void write(BinaryWriter out) {
    int[] written = {0, 0};
    forEach((place, count) -> written[0]++);
    out.writeUnsigned(written[0]);
    forEach(
        (place, count) -> {
          out.writeUnsigned(place - written[1]);
          out.writeSigned(count);
          written[1] = place + 1;
        });
  }

  /** What {@link #write} wrote. */
  public static OutcomeCells read(BinaryReader in) throws BinaryException {
    OutcomeCells cells = new OutcomeCells();
    int present = in.readCount();
    int place = 0;
    for (int i = 0; i < present; i++) {
      int skipped = in.readUnsignedInt();
      if (skipped >= Cell.COUNT * MEASURES - place) {
        throw new BinaryException("more than " + Cell.COUNT * MEASURES + " counts");
      }
      place += skipped;
      cells.add(place++, in.readSigned());
    }
    return cells;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof OutcomeCells that && Arrays.equals(all(), that.all());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(all());
  }

  private long[] all() {
    long[] all = new long[Cell.COUNT * MEASURES];
    forEach((place, count) -> all[place] = count);
    return all;
  }
}
