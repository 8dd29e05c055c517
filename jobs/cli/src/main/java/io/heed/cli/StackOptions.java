package io.heed.cli;

import io.heed.cli.local.LocalStackOptions;
import io.heed.flink.Jobs;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.KafkaCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** The options of every command that starts a local stack. */
final class StackOptions {
  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      defaultValue = "${sys:heed.home:-.}/.heed",
      description = "Keeps everything (default: ${DEFAULT-VALUE}).")
  private Path dataDirectory;

  @Option(
      names = "--kafka-port",
      paramLabel = "PORT",
      defaultValue = "" + LocalStackOptions.KAFKA_PORT,
      description = "Port of Kafka, 0 for any free one (default: ${DEFAULT-VALUE}).")
  private int kafkaPort;

  @Option(
      names = "--clickhouse-port",
      paramLabel = "PORT",
      defaultValue = "" + LocalStackOptions.CLICKHOUSE_PORT,
      description = "HTTP port of ClickHouse, 0 for any free one (default: ${DEFAULT-VALUE}).")
  private int clickHousePort;

  @Mixin private FlinkOptions flink = new FlinkOptions();

  @Option(
      names = "--preview-port",
      paramLabel = "PORT",
      defaultValue = "3000",
      description =
          "Port of the dashboards' preview, 0 for any free one (default: ${DEFAULT-VALUE}).")
  private int previewPort;

  @Option(
      names = "--dashboards-dir",
      paramLabel = "DIR",
      defaultValue = "${sys:heed.home:-.}/dashboards/grafana/dashboards",
      description = "The dashboards that the preview draws (default: ${DEFAULT-VALUE}).")
  private Path dashboards;

  @Option(
      names = "--kafka",
      paramLabel = "HOST:PORT",
      description = "Use this Kafka instead of starting one.")
  private String kafka;

  @Option(
      names = "--kafka-config",
      paramLabel = "FILE",
      description = "Properties of Kafka clients, such as TLS and SASL; goes with --kafka.")
  private Path kafkaConfig;

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
      defaultValue = "" + LocalStackOptions.MEGABYTES,
      description = "The most that ClickHouse may allocate (default: ${DEFAULT-VALUE}).")
  private int clickHouseMegabytes;

  @Option(
      names = "--jobs",
      paramLabel = "JOB",
      split = ",",
      description = "Runs these jobs, separated by commas (default: all).")
  private List<String> jobs;

  @Option(
      names = "--job-option",
      paramLabel = "NAME=VALUE",
      description =
          "Gives an option to the jobs, such as lateness=1m; 'heed run --help' lists them.")
  private Map<String, String> jobOptions = Map.of();

  @Option(
      names = "--keep",
      paramLabel = "KIND=DURATION",
      defaultValue = "",
      description =
          "How long the warehouse keeps what, such as events=13mo,decisions=13mo (default: for"
              + " ever).")
  private String keep;

  @Option(
      names = "--config-dir",
      paramLabel = "DIR",
      defaultValue = ConfigOptions.DEFAULT_DIRECTORY,
      description = "Configuration that is applied at the start (default: ${DEFAULT-VALUE}).")
  private Path configuration;

  @Option(
      names = "--topic-prefix",
      paramLabel = "PREFIX",
      defaultValue = "",
      description = "Put before the name of every topic (default: none).")
  private String topicPrefix;

  @Option(
      names = "--partitions",
      paramLabel = "N",
      defaultValue = "" + LocalStackOptions.PARTITIONS,
      description = "Partitions of topics that are created (default: ${DEFAULT-VALUE}).")
  private int partitions;

  /** For tests of faults: a server that was killed stays away for so long. */
  @Option(names = "--restart-delay", paramLabel = "SECONDS", defaultValue = "1", hidden = true)
  private int restartDelaySeconds;

  /** The options as given; notices go to the command's standard error. */
  LocalStackOptions options(CommandSpec spec, Preview preview) {
    return flink
        .builder(dataDirectory)
        .kafka(kafka())
        .kafkaPort(kafkaPort)
        .clickHouseUrl(clickHouseUrl)
        .clickHousePort(clickHousePort)
        .clickHouseMegabytes(clickHouseMegabytes)
        .jobs(jobs())
        .jobOptions(jobOptions())
        .configuration(configuration(spec))
        .topicPrefix(topicPrefix)
        .partitions(partitions)
        .restartDelay(Duration.ofSeconds(restartDelaySeconds))
        // A preview only starts on the stack's own ClickHouse.
        .check(clickHouseUrl == null ? preview::claimPort : () -> {})
        .notices(notices(spec))
        .build();
  }

  /** The preview, not started yet. */
  Preview preview(CommandSpec spec) {
    return new Preview(dashboards, previewPort, notices(spec));
  }

  Path dataDirectory() {
    return dataDirectory;
  }

  String topicPrefix() {
    return topicPrefix;
  }

  /** The jobs to run, by name. */
  List<String> jobs() {
    return jobs == null ? List.copyOf(new TreeSet<>(Jobs.all().keySet())) : jobs;
  }

  /** Lines for the user beside a command's own output. */
  static Consumer<String> notices(CommandSpec spec) {
    return line -> {
      spec.commandLine().getErr().println(line);
      spec.commandLine().getErr().flush();
    };
  }

  private KafkaCluster kafka() {
    if (kafka == null && kafkaConfig != null) {
      throw new UserError(
          "--kafka-config %s: only goes with --kafka HOST:PORT".formatted(kafkaConfig));
    }
    return kafka == null ? null : new KafkaCluster(kafka, kafkaConfig);
  }

  private JobOptions jobOptions() {
    List<String> args = new ArrayList<>();
    jobOptions.forEach((name, value) -> args.addAll(List.of("--" + name, value)));
    if (!keep.isEmpty()) {
      args.addAll(List.of("--keep", keep));
    }
    try {
      return JobOptions.fromArgs(args.toArray(String[]::new));
    } catch (IllegalArgumentException e) {
      String message = e.getMessage();
      throw new UserError(message.startsWith("--keep") ? message : "--job-option: " + message, e);
    }
  }

  /** The default directory may be missing; one that the user names may not. */
  private Path configuration(CommandSpec spec) {
    boolean given = spec.commandLine().getParseResult().hasMatchedOption("--config-dir");
    return given || Files.isDirectory(configuration) ? configuration : null;
  }
}
