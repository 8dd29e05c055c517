package io.heed.cli;

import io.heed.core.config.FileProblem;
import java.io.IOException;

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

  /**
   * A file that cannot be read or written.
   *
   * @param file its name, after the option's where one names it
   */
  public static UserError of(String file, IOException e) {
    return new UserError(file + ": " + FileProblem.of(e), e);
  }
}
