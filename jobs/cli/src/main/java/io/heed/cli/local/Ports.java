package io.heed.cli.local;

import io.heed.cli.UserError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Ports on loopback. */
public final class Ports {
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
  static int free() {
    try {
      return bind(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int bind(int port) throws IOException {
    try (ServerSocket socket = new ServerSocket()) {
      // As servers do, so that connections which linger after a restart do not count as taken.
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return socket.getLocalPort();
    }
  }
}
