package io.heed.replay;

/** A file that cannot be replayed. The message is for the user: what is wrong, what to do. */
public final class ReplayException extends Exception {
  private static final long serialVersionUID = 1L;

  public ReplayException(String message) {
    super(message);
  }
}
