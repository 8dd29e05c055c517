package io.heed.core.model;

/**
 * Status of a message in rising rank: of two receipts the higher rank holds, whichever came first.
 */
public enum DeliveryStatus {
  ACCEPTED,
  SENT,
  UNKNOWN,
  EXPIRED,
  FAILED,
  UNDELIVERED,
  DELIVERED,
  /** Opened by the recipient (RCS, WhatsApp): delivered, too. */
  READ;

  /** Whether the message reached the recipient. */
  public boolean isDelivered() {
    return compareTo(DELIVERED) >= 0;
  }
}
