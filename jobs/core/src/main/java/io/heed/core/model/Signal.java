package io.heed.core.model;

/** Reserved recipient signals. */
public enum Signal {
  HOT,
  DORMANT,
  SUNSET,
  INVALID_NUMBER
}
