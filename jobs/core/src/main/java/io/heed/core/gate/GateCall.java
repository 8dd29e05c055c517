package io.heed.core.gate;

/**
 * What one call of the gate works on: a recipient's state, the moment, and where decisions go. One
 * instance serves all calls, one after the other. Not safe for concurrent use.
 */
final class GateCall {
  RecipientState state;
  String recipientId;
  Moment moment;
  Outbox out;

  /** Whether the event may have changed the recipient's caps. */
  boolean capsMoved;

  void begin(RecipientState known, String recipient, Moment now, Outbox outbox) {
    state = known;
    recipientId = recipient;
    moment = now;
    out = outbox;
    capsMoved = false;
  }

  /** The next number of a decision about the recipient: the wall clock, but always growing. */
  long nextSeq() {
    state.lastSeq = Math.max(state.lastSeq + 1, moment.clockMicros());
    return state.lastSeq;
  }
}
