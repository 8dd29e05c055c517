package io.heed.core.model;

/** What a value model says about people of average affinity who bore so many messages. */
public record ValueFigure(
    @Field(value = "Promotional messages borne, at least.", min = 0) int borneFrom,
    @Field("Fatigue: recent messages, each counted by how much of it is left.") double fatigue,
    @Field("Probability of a click on an average campaign.") double click,
    @Field("Probability of an opt-out because of it.") double hazard,
    @Field("Value of the subscriber, micros of the reporting currency.") long valueMicros) {}
