package io.heed.core.gate;

import io.heed.core.model.OptInMethod;

/** How consent was given: what it lifts depends on it. */
public enum ConsentMethod {
  /** START and its like: lifts no complaint, block, do-not-call entry or invalid number. */
  KEYWORD,
  /** A yes, which resumes only as the reply to an opt-out confirmation; then it is a KEYWORD. */
  YES,
  WEB,
  AGENT,
  PAPER,
  /** Proof of consent that lifts nothing. */
  IMPORT,
  /** An import that names no evidence: a consent only where a policy takes any import. */
  UNPROVEN_IMPORT;

  boolean strong() {
    return this == WEB || this == AGENT || this == PAPER;
  }

  /**
   * The method of an opt-in event.
   *
   * @param evidence where its proof is kept, or null
   */
  public static ConsentMethod of(OptInMethod method, String evidence) {
    boolean unproven = method == OptInMethod.IMPORT && (evidence == null || evidence.isBlank());
    return unproven ? UNPROVEN_IMPORT : valueOf(method.name());
  }
}
