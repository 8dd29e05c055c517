package io.heed.core.model;

/** What is known of a recipient beyond consent and caps. */
public enum Signal {
  /** Clicked, replied or converted lately: a score of intent that decays. */
  HOT,
  /** Texted for long without a click, a reply or a conversion. */
  DORMANT,
  /** Dormant, and a message costs more than it brings. */
  SUNSET,
  /** The carrier says that the number cannot be texted. */
  INVALID_NUMBER
}
