package io.heed.core.model;

/**
 * How long after their send the first responses to the messages of one hour of one campaign came.
 */
public record ResponseTimeRow(
    @Field(value = "Table of the row.", pattern = ResponseTimeRow.TABLE) String table,
    @Field("Version of the row; the highest holds.") long seq,
    @Field("Hour of the sends, epoch milliseconds UTC.") long cohortHour,
    @Field(value = "List.", mayBeEmpty = true) String listId,
    @Field(value = "Campaign.", mayBeEmpty = true) String campaignId,
    @Field("What came: delivery, click or reply.") String response,
    @Field(value = "Upper end of the delay's bucket in seconds; 0 for beyond the last.", min = 0)
        int withinSeconds,
    @Field(value = "Messages whose first response of this kind fell into the bucket.", min = 0)
        long messages)
    implements ResultRow {

  /** Name of the table. */
  public static final String TABLE = "response_time";

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
        + response
        + "|"
        + withinSeconds;
  }
}
