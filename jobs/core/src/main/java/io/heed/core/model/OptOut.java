package io.heed.core.model;

/** A revocation of consent, for one list or for all. */
public record OptOut(
    @Field("Unique id; an event delivered twice counts once.") String eventId,
    @Field(value = "When it happened, epoch milliseconds UTC.", min = EARLIEST) long eventTime,
    @Field("Pseudonymous id, or a phone number in E.164.") String recipientId,
    @Field("A list id, or * for all.") String scope,
    @Field("How it was revoked.") OptOutMethod method,
    @Field(value = "The message that is replied to or meant.", optional = true) String messageId)
    implements Event {}
