package io.heed.core.model;

/** Something worth money or on the way to it. A refund carries a positive amount. */
public record Conversion(
    @Field("Unique id; an event delivered twice counts once.") String eventId,
    @Field(value = "When it happened, epoch milliseconds UTC.", min = EARLIEST) long eventTime,
    @Field("Pseudonymous id, or a phone number in E.164.") String recipientId,
    @Field("Id of the conversion in the shop.") String conversionId,
    @Field("What kind it is.") ConversionKind kind,
    @Field(
            value = "Amount in micros of the reporting currency.",
            optional = true,
            min = 0,
            max = Field.MICROS)
        long revenueMicros,
    @Field(value = "The purchase that a refund takes back.", optional = true)
        String originalConversionId)
    implements Event {}
