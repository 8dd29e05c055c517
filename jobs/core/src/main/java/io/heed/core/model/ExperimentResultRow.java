package io.heed.core.model;

/** One evaluation of one variant. */
public record ExperimentResultRow(
    @Field(value = "Table of the row.", pattern = ExperimentResultRow.TABLE) String table,
    @Field("Version of the row; the highest holds.") long seq,
    @Field("Experiment.") String experimentId,
    @Field("Variant.") String variantId,
    @Field("Metric.") String metric,
    @Field("Instant of the evaluation in event time, epoch milliseconds UTC.") long evaluatedAt,
    @Field(value = "Matured recipients.", min = 0) long recipients,
    @Field(value = "Recipients with the outcome.", min = 0) long successes,
    @Field("Mean outcome per recipient.") double mean,
    @Field(value = "Effect against control.", optional = true) Double effect,
    @Field(value = "Lower end of its confidence sequence.", optional = true) Double effectLower,
    @Field(value = "Upper end of its confidence sequence.", optional = true) Double effectUpper,
    @Field(value = "Scale of the effect.", optional = true) EffectScale effectScale,
    @Field(value = "Always-valid p-value.", optional = true) Double pValue,
    @Field("State of the experiment.") ExperimentState state,
    @Field(
            value = "The p-value after Holm's adjustment for the other variants; for reports only.",
            optional = true)
        Double pValueHolm,
    @Field("Whether e-BH over all metrics and variants finds an effect; for reports only.")
        boolean discovered,
    @Field(
            value = "Recipients whose window is still open; no decision uses them.",
            optional = true,
            min = 0)
        long immatureRecipients,
    @Field(
            value = "Of these, recipients with the outcome so far; no decision uses them.",
            optional = true,
            min = 0)
        long immatureSuccesses,
    @Field(value = "The guardrail that keeps the variant, which has won, waiting.", optional = true)
        String heldBy,
    @Field(
            value = "About how many more recipients it takes to show that the guardrail holds.",
            optional = true,
            min = 0)
        long recipientsMissing)
    implements ResultRow {

  /** Name of the table. */
  public static final String TABLE = "experiment_result";

  @Override
  public String key() {
    return TABLE + "|" + experimentId + "|" + variantId + "|" + metric + "|" + evaluatedAt;
  }
}
