package io.heed.core.model;

/** What became, within 72 hours, of the sends of one hour of one campaign: the place for rates. */
public record SendCohortRow(
    @Field(value = "Table of the row.", pattern = SendCohortRow.TABLE) String table,
    @Field("Version of the row; the highest holds.") long seq,
    @Field("Hour of the sends, epoch milliseconds UTC.") long cohortHour,
    @Field(value = "List.", mayBeEmpty = true) String listId,
    @Field(value = "Campaign.", mayBeEmpty = true) String campaignId,
    @Field(value = "Messages sent.", min = 0) long sends,
    @Field(value = "Of them delivered.", min = 0) long delivered,
    @Field(value = "Of them failed, expired or not delivered.", min = 0) long undelivered,
    @Field(value = "Recipients who clicked.", min = 0) long clickers,
    @Field(value = "Recipients who replied.", min = 0) long repliers,
    @Field(value = "Recipients who opted out.", min = 0) long optOuts,
    @Field(value = "Recipients who complained.", min = 0) long complaints,
    @Field(value = "Recipients who converted.", min = 0) long converters,
    @Field(value = "Cost of the messages in micros.", min = 0, max = Long.MAX_VALUE)
        long costMicros,
    @Field(value = "Of the delivered ones those that were read.", min = 0) long read,
    @Field(
            value =
                "Messages without a receipt of their end within 72 hours; 0 until these have passed.",
            min = 0)
        long unknown)
    implements ResultRow {

  /** Name of the table. */
  public static final String TABLE = "send_cohort";

  @Override
  public String key() {
    return TABLE + "|" + cohortHour + "|" + listId + "|" + campaignId;
  }
}
