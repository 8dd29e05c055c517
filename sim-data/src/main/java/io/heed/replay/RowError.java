package io.heed.replay;

/**
 * A row that cannot be replayed.
 *
 * @param file the file as the user named it
 * @param row number of the row from 1: in CSV after the header, in JSON lines the line
 * @param column the column or columns at fault; empty for the whole row
 * @param problem what is wrong
 * @param allowed what is allowed instead; empty if the problem says it
 */
public record RowError(String file, long row, String column, String problem, String allowed) {

  @Override
  public String toString() {
    return "%s: row %d: %s%s%s"
        .formatted(
            file,
            row,
            column.isEmpty() ? "" : "column " + column + ": ",
            problem,
            allowed.isEmpty() ? "" : " (allowed: " + allowed + ")");
  }
}
