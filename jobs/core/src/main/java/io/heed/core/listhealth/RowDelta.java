package io.heed.core.listhealth;

/**
 * What is to be added to counts that alerts watch.
 *
 * @param key what is counted, and the start of the bucket of time
 * @param counts as many as the table has; not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record RowDelta(RowKey key, long[] counts) {}
