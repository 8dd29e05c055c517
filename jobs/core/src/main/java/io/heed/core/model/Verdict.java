package io.heed.core.model;

/** Verdict on a send request. */
public enum Verdict {
  ALLOW,
  DEFER,
  DENY
}
