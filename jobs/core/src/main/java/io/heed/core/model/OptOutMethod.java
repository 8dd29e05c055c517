package io.heed.core.model;

/** How consent was revoked. */
public enum OptOutMethod {
  KEYWORD,
  FUZZY,
  WEB,
  AGENT,
  COMPLAINT,
  CARRIER,
  DO_NOT_CALL,
  /** The number belongs to somebody else now. */
  WRONG_NUMBER
}
