package io.heed.sim;

import java.util.PriorityQueue;

/** What will happen in the simulated world, in order of time. */
final class Agenda {
  private record Task(long at, long order, Runnable action) implements Comparable<Task> {
    @Override
    public int compareTo(Task other) {
      return at != other.at ? Long.compare(at, other.at) : Long.compare(order, other.order);
    }
  }

  private final PriorityQueue<Task> tasks = new PriorityQueue<>();
  private long now;
  private long order;

  Agenda(long now) {
    this.now = now;
  }

  /** The instant that the world has reached, epoch milliseconds. */
  long now() {
    return now;
  }

  /** Does it then; an instant that has passed means now. */
  void at(long instant, Runnable action) {
    tasks.add(new Task(Math.max(now, instant), order++, action));
  }

  void after(long millis, Runnable action) {
    at(now + millis, action);
  }

  /** When the next thing happens; {@link Long#MAX_VALUE} if nothing will. */
  long nextAt() {
    Task next = tasks.peek();
    return next == null ? Long.MAX_VALUE : next.at;
  }

  /** Lets the next thing happen. */
  void step() {
    Task next = tasks.remove();
    now = next.at;
    next.action.run();
  }

  /** Moves on to an instant before which nothing is left to happen. */
  void reach(long instant) {
    now = Math.max(now, instant);
  }
}
