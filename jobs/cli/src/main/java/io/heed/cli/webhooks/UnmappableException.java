package io.heed.cli.webhooks;

/**
 * A callback, or a part of one, that is no event; the message names the field and what is wrong.
 */
final class UnmappableException extends Exception {
  private static final long serialVersionUID = 1L;

  UnmappableException(String message) {
    super(message);
  }
}
