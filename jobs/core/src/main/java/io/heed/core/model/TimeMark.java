package io.heed.core.model;

/**
 * Watermark record: moves event time to an instant at the end of a back-fill, so that its last
 * units mature.
 */
public record TimeMark(
    @Field(value = "Event time reached, epoch milliseconds UTC.", min = Event.EARLIEST)
        long eventTime) {}
