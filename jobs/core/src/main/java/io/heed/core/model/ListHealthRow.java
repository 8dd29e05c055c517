package io.heed.core.model;

/**
 * What happened in one window of one list, or of one campaign in it, by the events' own time, UTC.
 */
public record ListHealthRow(
    @Field(value = "Table of the row.", pattern = ListHealthRow.TABLE) String table,
    @Field("Version of the row; the highest holds.") long seq,
    @Field("Start of the window, epoch milliseconds UTC.") long windowStart,
    @Field(value = "Length of the window: 60, 3600 or 86400.", min = 1) int windowSeconds,
    @Field(value = "List.", mayBeEmpty = true) String listId,
    @Field(value = "Campaign; empty in the list's total.", mayBeEmpty = true) String campaignId,
    @Field(value = "Messages sent.", min = 0) long sends,
    @Field(value = "Messages whose receipt says delivered.", min = 0) long delivered,
    @Field(value = "Messages that failed, expired or were not delivered.", min = 0)
        long undelivered,
    @Field(value = "Clicks of people.", min = 0) long clicks,
    @Field(value = "Distinct people who clicked; never to be summed over windows.", min = 0)
        long clickers,
    @Field(value = "Clicks of link scanners.", min = 0) long scannerClicks,
    @Field(value = "Replies.", min = 0) long replies,
    @Field(
            value = "Opt-outs and recognised replies, one per recipient and scope in 24 hours.",
            min = 0)
        long optOuts,
    @Field(value = "Complaints.", min = 0) long complaints,
    @Field(value = "Opt-ins.", min = 0) long optIns,
    @Field(value = "Cost of the messages in micros.", min = 0, max = Long.MAX_VALUE)
        long costMicros,
    @Field(value = "Messages whose first receipt of being read came in the window.", min = 0)
        long read)
    implements ResultRow {

  /** Name of the table. */
  public static final String TABLE = "list_health";

  @Override
  public String key() {
    return TABLE + "|" + windowStart + "|" + windowSeconds + "|" + listId + "|" + campaignId;
  }
}
