package io.heed.core.model;

import java.util.List;

/** The verdict on a send request. */
public record SendVerdict(
    @Field("Deterministic id: of key, content and cause.") String decisionId,
    @Field("Instant in event time that caused it, epoch milliseconds UTC.") long decidedAt,
    @Field("Wall clock when it was written, epoch milliseconds UTC.") long emittedAt,
    @Field("Reason codes.") List<ReasonCode> reasons,
    @Field("Grows per key; a consumer ignores a lower one.") long seq,
    @Field(value = "Version of the policy that held.", optional = true) String policyVersion,
    @Field("The request that it decides.") String requestId,
    @Field("Recipient.") String recipientId,
    @Field("The verdict.") Verdict verdict,
    @Field(
            value = "First instant at which to request again, epoch milliseconds UTC.",
            optional = true)
        Long notBefore,
    @Field("The verdict holds until here, epoch milliseconds UTC.") long expiresAt,
    @Field(value = "Variant to send.", optional = true) String variantId,
    @Field(value = "Allocation epoch of the variant.", min = 0, optional = true) Integer epoch,
    @Field(value = "Probability of this verdict where chance decided.", optional = true)
        Double propensity,
    @Field(
            value =
                "Versions of the list's value model and of the campaign's factors that had a part"
                    + " in it, joined by a plus.",
            optional = true)
        String modelVersion,
    @Field(value = "What the optimizer would decide, in the mode shadow.", optional = true)
        Verdict valueVerdict,
    @Field(value = "List of the request.", optional = true) String listId,
    @Field(value = "The figures that the optimizer decided by.", optional = true)
        MessageValue value)
    implements Decision {

  /** A verdict in which no value model had a part. */
  public SendVerdict(
      String decisionId,
      long decidedAt,
      long emittedAt,
      List<ReasonCode> reasons,
      long seq,
      String policyVersion,
      String requestId,
      String recipientId,
      Verdict verdict,
      Long notBefore,
      long expiresAt,
      String variantId,
      Integer epoch) {
    this(
        decisionId,
        decidedAt,
        emittedAt,
        reasons,
        seq,
        policyVersion,
        requestId,
        recipientId,
        verdict,
        notBefore,
        expiresAt,
        variantId,
        epoch,
        null,
        null,
        null,
        null,
        null);
  }

  @Override
  public String key() {
    return recipientId;
  }
}
