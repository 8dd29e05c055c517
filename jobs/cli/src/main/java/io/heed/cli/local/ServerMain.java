package io.heed.cli.local;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.apache.logging.log4j.LogManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Start and end of one server of the stack, seen from inside its JVM.
 *
 * <p>The server stops cleanly when its standard input ends (the parent closed it, or died) and on
 * SIGTERM. It holds a lock on its directory, so that a new one waits until an orphan has left. The
 * JVM always leaves by {@link Runtime#halt}: native exit handlers of an embedded engine never run,
 * and a stop that hangs cannot keep the process alive.
 */
final class ServerMain {
  /** A server; every method is called once. */
  interface Server {
    /** Returns when the server takes requests. */
    void start() throws Exception;

    /** Returns, or throws, when the server has ended although no stop was requested. */
    void await() throws Exception;

    /** Ends the server with all that it acknowledged kept. */
    void stop() throws Exception;
  }

  private static final Logger LOG = LoggerFactory.getLogger(ServerMain.class);

  /** After this a stop that hangs ends in a halt. */
  static final long STOP_SECONDS = 15;

  private static volatile boolean inputEnded;
  private static volatile boolean stopping;

  private ServerMain() {}

  static void run(Path directory, Server server) {
    Locale.setDefault(Locale.ROOT);
    try {
      // Held until the process ends, whatever ends it.
      ServerLock.await(directory, () -> LOG.info("waiting for another process on {}", directory));
      Thread hook = new Thread(() -> stop(server), "stop");
      Runtime.getRuntime().addShutdownHook(hook);
      Thread parent = new Thread(ServerMain::stopWithInput, "parent-watch");
      parent.setDaemon(true);
      parent.start();
      server.start();
      LOG.info("started");
      server.await();
      if (!stopping) {
        fail(new IllegalStateException("the server ended although no stop was requested"));
      }
    } catch (Throwable e) {
      if (!stopping) {
        fail(e);
      }
    }
  }

  private static void fail(Throwable e) {
    LOG.error("failed", e);
    LogManager.shutdown();
    Runtime.getRuntime().halt(1);
  }

  private static void stopWithInput() {
    try {
      while (System.in.read() >= 0) {
        // Nothing is ever sent; only the end counts.
      }
    } catch (IOException e) {
      LOG.warn("standard input is broken, as if it had ended", e);
    }
    inputEnded = true;
    System.exit(0);
  }

  private static void stop(Server server) {
    stopping = true;
    Thread deadline =
        new Thread(
            () -> {
              try {
                TimeUnit.SECONDS.sleep(STOP_SECONDS);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              Runtime.getRuntime().halt(1);
            },
            "stop-deadline");
    deadline.setDaemon(true);
    deadline.start();
    // A library that calls System.exit also comes here: only the parent's wish is a success.
    int status = inputEnded ? 0 : 1;
    try {
      server.stop();
      LOG.info("stopped");
    } catch (Throwable e) {
      LOG.error("did not stop cleanly", e);
      status = 1;
    }
    LogManager.shutdown();
    Runtime.getRuntime().halt(status);
  }
}
