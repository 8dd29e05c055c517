package io.heed.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.HashMap;
import java.util.Map;

/** CPU time of the threads of one task of a job in this process, by polling ten times a second. */
final class TaskCpu {
  private static final long EVERY_MILLIS = 100;

  private final String task;
  private final Map<Long, Long> nanos = new HashMap<>();
  private final Thread sampler = new Thread(this::sample, "task-cpu");

  /**
   * Polls from now on.
   *
   * @param task what the names of its threads begin with
   */
  TaskCpu(String task) {
    this.task = task;
    sampler.setDaemon(true);
    sampler.start();
  }

  private void sample() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    try {
      while (true) {
        for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
          if (thread != null && thread.getThreadName().startsWith(task)) {
            long used = threads.getThreadCpuTime(thread.getThreadId());
            nanos.merge(thread.getThreadId(), used, Math::max);
          }
        }
        Thread.sleep(EVERY_MILLIS);
      }
    } catch (InterruptedException e) {
      // Called for the result.
    }
  }

  /** Ends the polling; the seconds that the threads used up to the last poll. */
  double seconds() throws InterruptedException {
    sampler.interrupt();
    sampler.join();
    return nanos.values().stream().mapToLong(Long::longValue).sum() / 1e9;
  }
}
