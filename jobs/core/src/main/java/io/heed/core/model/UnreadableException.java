package io.heed.core.model;

/**
 * A record that cannot be read. The message is the dead letter's reason: it names the field, what
 * is wrong and what is allowed. Carries no stack trace, since broken input is an everyday thing and
 * must be cheap.
 */
public final class UnreadableException extends Exception {
  private static final long serialVersionUID = 1L;

  public UnreadableException(String reason) {
    super(reason, null, false, false);
  }
}
