package io.heed.core.rules;

/** What a vendor's error code means for the sender, one class across vendors. */
public enum ErrorClass {
  /** No error. */
  NONE,
  /** The handset could not be reached; it may pass by itself. */
  TRANSIENT,
  /** Too much was sent at once; never the recipient's fault. */
  QUEUE_OVERFLOW,
  /** Nobody says why, or the code is not in the data file; never the recipient's fault. */
  UNKNOWN,
  /** The number cannot be texted. */
  INVALID_NUMBER,
  /** The carrier held the message back; a matter of the campaign, never of the recipient. */
  FILTERED,
  /** The sender's number is not registered. */
  UNREGISTERED_SENDER,
  /** The vendor knows that the recipient has opted out. */
  OPTED_OUT,
  /** A carrier's daily or rate limit of the brand was reached; never the recipient's fault. */
  CARRIER_LIMIT
}
