package io.heed.core.model;

/** A click on a link, or a visit that no message caused (without a message id). */
public record Click(
    @Field("Unique id; an event delivered twice counts once.") String eventId,
    @Field(value = "When it happened, epoch milliseconds UTC.", min = EARLIEST) long eventTime,
    @Field("Pseudonymous id, or a phone number in E.164.") String recipientId,
    @Field(
            value =
                "The message whose link was clicked; absent for a visit that no message caused.",
            optional = true)
        String messageId,
    @Field(value = "Link within the message.", optional = true) String linkId,
    @Field(value = "Address that was opened.", optional = true, max = Field.LONG_TEXT) String url,
    @Field(value = "User agent of the client.", optional = true, max = Field.LONG_TEXT)
        String userAgent,
    @Field(value = "Hash of the client's address.", optional = true) String ipHash)
    implements Event {}
