package io.heed.core.experiments;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Counts of one experiment per epoch, arm and metric. Immutable; adding in any order and grouping
 * gives the same counts.
 */
public final class Totals {
  /** Nothing counted. */
  public static final Totals NONE = new Totals(new TreeMap<>());

  /** In place of a metric: recipients who were assigned. */
  public static final int ASSIGNED = -1;

  /** In place of a metric: recipients who were exposed to a second variant. */
  public static final int CONTAMINATED = -2;

  /**
   * In place of a metric: recipients who were assigned by a campaign, where the sending system
   * assigns.
   */
  public static final int CAMPAIGN = -4;

  /** In place of a metric: recipients whose message was delivered within a day. */
  public static final int DELIVERED = -3;

  /**
   * What a count is of.
   *
   * @param epoch number of the epoch in which the recipient was assigned
   * @param arm number of the arm
   * @param metric number among the experiment's metrics, or one of the constants
   * @param campaign hash of the campaign's id for {@link #CAMPAIGN}, else 0
   */
  public record Cell(int epoch, int arm, int metric, long campaign) implements Comparable<Cell> {
    /** A count that is not a campaign's. */
    public Cell(int epoch, int arm, int metric) {
      this(epoch, arm, metric, 0);
    }

    @Override
    public int compareTo(Cell other) {
      int order = Integer.compare(epoch, other.epoch);
      order = order != 0 ? order : Integer.compare(arm, other.arm);
      order = order != 0 ? order : Integer.compare(metric, other.metric);
      return order != 0 ? order : Long.compare(campaign, other.campaign);
    }
  }

  private final SortedMap<Cell, Tally> cells;

  private Totals(SortedMap<Cell, Tally> cells) {
    this.cells = cells;
  }

  /** Totals of those cells; the ones that are nothing are left out. */
  public static Totals of(Map<Cell, Tally> cells) {
    SortedMap<Cell, Tally> copy = new TreeMap<>(cells);
    copy.values().removeIf(Tally.NONE::equals);
    return new Totals(copy);
  }

  /** The cells that are not nothing. */
  public SortedMap<Cell, Tally> cells() {
    return Collections.unmodifiableSortedMap(cells);
  }

  /** One cell. */
  public Tally get(int epoch, int arm, int metric) {
    return cells.getOrDefault(new Cell(epoch, arm, metric), Tally.NONE);
  }

  /** One arm's counts of a metric over all epochs. */
  public Tally of(int arm, int metric) {
    Tally sum = Tally.NONE;
    for (Map.Entry<Cell, Tally> cell : cells.entrySet()) {
      if (cell.getKey().arm() == arm && cell.getKey().metric() == metric) {
        sum = sum.plus(cell.getValue());
      }
    }
    return sum;
  }

  /** All together. */
  static Totals sum(Collection<Totals> parts) {
    TreeMap<Cell, Tally> sum = new TreeMap<>();
    for (Totals part : parts) {
      part.cells.forEach((cell, tally) -> sum.merge(cell, tally, Totals::orNull));
    }
    return new Totals(sum);
  }

  /** Both together. */
  public Totals plus(Totals other) {
    if (cells.isEmpty()) {
      return other;
    }
    TreeMap<Cell, Tally> sum = new TreeMap<>(cells);
    other.cells.forEach((cell, tally) -> sum.merge(cell, tally, Totals::orNull));
    return new Totals(sum);
  }

  private static Tally orNull(Tally a, Tally b) {
    Tally sum = a.plus(b);
    return sum.equals(Tally.NONE) ? null : sum;
  }

  /** Without the counts of campaigns. */
  Totals withoutCampaigns() {
    TreeMap<Cell, Tally> rest = new TreeMap<>(cells);
    rest.keySet().removeIf(cell -> cell.metric() == CAMPAIGN);
    return rest.size() == cells.size() ? this : new Totals(rest);
  }

  /** What takes this back. */
  public Totals negated() {
    TreeMap<Cell, Tally> negated = new TreeMap<>();
    cells.forEach((cell, tally) -> negated.put(cell, tally.negated()));
    return new Totals(negated);
  }

  /** Whether there is nothing. */
  public boolean isEmpty() {
    return cells.isEmpty();
  }

  /** Writes the binary form; what contains it says its version. */
  public void write(BinaryWriter out) {
    out.writeUnsigned(cells.size());
    for (Map.Entry<Cell, Tally> cell : cells.entrySet()) {
      out.writeSigned(cell.getKey().epoch());
      out.writeSigned(cell.getKey().arm());
      out.writeSigned(cell.getKey().metric());
      if (cell.getKey().metric() == CAMPAIGN) {
        out.writeLong(cell.getKey().campaign());
      }
      cell.getValue().write(out);
    }
  }

  /** Reads what {@link #write} has written. */
  public static Totals read(BinaryReader in) throws BinaryException {
    int size = in.readCount();
    TreeMap<Cell, Tally> cells = new TreeMap<>();
    for (int i = 0; i < size; i++) {
      int epoch = in.readSignedInt();
      int arm = in.readSignedInt();
      int metric = in.readSignedInt();
      Cell cell = new Cell(epoch, arm, metric, metric == CAMPAIGN ? in.readLong() : 0);
      cells.put(cell, Tally.read(in));
    }
    return new Totals(cells);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Totals totals && totals.cells.equals(cells);
  }

  @Override
  public int hashCode() {
    return cells.hashCode();
  }

  @Override
  public String toString() {
    return cells.toString();
  }
}
