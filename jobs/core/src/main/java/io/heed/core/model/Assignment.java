package io.heed.core.model;

/** Exposure to a variant without a send, such as a hold-out. */
public record Assignment(
    @Field("Unique id; an event delivered twice counts once.") String eventId,
    @Field(value = "When it happened, epoch milliseconds UTC.", min = EARLIEST) long eventTime,
    @Field("Pseudonymous id, or a phone number in E.164.") String recipientId,
    @Field("Experiment.") String experimentId,
    @Field("Variant.") String variantId,
    @Field(value = "Allocation epoch of the experiment.", optional = true, min = 0) Integer epoch,
    @Field(
            value =
                "In the optimizer's comparison: value of the subscriber by the list's value model,"
                    + " micros of the reporting currency; what an opt-out costs.",
            optional = true,
            min = 0,
            max = Field.MICROS)
        Long subscriberMicros)
    implements Event {

  /** Exposure to a variant of an experiment. */
  public Assignment(
      String eventId,
      long eventTime,
      String recipientId,
      String experimentId,
      String variantId,
      Integer epoch) {
    this(eventId, eventTime, recipientId, experimentId, variantId, epoch, null);
  }
}
