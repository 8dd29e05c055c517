package io.heed.core.model;

import java.util.List;

/** Whether a recipient has reached a cap, and until when. */
public record FrequencyCapDecision(
    @Field("Deterministic id: of key, content and cause.") String decisionId,
    @Field("Instant in event time that caused it, epoch milliseconds UTC.") long decidedAt,
    @Field("Wall clock when it was written, epoch milliseconds UTC.") long emittedAt,
    @Field("Reason codes.") List<ReasonCode> reasons,
    @Field("Grows per key; a consumer ignores a lower one.") long seq,
    @Field(value = "Version of the policy that held.", optional = true) String policyVersion,
    @Field("Recipient.") String recipientId,
    @Field("Category that the cap counts.") Category category,
    @Field("A list id, or * for all.") String scope,
    @Field("Whether there is room.") CapState state,
    @Field(value = "Messages left.", min = 0) int remaining,
    @Field(value = "First instant with room again, epoch milliseconds UTC.", optional = true)
        Long nextEligibleAt,
    @Field(
            value =
                "Instant until which the state holds without further sends, epoch milliseconds UTC.",
            optional = true)
        Long validUntil,
    @Field("What set the cap.") CapSource capSource)
    implements Decision {

  @Override
  public String key() {
    return recipientId + "|" + category + "|" + scope;
  }
}
