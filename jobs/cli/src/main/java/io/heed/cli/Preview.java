package io.heed.cli;

import io.heed.cli.local.Endpoints;
import io.heed.cli.local.Ports;
import io.heed.preview.ClickHouse;
import io.heed.preview.Dashboards;
import io.heed.preview.PreviewServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The preview of the dashboards beside a stack. A stack is worth having without it, so what is in
 * its way is reported and not an error.
 */
final class Preview implements AutoCloseable {
  private static final String JDBC = "jdbc:clickhouse:";

  private final Path directory;
  private final Consumer<String> notices;
  private int port;
  private PreviewServer server;

  Preview(Path directory, int port, Consumer<String> notices) {
    this.directory = directory;
    this.port = port;
    this.notices = notices;
  }

  /**
   * Makes sure of the port, so that a mistake shows before the long wait.
   *
   * @throws UserError if it is taken
   */
  void claimPort() {
    port = Ports.claim(port, "the preview", "--preview-port");
  }

  /** Starts it on a stack's own ClickHouse, as the user that can only read. */
  Preview start(Endpoints endpoints) {
    if (endpoints.readerPasswordFile() == null) {
      notices.accept("No preview: it needs the stack's own ClickHouse; use Grafana");
    } else if (!Files.isDirectory(directory)) {
      notices.accept("No preview: there is no directory " + directory);
    } else {
      try {
        server = PreviewServer.start(new Dashboards(directory), clickHouse(endpoints), port);
      } catch (IOException e) {
        notices.accept("No preview: " + e.getMessage());
      }
    }
    return this;
  }

  private static ClickHouse clickHouse(Endpoints endpoints) throws IOException {
    URI jdbc = URI.create("http:" + endpoints.clickHouseUrl().substring(JDBC.length()));
    return new ClickHouse(
        jdbc,
        jdbc.getPath().substring(1),
        endpoints.readerName(),
        Files.readString(endpoints.readerPasswordFile()).strip());
  }

  /** Where it is, if it runs. */
  Optional<String> url() {
    return Optional.ofNullable(server).map(PreviewServer::url);
  }

  @Override
  public void close() {
    if (server != null) {
      server.close();
    }
  }
}
