package io.heed.core.gate;

/**
 * The moment of an event's arrival.
 *
 * @param watermark how far event time has come, epoch milliseconds
 * @param wallMillis wall clock, for latency only
 * @param clockMicros wall clock in microseconds, for {@code seq}
 * @param stale whether the state may miss something that was appended before
 * @param reviewing whether some recipients' caps have not yet been published by the changed rules
 */
public record Moment(
    long watermark, long wallMillis, long clockMicros, boolean stale, boolean reviewing) {}
