package io.heed.cli.local;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;

/**
 * Main class of the Kafka process: one broker that is its own controller, on loopback.
 *
 * <p>Arguments: the directory, the port for clients, the port for the controller.
 */
final class KafkaServer implements ServerMain.Server {
  private final Path directory;
  private final int port;
  private final int controllerPort;
  private KafkaRaftServer server;

  private KafkaServer(Path directory, int port, int controllerPort) {
    this.directory = directory;
    this.port = port;
    this.controllerPort = controllerPort;
  }

  public static void main(String[] args) {
    Path directory = Path.of(args[0]);
    ServerMain.run(
        directory,
        new KafkaServer(directory, Integer.parseInt(args[1]), Integer.parseInt(args[2])));
  }

  @Override
  public void start() throws IOException {
    Properties properties = properties();
    Path file = directory.resolve("server.properties");
    try (Writer writer = Files.newBufferedWriter(file)) {
      properties.store(writer, "Written at every start");
    }
    if (Files.notExists(directory.resolve("data/meta.properties"))) {
      format(file);
    }
    server = new KafkaRaftServer(KafkaConfig.fromProps(properties, false), Time.SYSTEM);
    server.startup();
  }

  private static void format(Path file) {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    int status =
        StorageTool.execute(
            new String[] {"format", "-t", Uuid.randomUuid().toString(), "-c", file.toString()},
            new PrintStream(output, true, StandardCharsets.UTF_8));
    if (status != 0) {
      throw new IllegalStateException(
          "cannot format the storage: " + output.toString(StandardCharsets.UTF_8));
    }
  }

  @Override
  public void await() {
    server.awaitShutdown();
  }

  @Override
  public void stop() {
    if (server != null) {
      server.shutdown();
      server.awaitShutdown();
    }
  }

  private Properties properties() throws IOException {
    Properties properties = new Properties();
    try (InputStream resource = KafkaServer.class.getResourceAsStream("kafka.properties")) {
      properties.load(resource);
    }
    properties.put("log.dirs", directory.resolve("data").toString());
    properties.put("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
    properties.put(
        "listeners",
        "PLAINTEXT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d".formatted(port, controllerPort));
    return properties;
  }
}
