package io.heed.cli.local;

import io.heed.cli.UserError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Ports on loopback. */
public final class Ports {
  /**
   * Where Linux begins to take ports for outgoing connections, unless it is configured otherwise. A
   * free port below stays free until its server starts; one above may be a client's by then.
   */
  private static final int EPHEMERAL = 32_768;

  private static final int LOWEST = 10_000;
  private static final int ATTEMPTS = 100;

  private Ports() {}

  /**
   * The port if a server can listen on it; for 0, any free one.
   *
   * @param server who wants it, for the message
   * @param option the option that gives another one, for the message
   * @throws UserError if it is taken
   */
  public static int claim(int port, String server, String option) {
    try {
      return bind(port);
    } catch (IOException | IllegalArgumentException e) {
      throw new UserError(
          "port %d, which %s needs, is not free (%s): stop what listens there or give another port with %s"
              .formatted(port, server, e.getMessage(), option),
          e);
    }
  }

  /** A port that is free now. */
  public static int free() {
    try {
      return bind(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int bind(int port) throws IOException {
    if (port != 0) {
      return tryBind(port);
    }
    for (int attempt = 1; ; attempt++) {
      try {
        return tryBind(ThreadLocalRandom.current().nextInt(LOWEST, EPHEMERAL));
      } catch (IOException e) {
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private static int tryBind(int port) throws IOException {
    try (ServerSocket socket = new ServerSocket()) {
      // As servers do, so that connections which linger after a restart do not count as taken.
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return socket.getLocalPort();
    }
  }
}
