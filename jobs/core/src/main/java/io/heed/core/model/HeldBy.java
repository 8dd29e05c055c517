package io.heed.core.model;

/** A guardrail that keeps a proven winner waiting until it is shown to be no worse. */
public record HeldBy(
    @Field("Metric of the guardrail.") String guardrail,
    @Field("Variant that has won.") String variantId,
    @Field(value = "About how many more recipients that takes.", min = 0) long recipientsMissing) {}
