package io.heed.bench;

import java.util.concurrent.locks.LockSupport;

/** Does things at a constant rate: each when it is due, however long those before it took. */
final class PacedLoop {
  private PacedLoop() {}

  /** One round of the loop. */
  interface Round {
    /**
     * Does it.
     *
     * @param due when it was to begin, as {@link System#nanoTime} counts
     */
    void run(int index, long due) throws Exception;
  }

  /**
   * Runs so many rounds.
   *
   * @param rate rounds a second
   * @throws InterruptedException if the thread is interrupted, also while it is behind
   */
  static void run(int count, int rate, Round round) throws Exception {
    long start = System.nanoTime();
    for (int i = 0; i < count; i++) {
      long due = start + i * 1_000_000_000L / rate;
      // A park is finer than a sleep, and returns at once while the thread is interrupted.
      for (long left = 0; left >= 0; left = due - System.nanoTime()) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        LockSupport.parkNanos(left);
      }
      round.run(i, due);
    }
  }
}
