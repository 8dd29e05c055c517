package io.heed.core.model;

import java.math.BigDecimal;

/** One touch's share of one conversion under one model. */
public record AttributionCreditRow(
    @Field(value = "Table of the row.", pattern = AttributionCreditRow.TABLE) String table,
    @Field("Version of the row; the highest holds.") long seq,
    @Field("Model of attribution.") String model,
    @Field("Conversion.") String conversionId,
    @Field("Kind of the conversion.") ConversionKind kind,
    @Field("Recipient.") String recipientId,
    @Field(value = "Number of the touch within the conversion's path, from 0.", min = 0)
        int touchIndex,
    @Field("Channel of the touch, none without one.") String channel,
    @Field(value = "Campaign of the touch.", optional = true) String campaignId,
    @Field(value = "Variant of the touch.", optional = true) String variantId,
    @Field(value = "Instant of the touch, epoch milliseconds UTC.", optional = true) Long touchTime,
    @Field("Instant of the conversion, epoch milliseconds UTC.") long conversionTime,
    @Field(value = "Share of the credit, 12 decimal places.", min = -1_000, max = 1_000)
        BigDecimal credit,
    @Field(
            value = "Share of the revenue in micros; negative for a refund.",
            min = -Field.MICROS,
            max = Field.MICROS)
        long revenueMicros)
    implements ResultRow {

  /** Name of the table. */
  public static final String TABLE = "attribution_credit";

  @Override
  public String key() {
    return TABLE + "|" + model + "|" + conversionId + "|" + kind + "|" + touchIndex;
  }
}
