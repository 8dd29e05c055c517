package io.heed.core.model;

import java.util.List;

/** A text that was handed to the carrier. */
public record Send(
    @Field("Unique id; an event delivered twice counts once.") String eventId,
    @Field(value = "When it happened, epoch milliseconds UTC.", min = EARLIEST) long eventTime,
    @Field("Pseudonymous id, or a phone number in E.164.") String recipientId,
    @Field("The vendor's or sender's message id.") String messageId,
    @Field("Campaign of the message.") String campaignId,
    @Field("List of the message.") String listId,
    @Field("What the message is for.") Category category,
    @Field(value = "Experiment that the message belongs to.", optional = true) String experimentId,
    @Field(value = "Variant that the recipient got.", optional = true) String variantId,
    @Field(value = "Allocation epoch of the experiment.", optional = true, min = 0) Integer epoch,
    @Field(value = "Carrier of the recipient.", optional = true) String carrier,
    @Field(value = "ISO 3166-2 region of the recipient, such as US-FL.", optional = true)
        String region,
    @Field(value = "IANA time zone of the recipient.", optional = true) String timeZone,
    @Field(value = "Segments that the carrier bills.", optional = true, orElse = 1, min = 0)
        int segments,
    @Field(
            value = "Cost in micros of the reporting currency.",
            optional = true,
            min = 0,
            max = Field.MICROS)
        long costMicros,
    @Field(value = "The send request that a verdict allowed.", optional = true) String requestId,
    @Field(
            value = "Free tags, such as opt_out_confirmation.",
            optional = true,
            max = 128,
            items = 50)
        List<String> tags,
    @Field(
            value = "How the message travels: sms, mms, rcs or whatsapp; absent is sms.",
            optional = true,
            pattern = "sms|mms|rcs|whatsapp")
        String channel)
    implements Event {

  /** A plain text message. */
  public Send(
      String eventId,
      long eventTime,
      String recipientId,
      String messageId,
      String campaignId,
      String listId,
      Category category,
      String experimentId,
      String variantId,
      Integer epoch,
      String carrier,
      String region,
      String timeZone,
      int segments,
      long costMicros,
      String requestId,
      List<String> tags) {
    this(
        eventId,
        eventTime,
        recipientId,
        messageId,
        campaignId,
        listId,
        category,
        experimentId,
        variantId,
        epoch,
        carrier,
        region,
        timeZone,
        segments,
        costMicros,
        requestId,
        tags,
        null);
  }
}
