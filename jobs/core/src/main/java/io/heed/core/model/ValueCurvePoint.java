package io.heed.core.model;

/** What a person of average affinity is worth who gets so many average messages a month. */
public record ValueCurvePoint(
    @Field(value = "Promotional messages in 30 days, evenly spaced.", min = 1) int messagesAMonth,
    @Field("Value of the subscriber, micros of the reporting currency.") long valueMicros,
    @Field("Probability of an opt-out within 30 days.") double optOutsAMonth) {}
