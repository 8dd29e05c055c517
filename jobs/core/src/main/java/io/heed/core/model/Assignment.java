package io.heed.core.model;

/** Exposure to a variant without a send, such as a hold-out. */
public record Assignment(
    @Field("Unique id; an event delivered twice counts once.") String eventId,
    @Field(value = "When it happened, epoch milliseconds UTC.", min = EARLIEST) long eventTime,
    @Field("Pseudonymous id, or a phone number in E.164.") String recipientId,
    @Field("Experiment.") String experimentId,
    @Field("Variant.") String variantId,
    @Field(value = "Allocation epoch of the experiment.", optional = true, min = 0) Integer epoch)
    implements Event {}
