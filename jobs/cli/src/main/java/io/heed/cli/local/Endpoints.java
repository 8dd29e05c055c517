package io.heed.cli.local;

import java.nio.file.Path;

/**
 * Where the servers of a stack are. What the stack does not have is null.
 *
 * @param kafka bootstrap servers, {@code host:port}
 * @param clickHouseUrl JDBC URL with the database
 * @param readerPasswordFile password of ClickHouse user {@code heed_reader}; null for a server of
 *     the user's own
 * @param flinkUrl web interface and REST
 * @param metricsUrl Flink's metrics, for Prometheus
 */
public record Endpoints(
    String kafka,
    String clickHouseUrl,
    Path readerPasswordFile,
    String flinkUrl,
    String metricsUrl) {

  /** The user of ClickHouse that {@link #readerPasswordFile} is for. */
  public String readerName() {
    return ClickHouseConfig.READER;
  }
}
