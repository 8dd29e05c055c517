package io.heed.cli;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Supplier;

/** A command's figures for Prometheus, on loopback. */
final class MetricsPage implements AutoCloseable {
  private final HttpServer http;

  /**
   * Serves them.
   *
   * @param port null not to
   * @throws IOException if the port is taken
   */
  MetricsPage(Integer port, Supplier<String> text) throws IOException {
    if (port == null) {
      http = null;
      return;
    }
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    http.createContext(
        "/metrics",
        exchange -> {
          try (exchange) {
            byte[] body = text.get().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
          }
        });
    http.start();
  }

  Optional<String> url() {
    return Optional.ofNullable(http)
        .map(server -> "http://127.0.0.1:" + server.getAddress().getPort() + "/metrics");
  }

  @Override
  public void close() {
    if (http != null) {
      http.stop(0);
    }
  }
}
