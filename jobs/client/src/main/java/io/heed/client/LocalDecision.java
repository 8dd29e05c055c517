package io.heed.client;

/** What the tables of a client say of a message without a request. */
public enum LocalDecision {
  /** Neither suppressed nor capped as far as Heed has published. */
  OPEN,
  /** The recipient must not be texted on the list. */
  SUPPRESSED,
  /** A cap is reached. */
  CAPPED,
  /** The tables may be incomplete or out of date: send nothing promotional. */
  STALE
}
