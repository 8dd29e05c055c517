package io.heed.core.rules;

/** Readings that are off by default. */
public enum ReplyOption {
  /** "No thanks" and "not interested" revoke. */
  SOFT_REFUSALS,
  /** A bare NO revokes. */
  NO
}
