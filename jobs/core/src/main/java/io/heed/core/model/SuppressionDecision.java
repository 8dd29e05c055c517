package io.heed.core.model;

import java.util.List;

/** Whether a recipient may be texted on a scope, and since when. */
public record SuppressionDecision(
    @Field("Deterministic id: of key, content and cause.") String decisionId,
    @Field("Instant in event time that caused it, epoch milliseconds UTC.") long decidedAt,
    @Field("Wall clock when it was written, epoch milliseconds UTC.") long emittedAt,
    @Field("Reason codes.") List<ReasonCode> reasons,
    @Field("Grows per key; a consumer ignores a lower one.") long seq,
    @Field(value = "Version of the policy that held.", optional = true) String policyVersion,
    @Field("Recipient.") String recipientId,
    @Field("A list id, or * for all.") String scope,
    @Field("Whether the scope may be texted.") SuppressionState state,
    @Field(value = "How it came about, such as KEYWORD or INVALID_NUMBER.", optional = true)
        String method,
    @Field("Instant since which it holds, epoch milliseconds UTC.") long since,
    @Field(
            value = "Last instant by which the law wants it honoured, epoch milliseconds UTC.",
            optional = true)
        Long honourBy)
    implements Decision {

  @Override
  public String key() {
    return recipientId + "|" + scope;
  }
}
