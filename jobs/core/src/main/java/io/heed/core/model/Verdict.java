package io.heed.core.model;

/** Answer to a send request. */
public enum Verdict {
  ALLOW,
  DEFER,
  DENY
}
