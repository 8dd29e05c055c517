package io.heed.core.hours;

/** Which laws hold where sources differ, or where consent may exempt. */
public enum Reading {
  /** Those on which sources differ hold, too: the default. */
  STRICT,
  /** Only those whose statute is clear and on which sources agree. */
  SETTLED
}
