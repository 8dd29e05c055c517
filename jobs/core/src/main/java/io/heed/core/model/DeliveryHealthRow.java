package io.heed.core.model;

/** How the messages of one hour of one campaign fared, by carrier and class of error. */
public record DeliveryHealthRow(
    @Field(value = "Table of the row.", pattern = DeliveryHealthRow.TABLE) String table,
    @Field("Version of the row; the highest holds.") long seq,
    @Field("Hour of the sends, epoch milliseconds UTC.") long cohortHour,
    @Field(value = "List.", mayBeEmpty = true) String listId,
    @Field(value = "Campaign.", mayBeEmpty = true) String campaignId,
    @Field(value = "Carrier; empty if unknown.", mayBeEmpty = true) String carrier,
    @Field(value = "Class of the vendor's error code; empty without an error.", mayBeEmpty = true)
        String errorClass,
    @Field(value = "Messages of this carrier and class.", min = 0) long messages,
    @Field(value = "Of them delivered within 72 hours.", min = 0) long delivered,
    @Field(value = "Of them failed, expired or not delivered within 72 hours.", min = 0)
        long undelivered)
    implements ResultRow {

  /** Name of the table. */
  public static final String TABLE = "delivery_health";

  @Override
  public String key() {
    return TABLE
        + "|"
        + cohortHour
        + "|"
        + listId
        + "|"
        + campaignId
        + "|"
        + carrier
        + "|"
        + errorClass;
  }
}
