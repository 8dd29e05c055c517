package io.heed.replay;

/** What is wrong with the row at hand. No stack trace: a file may have millions of them. */
final class RowException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String column;
  private final String allowed;

  RowException(String column, String problem, String allowed) {
    super(problem, null, false, false);
    this.column = column;
    this.allowed = allowed;
  }

  RowError at(String file, long row) {
    return new RowError(file, row, column, getMessage(), allowed);
  }

  String allowed() {
    return allowed;
  }

  static String shorten(String text) {
    return text.length() <= 60 ? text : text.substring(0, 60) + "...";
  }
}
