package io.heed.core.model;

import java.util.List;
import java.util.Map;

/** Something that a person should check. */
public record Alert(
    @Field(value = "Deterministic id: of key, content and cause.", max = Field.JOINED_IDS)
        String decisionId,
    @Field("Instant in event time that caused it, epoch milliseconds UTC.") long decidedAt,
    @Field("Wall clock when it was written, epoch milliseconds UTC.") long emittedAt,
    @Field("Reason codes.") List<ReasonCode> reasons,
    @Field("Grows per key; a consumer ignores a lower one.") long seq,
    @Field(value = "Version of the policy that held.", optional = true) String policyVersion,
    @Field(
            value = "Identity of the condition: the same while it fires and when it resolves.",
            max = Field.JOINED_IDS)
        String alertId,
    @Field("Kind, such as opt_out_rate.") String kind,
    @Field("How urgent.") AlertSeverity severity,
    @Field(value = "What it concerns, such as a campaign.", max = Field.JOINED_IDS) String subject,
    @Field(value = "Measured value.", optional = true) Double value,
    @Field(value = "Threshold that it crossed.", optional = true) Double threshold,
    @Field("Whether it holds.") AlertState state,
    @Field(value = "What it rests on, by name.", optional = true, max = Field.LONG_TEXT, items = 20)
        Map<String, Object> evidence)
    implements Decision {

  @Override
  public String key() {
    return alertId;
  }
}
