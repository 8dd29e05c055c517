package io.heed.core.model;

/** What a recipient did with another channel's message. */
public enum TouchAction {
  VIEW,
  CLICK
}
