package io.heed.cli;

/**
 * A mistake that the user can mend. The message is one line: what is wrong, and what to do next.
 * The command prints it on the standard error and exits with {@value #EXIT_CODE}.
 */
public final class UserError extends RuntimeException {
  public static final int EXIT_CODE = 2;
  private static final long serialVersionUID = 1;

  public UserError(String message) {
    super(message);
  }

  public UserError(String message, Throwable cause) {
    super(message, cause);
  }
}
