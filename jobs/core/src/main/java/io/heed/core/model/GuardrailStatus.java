package io.heed.core.model;

/** What an experiment knows of one guardrail in one variant. */
public record GuardrailStatus(
    @Field("Metric of the guardrail.") String metric,
    @Field("Variant.") String variantId,
    @Field("Whether harm was shown.") boolean harmed,
    @Field("Whether non-inferiority was shown.") boolean nonInferior,
    @Field(value = "Always-valid p-value of harm.", optional = true) Double pValue) {}
