package io.heed.core.attribution;

import io.heed.core.experiments.ProgrammeHoldout;
import io.heed.core.model.EffectScale;
import io.heed.core.model.IncrementalLiftRow;
import io.heed.core.statistics.Interval;
import io.heed.core.statistics.MeanCounts;
import io.heed.core.statistics.MeanSequence;
import io.heed.core.statistics.RunningComparison;
import io.heed.core.statistics.Stratum;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The lift of one experiment: every variant that was sent against the hold-out (all variants that
 * were assigned without a send, together), by the confidence sequence of a difference of means,
 * stratified by allocation epoch. Evaluated when a UTC day closes in which windows ended; an
 * evaluation is never changed. Intervals are running intersections, valid at every look.
 */
public final class LiftLedger {
  /** The published intervals hold at this level, one by one. */
  static final double ALPHA = 0.05;

  /** One arm in one epoch. */
  record Arm(String variantId, boolean holdout, int epoch) {}

  /** One comparison of a variant. */
  record Comparison(String variantId, LiftMetric metric) {}

  final Map<Arm, LiftCounts> arms = new HashMap<>();
  final TreeMap<Integer, List<LiftDelta>> waiting = new TreeMap<>();
  final Map<Comparison, RunningComparison> running = new HashMap<>();
  long seq;

  /** Whether the optimizer's comparison was stopped for harm. */
  boolean stopped;

  /**
   * Takes what came; what belongs to a day that has closed counts with the next one.
   *
   * @param openDay the first day that has not closed
   * @return the day at whose close it counts
   */
  public int add(LiftDelta delta, int openDay) {
    int day = Math.max(delta.day(), openDay);
    waiting.computeIfAbsent(day, any -> new ArrayList<>()).add(delta);
    return day;
  }

  /** Evaluates at the close of a day for which something was {@link #add added}. */
  public void close(
      String experimentId,
      int day,
      AttributionPolicies policies,
      LongSupplier clockMicros,
      Consumer<IncrementalLiftRow> out) {
    for (LiftDelta delta : waiting.remove(day)) {
      Arm arm = new Arm(delta.variantId(), delta.holdout(), delta.epoch());
      LiftCounts so = arms.getOrDefault(arm, LiftCounts.NONE);
      arms.put(arm, so.plus(delta.came()).minus(delta.gone()));
    }
    seq = Math.max(seq + 1, clockMicros.getAsLong());
    long evaluatedAt = Days.end(day);
    double rate = MeanSequence.rate(ALPHA, policies.at(evaluatedAt).liftRecipients());
    TreeSet<String> sent = new TreeSet<>();
    arms.keySet().stream().filter(arm -> !arm.holdout()).forEach(arm -> sent.add(arm.variantId()));
    for (String variantId : sent) {
      for (LiftMetric metric : LiftMetric.values()) {
        IncrementalLiftRow row = evaluate(experimentId, variantId, metric, evaluatedAt, rate);
        if (row != null) {
          out.accept(row);
        }
      }
    }
  }

  private IncrementalLiftRow evaluate(
      String experimentId, String variantId, LiftMetric metric, long evaluatedAt, double rate) {
    Map<Integer, LiftCounts> variant = byEpoch(variantId, false);
    Map<Integer, LiftCounts> holdout = byEpoch(null, true);
    MeanCounts counts = total(variant, metric);
    MeanCounts held = total(holdout, metric);
    if (held.recipients() == 0 || counts.successes() + held.successes() == 0) {
      return null;
    }
    List<Stratum<MeanCounts>> strata = new ArrayList<>();
    variant.forEach(
        (epoch, arm) -> {
          if (holdout.containsKey(epoch)) {
            strata.add(new Stratum<>(holdout.get(epoch).outcomes(metric), arm.outcomes(metric)));
          }
        });
    MeanSequence sequence = MeanSequence.of(strata, rate);
    RunningComparison now =
        running
            .getOrDefault(
                new Comparison(variantId, metric),
                RunningComparison.start(EffectScale.PER_RECIPIENT))
            .with(sequence, ALPHA);
    running.put(new Comparison(variantId, metric), now);
    boolean known = Double.isFinite(sequence.estimate());
    Interval interval = now.interval();
    double credited =
        variant.values().stream().mapToDouble(c -> c.credited(metric).doubleValue()).sum();
    return new IncrementalLiftRow(
        IncrementalLiftRow.TABLE,
        seq,
        ProgrammeHoldout.isKey(experimentId) ? ProgrammeHoldout.EXPERIMENT : experimentId,
        variantId,
        metric.text(),
        evaluatedAt,
        counts.recipients(),
        held.recipients(),
        counts.sumMicros().doubleValue() / counts.recipients(),
        held.sumMicros().doubleValue() / held.recipients(),
        credited / counts.recipients(),
        known ? sequence.estimate() : null,
        Double.isFinite(interval.lower()) ? interval.lower() : null,
        Double.isFinite(interval.upper()) ? interval.upper() : null,
        known ? now.pValue(1) : null);
  }

  /** Counts by epoch of one variant, or (null) of all. */
  private Map<Integer, LiftCounts> byEpoch(String variantId, boolean holdout) {
    Map<Integer, LiftCounts> counts = new TreeMap<>();
    arms.forEach(
        (arm, of) -> {
          if (arm.holdout() == holdout
              && (variantId == null || variantId.equals(arm.variantId()))) {
            counts.merge(arm.epoch(), of, LiftCounts::plus);
          }
        });
    return counts;
  }

  private static MeanCounts total(Map<Integer, LiftCounts> byEpoch, LiftMetric metric) {
    return byEpoch.values().stream()
        .map(counts -> counts.outcomes(metric))
        .reduce(MeanCounts.NONE, MeanCounts::plus);
  }
}
