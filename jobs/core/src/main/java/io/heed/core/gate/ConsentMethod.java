package io.heed.core.gate;

import io.heed.core.model.OptInMethod;

/** How consent was given: what it lifts depends on it. */
public enum ConsentMethod {
  /** START and its like: lifts no complaint, block, do-not-call entry or invalid number. */
  KEYWORD,
  /** A yes, which resumes only as the answer to an opt-out confirmation; then it is a KEYWORD. */
  YES,
  WEB,
  AGENT,
  PAPER,
  /** Proof of consent that lifts nothing. */
  IMPORT;

  boolean strong() {
    return this == WEB || this == AGENT || this == PAPER;
  }

  /** The method of an opt-in event. */
  public static ConsentMethod of(OptInMethod method) {
    return valueOf(method.name());
  }
}
