package io.heed.core.model;

/** Another channel's touch. */
public record Touch(
    @Field("Unique id; an event delivered twice counts once.") String eventId,
    @Field(value = "When it happened, epoch milliseconds UTC.", min = EARLIEST) long eventTime,
    @Field("Pseudonymous id, or a phone number in E.164.") String recipientId,
    @Field(value = "Channel, a lower-case word such as email.", pattern = "[a-z][a-z0-9_-]*")
        String channel,
    @Field(value = "Campaign of the touch.", optional = true) String campaignId,
    @Field("What the recipient did.") TouchAction action)
    implements Event {}
