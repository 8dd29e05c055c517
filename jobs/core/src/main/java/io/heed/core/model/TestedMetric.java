package io.heed.core.model;

import java.util.List;

/** What an experiment is decided by: enough to count it from the events once more. */
public record TestedMetric(
    @Field("Instant from which exposures count, epoch milliseconds UTC.") long startsAt,
    @Field("Name of the metric.") String metric,
    @Field("What recipients do: click, reply, opt-out, complaint, conversion, delivery.")
        String event,
    @Field("What is measured of it: binary, revenue, count.") String type,
    @Field(value = "Kinds of conversions.", optional = true) List<ConversionKind> kinds,
    @Field(value = "Milliseconds after the exposure in which it counts.", min = 1)
        long windowMillis,
    @Field(value = "A recipient's value counts up to this, in micros.", optional = true, min = 0)
        Long capMicros,
    @Field("The arm that the others are held against.") String controlVariantId,
    @Field(
            value = "Relative loss that is no longer tolerated; absent where a winner is better.",
            optional = true)
        Double margin) {}
