package io.heed.core.experiments;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How far one experiment has come. Immutable.
 *
 * @param matured counts of the units that have matured by the last evaluation
 * @param pending counts that come later, by the step from which on they count
 * @param open the sum of these
 * @param standing what has been concluded; null before the first evaluation
 * @param seq version of the last decision
 */
public record ExperimentProgress(
    Totals matured, SortedMap<Long, Totals> pending, Totals open, Standing standing, long seq) {
  /** Before the first change. */
  public static final ExperimentProgress START =
      new ExperimentProgress(
          Totals.NONE, Collections.emptySortedMap(), Totals.NONE, null, Long.MIN_VALUE);

  /** Format 1: version, matured, pending, open, standing, seq. */
  private static final int FORMAT = 1;

  /**
   * With changes, by the steps from which on they count, all of them still to come. A step at which
   * nothing is left is none, so that what was told and taken back leaves no trace.
   */
  public ExperimentProgress with(SortedMap<Long, Totals> changes) {
    SortedMap<Long, Totals> now = new TreeMap<>(pending);
    changes.forEach((step, change) -> now.merge(step, change, Totals::plus));
    now.values().removeIf(Totals::isEmpty);
    return new ExperimentProgress(
        matured, now, open.plus(Totals.sum(changes.values())), standing, seq);
  }

  /** With at most so many steps to come: the earliest are added to the first that is kept. */
  public ExperimentProgress within(int mostSteps) {
    if (pending.size() <= mostSteps) {
      return this;
    }
    SortedMap<Long, Totals> now = new TreeMap<>(pending);
    while (now.size() > mostSteps) {
      Totals earliest = now.remove(now.firstKey());
      now.merge(now.firstKey(), earliest, Totals::plus);
    }
    now.values().removeIf(Totals::isEmpty);
    return new ExperimentProgress(matured, now, open, standing, seq);
  }

  /** With changes that came before the plan at its steps. */
  public ExperimentProgress onStepsOf(ExperimentPlan plan) {
    SortedMap<Long, Totals> now = new TreeMap<>();
    pending.forEach((instant, change) -> now.merge(plan.stepOf(instant), change, Totals::plus));
    now.values().removeIf(Totals::isEmpty);
    return new ExperimentProgress(matured, now, open, standing, seq);
  }

  /** Without the changes that would count by that instant. */
  public ExperimentProgress without(long instant) {
    SortedMap<Long, Totals> gone = pending.headMap(instant + 1);
    return new ExperimentProgress(
        matured,
        new TreeMap<>(pending.tailMap(instant + 1)),
        open.plus(Totals.sum(gone.values()).negated()),
        standing,
        seq);
  }

  /** Whether there is anything that counts by that step. */
  public boolean maturesBy(long step) {
    return !pending.isEmpty() && pending.firstKey() <= step;
  }

  /** With everything counted that counts by that step. */
  public ExperimentProgress maturedBy(long step) {
    SortedMap<Long, Totals> due = pending.headMap(step + 1);
    if (due.isEmpty()) {
      return this;
    }
    Totals sum = Totals.sum(due.values());
    return new ExperimentProgress(
        matured.plus(sum),
        new TreeMap<>(pending.tailMap(step + 1)),
        open.plus(sum.negated()),
        standing,
        seq);
  }

  /** With another conclusion. */
  public ExperimentProgress concluded(Standing now, long nextSeq) {
    return new ExperimentProgress(matured, pending, open, now, nextSeq);
  }

  /** Writes the binary form. */
  public void write(DataOutput out) throws IOException {
    out.writeByte(FORMAT);
    matured.write(out);
    Varint.write(pending.size(), out);
    for (Map.Entry<Long, Totals> step : pending.entrySet()) {
      Varint.write(step.getKey(), out);
      step.getValue().write(out);
    }
    open.write(out);
    out.writeBoolean(standing != null);
    if (standing != null) {
      standing.write(out);
    }
    out.writeLong(seq);
  }

  /** Reads what {@link #write} has written. */
  public static ExperimentProgress read(DataInput in) throws IOException {
    byte format = in.readByte();
    if (format != FORMAT) {
      throw new IOException("state of an experiment has unknown format " + format);
    }
    Totals matured = Totals.read(in);
    SortedMap<Long, Totals> pending = new TreeMap<>();
    for (int i = Varint.readInt(in); i > 0; i--) {
      pending.put(Varint.read(in), Totals.read(in));
    }
    Totals open = Totals.read(in);
    Standing standing = in.readBoolean() ? Standing.read(in) : null;
    return new ExperimentProgress(matured, pending, open, standing, in.readLong());
  }
}
