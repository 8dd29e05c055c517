package io.heed.core.experiments;

/** Takes how counts change. */
@FunctionalInterface
public interface CountChanges {
  /**
   * Takes a change.
   *
   * @param step the first evaluation that it counts for, epoch milliseconds
   * @param cell what it is a count of
   * @param change what is to be added
   */
  void add(String experimentId, long step, Totals.Cell cell, Tally change);
}
