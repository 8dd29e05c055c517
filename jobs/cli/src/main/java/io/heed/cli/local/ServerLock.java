package io.heed.cli.local;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;

/** One server a directory: the lock that every server process holds on its own. */
final class ServerLock implements AutoCloseable {
  private static final long TIMEOUT_SECONDS = ServerMain.STOP_SECONDS + 5;
  private static final long POLL_MILLIS = 100;

  private final FileChannel channel;

  private ServerLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the lock, and waits for one who is about to leave.
   *
   * @param onWait called once if there is someone to wait for
   * @throws IOException if the lock is not released in time
   */
  static ServerLock await(Path directory, Runnable onWait)
      throws IOException, InterruptedException {
    FileChannel channel =
        FileChannel.open(
            directory.resolve("server.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
    for (FileLock lock = channel.tryLock(); lock == null; lock = channel.tryLock()) {
      if (onWait != null) {
        onWait.run();
        onWait = null;
      }
      if (System.nanoTime() > deadline) {
        channel.close();
        throw new IOException("another process still uses " + directory);
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
    return new ServerLock(channel);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
