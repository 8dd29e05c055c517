package io.heed.cli;

import io.heed.cli.local.LocalStackOptions;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** The options of every command that starts a local stack. */
final class StackOptions {
  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      defaultValue = ".heed",
      description = "Keeps everything (default: ${DEFAULT-VALUE}).")
  private Path dataDirectory;

  @Option(
      names = "--kafka-port",
      paramLabel = "PORT",
      defaultValue = "9092",
      description = "Port of Kafka, 0 for any free one (default: ${DEFAULT-VALUE}).")
  private int kafkaPort;

  @Option(
      names = "--clickhouse-port",
      paramLabel = "PORT",
      defaultValue = "8123",
      description = "HTTP port of ClickHouse, 0 for any free one (default: ${DEFAULT-VALUE}).")
  private int clickHousePort;

  @Option(
      names = "--flink-port",
      paramLabel = "PORT",
      defaultValue = "8081",
      description =
          "Port of Flink's web interface, 0 for any free one (default: ${DEFAULT-VALUE}).")
  private int flinkPort;

  @Option(
      names = "--preview-port",
      paramLabel = "PORT",
      defaultValue = "3000",
      description = "Port of the dashboards' preview (default: ${DEFAULT-VALUE}).")
  int previewPort;

  @Option(
      names = "--kafka",
      paramLabel = "HOST:PORT",
      description = "Use this Kafka instead of starting one.")
  private String kafka;

  @Option(
      names = "--clickhouse-url",
      paramLabel = "JDBC-URL",
      description =
          "Use this ClickHouse instead of starting one, such as"
              + " jdbc:clickhouse://db:8123/heed?user=heed.")
  private String clickHouseUrl;

  @Option(
      names = "--clickhouse-memory",
      paramLabel = "MB",
      defaultValue = "1024",
      description = "The most that ClickHouse may allocate (default: ${DEFAULT-VALUE}).")
  private int clickHouseMegabytes;

  @Option(
      names = "--topic-prefix",
      paramLabel = "PREFIX",
      defaultValue = "",
      description = "Put before the name of every topic (default: none).")
  private String topicPrefix;

  @Option(
      names = "--partitions",
      paramLabel = "N",
      defaultValue = "4",
      description = "Partitions of topics that are created (default: ${DEFAULT-VALUE}).")
  private int partitions;

  /** For tests of faults: a server that was killed stays away for so long. */
  @Option(names = "--restart-delay", paramLabel = "SECONDS", defaultValue = "1", hidden = true)
  private int restartDelaySeconds;

  /** The options as given; notices go to the command's standard error. */
  LocalStackOptions.Builder builder(CommandSpec spec) {
    return LocalStackOptions.builder(dataDirectory)
        .kafka(kafka)
        .kafkaPort(kafkaPort)
        .clickHouseUrl(clickHouseUrl)
        .clickHousePort(clickHousePort)
        .clickHouseMemoryBytes(clickHouseMegabytes * 1_048_576L)
        .flinkPort(flinkPort)
        .topicPrefix(topicPrefix)
        .partitions(partitions)
        .restartDelay(Duration.ofSeconds(restartDelaySeconds))
        .notices(
            line -> {
              spec.commandLine().getErr().println(line);
              spec.commandLine().getErr().flush();
            });
  }
}
