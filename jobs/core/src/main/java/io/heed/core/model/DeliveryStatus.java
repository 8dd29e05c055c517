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
  DELIVERED
}
