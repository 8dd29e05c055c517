package io.heed.core.model;

/**
 * Something that happened to a recipient. Every event has an id, an instant (epoch milliseconds,
 * UTC) and the recipient whose partition it travels in.
 */
public sealed interface Event
    permits Send,
        Delivery,
        Click,
        Reply,
        OptOut,
        OptIn,
        Conversion,
        Touch,
        Assignment,
        SendRequest,
        Erasure {

  /** 2000-01-01T00:00:00Z: an earlier {@code event_time} is a broken clock, not a fact. */
  long EARLIEST = 946_684_800_000L;

  /** A day: an {@code event_time} further ahead of its append time is a broken clock. */
  long MAX_AHEAD_MILLIS = 86_400_000L;

  String eventId();

  long eventTime();

  /** The recipient; null of an erasure that is done. */
  String recipientId();
}
