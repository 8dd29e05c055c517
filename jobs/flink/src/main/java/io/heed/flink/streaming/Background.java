package io.heed.flink.streaming;

import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work beside the task's thread, the one way of doing it: whatever ends a piece of work before its
 * time, an {@link Error} and an interrupt too, is logged, kept, and thrown to the task by {@link
 * #check}, so that Flink restarts it. Nothing ends unnoticed.
 */
public final class Background implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Background.class);

  /** A piece of work. */
  @FunctionalInterface
  public interface Work {
    /** Does it. */
    void run() throws Exception;
  }

  private final ExecutorService threads;
  private volatile boolean closed;
  private volatile IOException failure;

  /**
   * Starts no thread yet.
   *
   * @param name of the threads
   * @param count how many there are at most
   */
  public Background(String name, int count) {
    threads =
        Executors.newFixedThreadPool(
            count,
            work -> {
              Thread thread = new Thread(work, name);
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Does {@code work} as soon as a thread is free.
   *
   * @param failed what to report if it fails, such as "cannot write to table events"
   * @param last is done at its end, whatever happens
   */
  public void run(String failed, Work work, Runnable last) {
    threads.execute(
        () -> {
          try {
            work.run();
          } catch (Throwable e) {
            keep(failed, e);
          } finally {
            last.run();
          }
        });
  }

  private void keep(String failed, Throwable e) {
    if (closed) {
      return;
    }
    LOG.error("{}", failed, e);
    if (failure == null) {
      failure = new IOException(failed + ": " + e, e);
    }
  }

  /**
   * Whether everything went well so far.
   *
   * @throws IOException what ended a piece of work
   */
  public void check() throws IOException {
    if (failure != null) {
      throw new IOException(failure.getMessage(), failure);
    }
  }

  public boolean isClosed() {
    return closed;
  }

  /** Interrupts what is under way, and does not wait for it. */
  @Override
  public void close() {
    closed = true;
    threads.shutdownNow();
  }
}
