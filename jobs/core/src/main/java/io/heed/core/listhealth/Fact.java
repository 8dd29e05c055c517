package io.heed.core.listhealth;

/**
 * What list health needs of one event, as small as it can travel.
 *
 * @param kind what happened
 * @param recipient hash of the recipient's id
 * @param id hash of the event's id; 0 where the fact is idempotent by itself
 * @param time epoch milliseconds
 * @param message hash of the message's id; 0 without one
 * @param list the send's list, or the scope of an opt-out or opt-in; else empty
 * @param campaign the send's campaign; else empty
 * @param carrier the carrier of a send or a receipt; empty if unknown
 * @param costMicros the send's cost
 * @param detail of a receipt the status and error class, else flags; see {@link FactReader}
 */
public record Fact(
    Kind kind,
    long recipient,
    long id,
    long time,
    long message,
    String list,
    String campaign,
    String carrier,
    long costMicros,
    int detail) {

  /** Kinds of facts; the order is part of the state's format. */
  public enum Kind {
    SEND,
    RECEIPT,
    CLICK,
    REPLY,
    OPT_OUT,
    OPT_IN,
    CONVERSION
  }
}
