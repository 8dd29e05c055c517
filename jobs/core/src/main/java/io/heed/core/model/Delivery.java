package io.heed.core.model;

/** A carrier's receipt for a message. Receipts rank by status, never by arrival. */
public record Delivery(
    @Field("Unique id; an event delivered twice counts once.") String eventId,
    @Field(value = "When it happened, epoch milliseconds UTC.", min = EARLIEST) long eventTime,
    @Field("Pseudonymous id, or a phone number in E.164.") String recipientId,
    @Field("The vendor's or sender's message id.") String messageId,
    @Field("Status of the message.") DeliveryStatus status,
    @Field(value = "The vendor's error code.", optional = true) String errorCode,
    @Field(value = "Vendor whose code it is.", optional = true) String vendor,
    @Field(value = "Carrier that delivered.", optional = true) String carrier,
    @Field(
            value = "How the message travels: sms, mms, rcs or whatsapp; absent is sms.",
            optional = true,
            pattern = "sms|mms|rcs|whatsapp")
        String channel)
    implements Event {

  /** A receipt of a plain text message. */
  public Delivery(
      String eventId,
      long eventTime,
      String recipientId,
      String messageId,
      DeliveryStatus status,
      String errorCode,
      String vendor,
      String carrier) {
    this(eventId, eventTime, recipientId, messageId, status, errorCode, vendor, carrier, null);
  }
}
