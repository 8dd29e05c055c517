package io.heed.core.model;

/** What set the cap. OPTIMISED is reserved. */
public enum CapSource {
  FIXED,
  STATE_LAW,
  OPTIMISED
}
