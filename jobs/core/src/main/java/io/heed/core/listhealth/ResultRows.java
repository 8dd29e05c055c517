package io.heed.core.listhealth;

import io.heed.core.listhealth.CountTable.Cohort;
import io.heed.core.listhealth.CountTable.ListHealth;
import io.heed.core.model.DeliveryHealthRow;
import io.heed.core.model.ListHealthRow;
import io.heed.core.model.ResponseTimeRow;
import io.heed.core.model.ResultRow;
import io.heed.core.model.SendCohortRow;

/** Counts as the rows that people read. */
public final class ResultRows {
  private ResultRows() {}

  /** When the last message of an hour has had its 72 hours, epoch milliseconds. */
  public static long settles(long hour) {
    return hour + RowDeltas.HOUR_MILLIS + RecipientFacts.COHORT_MILLIS;
  }

  /** Messages of a cohort that have neither been delivered nor failed. */
  public static long open(long[] cohort) {
    return Math.max(
        0, cohort[Cohort.SENDS] - cohort[Cohort.DELIVERED] - cohort[Cohort.UNDELIVERED]);
  }

  /**
   * The row of a key and its counts.
   *
   * @param settled whether event time has passed {@link #settles}: a message that is still open has
   *     become UNKNOWN
   */
  public static ResultRow of(RowKey key, long[] counts, long seq, boolean settled) {
    return switch (key.table()) {
      case LIST_HEALTH -> listHealth(key, counts, seq);
      case SEND_COHORT -> cohort(key, counts, seq, settled);
      case DELIVERY_HEALTH ->
          new DeliveryHealthRow(
              DeliveryHealthRow.TABLE,
              seq,
              key.start(),
              key.list(),
              key.campaign(),
              key.part(),
              key.errorClass(),
              counts[0],
              counts[1],
              counts[2]);
      case RESPONSE_TIME ->
          new ResponseTimeRow(
              ResponseTimeRow.TABLE,
              seq,
              key.start(),
              key.list(),
              key.campaign(),
              key.part(),
              key.seconds(),
              counts[0]);
      default -> throw new IllegalArgumentException(key.table() + " is no table of results");
    };
  }

  private static ListHealthRow listHealth(RowKey key, long[] counts, long seq) {
    return new ListHealthRow(
        ListHealthRow.TABLE,
        seq,
        key.start(),
        key.seconds(),
        key.list(),
        key.campaign(),
        counts[ListHealth.SENDS],
        counts[ListHealth.DELIVERED],
        counts[ListHealth.UNDELIVERED],
        counts[ListHealth.CLICKS],
        counts[ListHealth.CLICKERS],
        counts[ListHealth.SCANNER_CLICKS],
        counts[ListHealth.REPLIES],
        counts[ListHealth.OPT_OUTS],
        counts[ListHealth.COMPLAINTS],
        counts[ListHealth.OPT_INS],
        Cost.micros(counts, ListHealth.COST),
        counts[ListHealth.READ]);
  }

  private static SendCohortRow cohort(RowKey key, long[] counts, long seq, boolean settled) {
    return new SendCohortRow(
        SendCohortRow.TABLE,
        seq,
        key.start(),
        key.list(),
        key.campaign(),
        counts[Cohort.SENDS],
        counts[Cohort.DELIVERED],
        counts[Cohort.UNDELIVERED],
        counts[Cohort.CLICKERS],
        counts[Cohort.REPLIERS],
        counts[Cohort.OPT_OUTS],
        counts[Cohort.COMPLAINTS],
        counts[Cohort.CONVERTERS],
        Cost.micros(counts, Cohort.COST),
        counts[Cohort.READ],
        settled ? open(counts) : 0);
  }
}
