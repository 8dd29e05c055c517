package io.heed.core.model;

/** What a promotional message is worth to a recipient at the moment of a verdict. */
public record MessageValue(
    @Field(
            "Why: PILOT, PILOT_PENDING, WANTED, WITHHELD, UNWANTED, EXPLORED; of these WITHHELD and"
                + " EXPLORED by chance, to learn.")
        String cause,
    @Field("Net margin less cost of the message, micros of the reporting currency.")
        long bringsMicros,
    @Field("Probability that the recipient opts out because of it.") double hazard,
    @Field("Value of the subscriber if the message waits, micros of the reporting currency.")
        long subscriberMicros) {}
