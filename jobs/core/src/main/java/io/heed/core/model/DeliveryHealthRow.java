package io.heed.core.model;

/** How the messages of one hour of one campaign fared, by carrier, status and class of error. */
public record DeliveryHealthRow(
    @Field(value = "Table of the row.", pattern = DeliveryHealthRow.TABLE) String table,
    @Field("Version of the row; the highest holds.") long seq,
    @Field("Hour of the sends, epoch milliseconds UTC.") long cohortHour,
    @Field(value = "List.", mayBeEmpty = true) String listId,
    @Field(value = "Campaign; empty in the list's total.", mayBeEmpty = true) String campaignId,
    @Field(value = "Carrier; empty if unknown.", mayBeEmpty = true) String carrier,
    @Field(value = "Status of highest rank; empty without a receipt.", mayBeEmpty = true)
        String status,
    @Field(value = "Class of the vendor's error code; empty without one.", mayBeEmpty = true)
        String errorClass,
    @Field(value = "Messages in this cell.", min = 0) long messages)
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
        + status
        + "|"
        + errorClass;
  }
}
