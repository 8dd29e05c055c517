package io.heed.core.model;

/** What a message is for: caps and quiet hours apply to promotional ones. */
public enum Category {
  PROMOTIONAL,
  TRANSACTIONAL,
  CONVERSATIONAL
}
