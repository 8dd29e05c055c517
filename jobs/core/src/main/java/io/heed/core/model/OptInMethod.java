package io.heed.core.model;

/** How consent was given. */
public enum OptInMethod {
  KEYWORD,
  WEB,
  AGENT,
  PAPER,
  IMPORT
}
