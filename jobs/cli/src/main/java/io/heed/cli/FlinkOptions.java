package io.heed.cli;

import io.heed.cli.local.LocalStackOptions;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options of every command that starts Flink. */
final class FlinkOptions {
  @Option(
      names = "--flink-port",
      paramLabel = "PORT",
      defaultValue = "" + LocalStackOptions.FLINK_PORT,
      description =
          "Port of Flink's web interface, 0 for any free one (default: ${DEFAULT-VALUE}).")
  private int flinkPort;

  @Option(
      names = "--metrics-port",
      paramLabel = "PORT",
      defaultValue = "" + LocalStackOptions.METRICS_PORT,
      description =
          "Port of Flink's metrics for Prometheus, 0 for any free one (default:"
              + " ${DEFAULT-VALUE}).")
  private int metricsPort;

  @Option(
      names = "--flink-memory",
      paramLabel = "MB",
      defaultValue = "" + LocalStackOptions.MEGABYTES,
      description = "Heap of Flink, which holds the jobs' state (default: ${DEFAULT-VALUE}).")
  private int flinkMegabytes;

  @Option(
      names = "--state-backend",
      defaultValue = "heap",
      description = "Where jobs keep state: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private LocalStackOptions.StateBackend stateBackend;

  /** Options of a stack with Flink as given. */
  LocalStackOptions.Builder builder(Path dataDirectory) {
    return LocalStackOptions.builder(dataDirectory)
        .flinkPort(flinkPort)
        .metricsPort(metricsPort)
        .flinkMegabytes(flinkMegabytes)
        .stateBackend(stateBackend);
  }
}
