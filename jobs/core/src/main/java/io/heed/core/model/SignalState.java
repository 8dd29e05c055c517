package io.heed.core.model;

/** Whether a signal of a recipient holds. */
public enum SignalState {
  SET,
  CLEARED
}
