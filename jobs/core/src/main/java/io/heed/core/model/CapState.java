package io.heed.core.model;

/** Whether a cap leaves room. */
public enum CapState {
  OPEN,
  CAPPED
}
