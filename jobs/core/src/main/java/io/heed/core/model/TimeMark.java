package io.heed.core.model;

/** Moves event time to an instant: a back-fill's last word, after which its last units mature. */
public record TimeMark(
    @Field(value = "Event time reached, epoch milliseconds UTC.", min = Event.EARLIEST)
        long eventTime) {}
