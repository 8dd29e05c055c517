package io.heed.cli.demo;

import java.io.PrintWriter;
import java.util.List;

/** Shows how things are: in place on a terminal, else as a line now and then. */
final class LiveView {
  private static final String CLEAR = "\u001b[2K";
  private static final long LINE_EVERY_MILLIS = 5_000;
  private static final long REDRAW_EVERY_MILLIS = 500;

  private final PrintWriter out;
  private final boolean inPlace;
  private int shownLines;
  private long lastAt;

  LiveView(PrintWriter out, boolean inPlace) {
    this.out = out;
    this.inPlace = inPlace;
  }

  /** Whether it is time to show something again. */
  boolean isDue(long now) {
    return now - lastAt >= (inPlace ? REDRAW_EVERY_MILLIS : LINE_EVERY_MILLIS);
  }

  /**
   * Shows the state.
   *
   * @param line the most important in one line
   * @param more further lines, where there is room for them
   */
  void show(long now, String line, List<String> more) {
    lastAt = now;
    if (inPlace) {
      if (shownLines > 0) {
        out.printf("\u001b[%dA", shownLines);
      }
      out.println(CLEAR + line);
      more.forEach(text -> out.println(CLEAR + text));
      shownLines = 1 + more.size();
    } else {
      out.println(line);
    }
    out.flush();
  }

  /** What was shown stays; the next state is shown below it. */
  void leave() {
    shownLines = 0;
    lastAt = 0;
  }
}
