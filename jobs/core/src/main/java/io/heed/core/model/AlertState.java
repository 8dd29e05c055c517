package io.heed.core.model;

/** Whether an alert holds. */
public enum AlertState {
  FIRING,
  RESOLVED
}
