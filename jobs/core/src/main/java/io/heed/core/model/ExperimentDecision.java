package io.heed.core.model;

import java.util.List;
import java.util.Map;

/** State of an experiment and what new recipients get. */
public record ExperimentDecision(
    @Field("Deterministic id: of key, content and cause.") String decisionId,
    @Field("Instant in event time that caused it, epoch milliseconds UTC.") long decidedAt,
    @Field("Wall clock when it was written, epoch milliseconds UTC.") long emittedAt,
    @Field("Reason codes.") List<ReasonCode> reasons,
    @Field("Grows per key; a consumer ignores a lower one.") long seq,
    @Field("Hash of the configuration that held.") String configHash,
    @Field("Experiment.") String experimentId,
    @Field("State.") ExperimentState state,
    @Field(value = "The winner.", optional = true) String winnerVariantId,
    @Field(value = "Whether the state is irrevocable.", name = "final") boolean isFinal,
    @Field(value = "Allocation epoch.", min = 0) int epoch,
    @Field("The allocation holds from here, epoch milliseconds UTC.") long effectiveFrom,
    @Field(value = "Share of each variant; sums to 1.", items = 20) Map<String, Double> allocation,
    @Field(value = "Estimates, one a variant.", items = 20) List<VariantEstimate> variants,
    @Field(value = "Guardrails.", optional = true, items = 220) List<GuardrailStatus> guardrails,
    @Field(value = "Always-valid p-value of the sample ratio.", optional = true)
        Double sampleRatioPValue,
    @Field(value = "Recipients seen in two variants.", optional = true, min = 0) long contaminated,
    @Field(value = "The guardrail that keeps a proven winner waiting.", optional = true)
        HeldBy heldBy,
    @Field(value = "Of EXPIRED: what had not been shown by then.", optional = true)
        List<String> notShown,
    @Field(value = "What it is decided by.", optional = true) TestedMetric tested)
    implements Decision {

  @Override
  public String key() {
    return experimentId;
  }
}
