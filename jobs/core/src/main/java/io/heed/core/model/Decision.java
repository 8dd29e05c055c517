package io.heed.core.model;

import java.util.List;

/**
 * A record by which the sending system acts. Delivered at least once: {@code decision_id} is a
 * function of key, content and cause, so that a repeated record is recognised; {@code seq} grows
 * per key, so that an overtaken record is ignored.
 */
public sealed interface Decision
    permits SuppressionDecision,
        FrequencyCapDecision,
        SendVerdict,
        ExperimentDecision,
        RecipientSignal,
        ValueModelVersion,
        Alert {

  String decisionId();

  /** The instant in event time that caused it, epoch milliseconds UTC. */
  long decidedAt();

  /** Wall clock, epoch milliseconds UTC: for latency only. */
  long emittedAt();

  List<ReasonCode> reasons();

  long seq();

  /** The record's key on its topic. */
  String key();
}
