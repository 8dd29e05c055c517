package io.heed.core.model;

/** A consent, for one list or for all. */
public record OptIn(
    @Field("Unique id; an event delivered twice counts once.") String eventId,
    @Field(value = "When it happened, epoch milliseconds UTC.", min = EARLIEST) long eventTime,
    @Field("Pseudonymous id, or a phone number in E.164.") String recipientId,
    @Field("A list id, or * for all.") String scope,
    @Field("How consent was given.") OptInMethod method,
    @Field(value = "Where the proof of consent is kept.", optional = true, max = Field.LONG_TEXT)
        String evidence)
    implements Event {}
