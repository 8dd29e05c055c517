package io.heed.core.model;

/** How urgent an alert is. */
public enum AlertSeverity {
  INFO,
  WARNING,
  CRITICAL
}
