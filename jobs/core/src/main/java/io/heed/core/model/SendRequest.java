package io.heed.core.model;

import java.util.List;

/** A request of the sending system: may this message go out now? */
public record SendRequest(
    @Field("Unique id; an event delivered twice counts once.") String eventId,
    @Field(value = "When it happened, epoch milliseconds UTC.", min = EARLIEST) long eventTime,
    @Field("Pseudonymous id, or a phone number in E.164.") String recipientId,
    @Field("Id of the request; the verdict carries it.") String requestId,
    @Field("Campaign of the message.") String campaignId,
    @Field("List of the message.") String listId,
    @Field("What the message is for.") Category category,
    @Field(value = "Experiment that draws the variant.", optional = true) String experimentId,
    @Field(
            value = "0 to 100, 50 if absent; 100 is never refused for its value.",
            optional = true,
            min = 0,
            max = 100)
        Integer priority,
    @Field(
            value = "The request is pointless from here on, epoch milliseconds UTC.",
            optional = true)
        Long expiresAt,
    @Field(value = "ISO 3166-2 region of the recipient, such as US-FL.", optional = true)
        String region,
    @Field(value = "IANA time zone of the recipient.", optional = true) String timeZone,
    @Field(value = "Free tags.", optional = true, max = 128, items = 50) List<String> tags)
    implements Event {}
