package io.heed.core.model;

import java.util.List;

/** A signal about a recipient was set, changed or cleared. */
public record RecipientSignal(
    @Field("Deterministic id: of key, content and cause.") String decisionId,
    @Field("Instant in event time that caused it, epoch milliseconds UTC.") long decidedAt,
    @Field("Wall clock when it was written, epoch milliseconds UTC.") long emittedAt,
    @Field("Reason codes.") List<ReasonCode> reasons,
    @Field("Grows per key; a consumer ignores a lower one.") long seq,
    @Field(value = "Version of the policy that held.", optional = true) String policyVersion,
    @Field("Recipient.") String recipientId,
    @Field("Signal.") Signal signal,
    @Field("Whether it holds.") SignalState state,
    @Field(value = "Score of intent at decided_at; halves every 14 days.", optional = true)
        Double score,
    @Field(value = "Evidence.", optional = true, max = Field.LONG_TEXT) String evidence,
    @Field(value = "Holds until here, epoch milliseconds UTC.", optional = true) Long validUntil)
    implements Decision {

  @Override
  public String key() {
    return recipientId + "|" + signal;
  }
}
