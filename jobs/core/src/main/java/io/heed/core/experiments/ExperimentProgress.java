package io.heed.core.experiments;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import io.heed.core.experiments.ExperimentPlan.Epoch;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How far one experiment has come. Immutable.
 *
 * @param matured units that have matured by the last evaluation
 * @param pending counts that come with the next evaluation or later, by the step from which on they
 *     count; those of a step that has passed came late
 * @param open the sum of these
 * @param status what has been concluded; null before the first evaluation
 * @param seq version of the last decision
 */
public record ExperimentProgress(
    Matured matured,
    SortedMap<Long, Totals> pending,
    Totals open,
    ExperimentStatus status,
    long seq) {
  /** Before the first change. */
  public static final ExperimentProgress START =
      new ExperimentProgress(
          Matured.NONE, Collections.emptySortedMap(), Totals.NONE, null, Long.MIN_VALUE);

  /** Format 2: version, matured with its blocks and campaigns, pending, open, status, seq. */
  private static final int FORMAT = 2;

  /**
   * With changes, by the steps from which on they count. A step at which nothing is left is none,
   * so that what was added and taken back leaves no trace.
   */
  public ExperimentProgress with(SortedMap<Long, Totals> changes) {
    SortedMap<Long, Totals> now = new TreeMap<>(pending);
    changes.forEach((step, change) -> now.merge(step, change, Totals::plus));
    now.values().removeIf(Totals::isEmpty);
    return new ExperimentProgress(
        matured, now, open.plus(Totals.sum(changes.values())), status, seq);
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
    return new ExperimentProgress(matured, now, open, status, seq);
  }

  /** Without the changes that would count by that instant. */
  public ExperimentProgress without(long instant) {
    SortedMap<Long, Totals> gone = pending.headMap(instant + 1);
    return new ExperimentProgress(
        matured,
        new TreeMap<>(pending.tailMap(instant + 1)),
        open.plus(Totals.sum(gone.values()).negated()),
        status,
        seq);
  }

  /** Whether there is anything that counts by that step. */
  public boolean maturesBy(long step) {
    return !pending.isEmpty() && pending.firstKey() <= step;
  }

  /** What has been concluded, also before the first evaluation. */
  public ExperimentStatus status(ExperimentPlan plan) {
    return status == null ? ExperimentStatus.start(plan) : status;
  }

  /**
   * The next instant at which there is something to evaluate even if no unit matures; {@link
   * Long#MAX_VALUE} for never.
   */
  public long dueAfter(ExperimentEvaluator evaluator) {
    return evaluator.dueAfter(matured, status(evaluator.plan()));
  }

  /**
   * After an evaluation of everything that counts by that step.
   *
   * @param nextSeq version of its decision
   */
  public ExperimentProgress evaluated(ExperimentEvaluator evaluator, long step, long nextSeq) {
    ExperimentPlan plan = evaluator.plan();
    ExperimentStatus before = status(plan);
    List<Epoch> epochs = evaluator.epochs(before.banditEpochs());
    SortedMap<Long, Totals> due = new TreeMap<>(pending.headMap(step + 1));
    boolean last = !before.isFinal() && step >= plan.expiresAt();
    Matured now = matured.with(due).ended(step, plan, epochs, last);
    ExperimentStatus next = evaluator.evaluate(now, before, step);
    return new ExperimentProgress(
        now.without(now.endedCampaigns(step, plan.config(), epochs)),
        new TreeMap<>(pending.tailMap(step + 1)),
        open.plus(Totals.sum(due.values()).negated()),
        next,
        nextSeq);
  }

  /** Writes the binary form. */
  public void write(BinaryWriter out) {
    out.writeByte(FORMAT);
    matured.write(out);
    out.writeUnsigned(pending.size());
    for (Map.Entry<Long, Totals> step : pending.entrySet()) {
      out.writeSigned(step.getKey());
      step.getValue().write(out);
    }
    open.write(out);
    out.writeBoolean(status != null);
    if (status != null) {
      status.write(out);
    }
    out.writeLong(seq);
  }

  /** Reads what {@link #write} has written. */
  public static ExperimentProgress read(BinaryReader in) throws BinaryException {
    in.expectFormat("state of an experiment", FORMAT);
    Matured matured = Matured.read(in);
    SortedMap<Long, Totals> pending = new TreeMap<>();
    for (int left = in.readCount(); left > 0; left--) {
      pending.put(in.readSigned(), Totals.read(in));
    }
    Totals open = Totals.read(in);
    ExperimentStatus status = in.readBoolean() ? ExperimentStatus.read(in) : null;
    return new ExperimentProgress(matured, pending, open, status, in.readLong());
  }
}
