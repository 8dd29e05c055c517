package io.heed.core.model;

/**
 * What a variant's recipients brought beyond those of the hold-out, at one evaluation: the
 * incremental figure, beside the one that attribution credits.
 */
public record IncrementalLiftRow(
    @Field(value = "Table of the row.", pattern = IncrementalLiftRow.TABLE) String table,
    @Field("Version of the row; the highest holds.") long seq,
    @Field("Experiment; programme: the hold-out of the whole programme.") String experimentId,
    @Field("Variant that was sent; of the programme the salt of its draw.") String variantId,
    @Field(
            "What is measured per recipient: lead, qualified or purchase in conversions, converting (whether there was one), revenue in micros net of refunds.")
        String metric,
    @Field("Instant of the evaluation in event time, epoch milliseconds UTC.") long evaluatedAt,
    @Field(value = "Matured recipients of the variant.", min = 0) long recipients,
    @Field(value = "Matured recipients of the hold-out.", min = 0) long holdoutRecipients,
    @Field("Mean per recipient of the variant.") double mean,
    @Field("Mean per recipient of the hold-out.") double holdoutMean,
    @Field("What last touch credits to the variant's own messages, per recipient.")
        double creditedMean,
    @Field(
            value =
                "Incremental per recipient: the difference to the hold-out; absent below 25 converters in an arm.",
            optional = true)
        Double effect,
    @Field(value = "Lower end of its confidence sequence.", optional = true) Double effectLower,
    @Field(value = "Upper end of its confidence sequence.", optional = true) Double effectUpper,
    @Field(value = "Always-valid p-value.", optional = true) Double pValue)
    implements ResultRow {

  /** Name of the table. */
  public static final String TABLE = "incremental_lift";

  @Override
  public String key() {
    return TABLE + "|" + experimentId + "|" + variantId + "|" + metric + "|" + evaluatedAt;
  }
}
