package io.heed.core.attribution;

import io.heed.core.codec.Hash64;
import io.heed.core.gate.Optimise;
import io.heed.core.gate.Optimise.OptOuts;
import io.heed.core.model.EffectScale;
import io.heed.core.model.ExperimentDecision;
import io.heed.core.model.ExperimentState;
import io.heed.core.model.GuardrailStatus;
import io.heed.core.model.IncrementalLiftRow;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.VariantEstimate;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the lift of a list's optimizer means: it goes on, or it is stopped for harm, for good. Harm
 * is a whole confidence sequence of net value per recipient below that of the control; or, where a
 * policy keeps opt-outs at the control's, one of opt-outs above.
 */
public final class OptimizerTrial {
  private OptimizerTrial() {}

  /**
   * The decision that follows from an evaluation; null while there is nothing to compare.
   *
   * @param key {@link Optimise#key}
   * @param ledger of that comparison, which keeps that it was stopped
   * @param rows of the evaluation
   * @param lateness after the evaluation until it holds, so that every gate has it by then
   * @param wallMillis the wall clock, epoch milliseconds
   */
  public static ExperimentDecision decide(
      String key,
      LiftLedger ledger,
      List<IncrementalLiftRow> rows,
      AttributionPolicies policies,
      Duration lateness,
      long wallMillis) {
    Map<String, IncrementalLiftRow> byMetric = new HashMap<>();
    rows.forEach(row -> byMetric.put(row.metric(), row));
    IncrementalLiftRow net = byMetric.get(LiftMetric.NET_VALUE.text());
    if (net == null) {
      return null;
    }
    IncrementalLiftRow optOuts = byMetric.get(LiftMetric.OPT_OUT.text());
    long at = net.evaluatedAt();
    Optimise policy = policies.optimiseAt(Optimise.listOf(key), at);
    boolean leavesMore =
        optOuts != null && optOuts.effectLower() != null && optOuts.effectLower() > 0;
    boolean earnsLess = net.effectUpper() != null && net.effectUpper() < 0;
    boolean constrained = policy != null && policy.optOuts() == OptOuts.AT_MOST_CONTROL;
    ledger.stopped |= earnsLess || (constrained && leavesMore);
    double control = ledger.stopped || policy == null ? 1 : policy.control();
    return new ExperimentDecision(
        id(key, at, ledger.stopped, rows),
        at,
        wallMillis,
        List.of(ledger.stopped ? ReasonCode.GUARDRAIL_BREACHED : ReasonCode.COLLECTING),
        ledger.seq,
        policies.gateHashAt(at),
        key,
        ledger.stopped ? ExperimentState.STOPPED_HARM : ExperimentState.RUNNING,
        null,
        ledger.stopped,
        policy == null ? 0 : policy.epoch(),
        at + lateness.toMillis(),
        ledger.stopped
            ? Map.of(Optimise.CONTROL, 1.0)
            : Map.of(Optimise.CONTROL, control, Optimise.OPTIMISED, 1 - control),
        estimates(net, byMetric.get(LiftMetric.CONVERTING.text())),
        optOuts == null
            ? null
            : List.of(
                new GuardrailStatus(
                    optOuts.metric(), Optimise.OPTIMISED, leavesMore, false, optOuts.pValue())),
        null,
        0,
        null,
        null,
        null);
  }

  /** Of what was found, without the versions of the rows: those are the wall clock's. */
  private static String id(String key, long at, boolean stopped, List<IncrementalLiftRow> rows) {
    return Hash64.id(
        "optimizer", key, at, stopped, rows.stream().map(OptimizerTrial::found).toList());
  }

  private static List<Object> found(IncrementalLiftRow row) {
    return Arrays.asList(
        row.metric(),
        row.recipients(),
        row.holdoutRecipients(),
        row.mean(),
        row.holdoutMean(),
        row.creditedMean(),
        row.effect(),
        row.effectLower(),
        row.effectUpper(),
        row.pValue());
  }

  private static List<VariantEstimate> estimates(
      IncrementalLiftRow net, IncrementalLiftRow converting) {
    return List.of(
        new VariantEstimate(
            Optimise.OPTIMISED,
            net.recipients(),
            converting == null ? 0 : Math.round(converting.mean() * net.recipients()),
            net.mean(),
            net.effect(),
            net.effectLower(),
            net.effectUpper(),
            EffectScale.PER_RECIPIENT,
            net.pValue(),
            null),
        new VariantEstimate(
            Optimise.CONTROL,
            net.holdoutRecipients(),
            converting == null ? 0 : Math.round(converting.holdoutMean() * net.holdoutRecipients()),
            net.holdoutMean(),
            null,
            null,
            null,
            null,
            null,
            null));
  }
}
