package io.heed.core.listhealth;

/**
 * What is to be added to a row's counts.
 *
 * @param key the row
 * @param counts as many as the table has; not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record RowDelta(RowKey key, long[] counts) {}
