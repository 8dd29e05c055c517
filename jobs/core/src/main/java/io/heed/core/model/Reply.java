package io.heed.core.model;

/** A text that the recipient sent back. */
public record Reply(
    @Field("Unique id; an event delivered twice counts once.") String eventId,
    @Field(value = "When it happened, epoch milliseconds UTC.", min = EARLIEST) long eventTime,
    @Field("Pseudonymous id, or a phone number in E.164.") String recipientId,
    @Field(value = "The message that is replied to or meant.", optional = true) String messageId,
    @Field(value = "What the recipient wrote.", max = Field.LONG_TEXT) String body)
    implements Event {}
