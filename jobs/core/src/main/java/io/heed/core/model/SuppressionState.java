package io.heed.core.model;

/** Whether a scope may be texted. */
public enum SuppressionState {
  SUPPRESSED,
  ALLOWED
}
