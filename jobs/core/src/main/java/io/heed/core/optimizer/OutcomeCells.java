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

  private final long[] counts;

  /** Nothing counted. */
  public OutcomeCells() {
    this(new long[Cell.COUNT * MEASURES]);
  }

  private OutcomeCells(long[] counts) {
    this.counts = counts;
  }

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
    counts[cell * MEASURES + measure.ordinal()] += amount;
  }

  /** One count. */
  public long get(int cell, Measure measure) {
    return counts[cell * MEASURES + measure.ordinal()];
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
    for (int i = 0; i < counts.length; i++) {
      counts[i] += other.counts[i];
    }
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
    int zeros = 0;
    out.writeUnsigned(Arrays.stream(counts).filter(count -> count != 0).count());
    for (long count : counts) {
      if (count == 0) {
        zeros++;
      } else {
        out.writeUnsigned(zeros);
        out.writeSigned(count);
        zeros = 0;
      }
    }
  }

  /** What {@link #write} wrote. */
  public static OutcomeCells read(BinaryReader in) throws BinaryException {
    long[] counts = new long[Cell.COUNT * MEASURES];
    int present = in.readCount();
    int index = 0;
    for (int i = 0; i < present; i++) {
      int skipped = in.readUnsignedInt();
      if (skipped >= counts.length - index) {
        throw new BinaryException("more than " + counts.length + " counts");
      }
      index += skipped;
      counts[index++] = in.readSigned();
    }
    return new OutcomeCells(counts);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof OutcomeCells that && Arrays.equals(counts, that.counts);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(counts);
  }
}
