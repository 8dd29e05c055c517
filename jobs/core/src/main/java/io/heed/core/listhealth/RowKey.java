package io.heed.core.listhealth;

/**
 * Identity of a row of counts.
 *
 * @param table what it counts
 * @param start of the window or of the cohort's hour, epoch milliseconds
 * @param seconds length of the window, or upper end of a delay; else 0
 * @param list the list
 * @param campaign the campaign; empty in a list's total
 * @param part the carrier, the kind of response or the topic; else empty
 * @param errorClass class of the vendor's error; else empty
 */
public record RowKey(
    CountTable table,
    long start,
    int seconds,
    String list,
    String campaign,
    String part,
    String errorClass) {

  @Override
  public int hashCode() {
    // By hand, since the ordinal of the table must be in it and not its identity, and for speed.
    int hash = table.ordinal() * 31 + Long.hashCode(start);
    hash = hash * 31 + seconds;
    hash = hash * 31 + list.hashCode();
    hash = hash * 31 + campaign.hashCode();
    return (hash * 31 + part.hashCode()) * 31 + errorClass.hashCode();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RowKey key
        && start == key.start
        && seconds == key.seconds
        && table == key.table
        && list.equals(key.list)
        && campaign.equals(key.campaign)
        && part.equals(key.part)
        && errorClass.equals(key.errorClass);
  }
}
