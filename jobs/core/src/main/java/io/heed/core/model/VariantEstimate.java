package io.heed.core.model;

/** What an experiment knows of one variant, with its effect against control. */
public record VariantEstimate(
    @Field("Variant.") String variantId,
    @Field(value = "Matured recipients.", min = 0) long recipients,
    @Field(value = "Recipients with the outcome.", min = 0) long successes,
    @Field("Mean outcome per recipient.") double mean,
    @Field(value = "Effect against control.", optional = true) Double effect,
    @Field(value = "Lower end of its confidence sequence.", optional = true) Double effectLower,
    @Field(value = "Upper end of its confidence sequence.", optional = true) Double effectUpper,
    @Field(value = "Scale of the effect.", optional = true) EffectScale effectScale,
    @Field(value = "Always-valid p-value.", optional = true) Double pValue,
    @Field(
            value =
                "Of a final state: the effect shrunk towards none, since a test tends to stop on a"
                    + " lucky stretch.",
            optional = true)
        Double effectShrunk) {}
