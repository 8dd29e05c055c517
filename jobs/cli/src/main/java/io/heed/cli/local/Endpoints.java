package io.heed.cli.local;

import io.heed.flink.streaming.KafkaCluster;
import java.nio.file.Path;

/**
 * Where the servers of a stack are. What the stack does not have is null.
 *
 * @param kafka bootstrap servers, {@code host:port}
 * @param kafkaConfig file of client properties; null where none is needed
 * @param clickHouseUrl JDBC URL with the database
 * @param readerPasswordFile password of ClickHouse user {@code heed_reader}; null for a server of
 *     the user's own
 * @param flinkUrl web interface and REST
 * @param metricsUrl Flink's metrics, for Prometheus
 */
public record Endpoints(
    String kafka,
    Path kafkaConfig,
    String clickHouseUrl,
    Path readerPasswordFile,
    String flinkUrl,
    String metricsUrl) {

  /** Kafka as clients reach it. */
  public KafkaCluster cluster() {
    return new KafkaCluster(kafka, kafkaConfig);
  }

  /** The user of ClickHouse that {@link #readerPasswordFile} is for. */
  public String readerName() {
    return ClickHouseConfig.READER;
  }
}
