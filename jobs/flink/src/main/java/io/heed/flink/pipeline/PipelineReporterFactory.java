package io.heed.flink.pipeline;

import io.heed.flink.streaming.KafkaCluster;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.flink.metrics.reporter.MetricReporter;
import org.apache.flink.metrics.reporter.MetricReporterFactory;

/**
 * Takes {@code kafka}, the bootstrap servers, {@code kafka-config}, a file of client properties
 * (default none), and {@code topic-prefix} (default empty). A class of its own, since the dollar
 * sign in the name of an inner one does not survive the configuration of Flink's image.
 */
public final class PipelineReporterFactory implements MetricReporterFactory {
  @Override
  public MetricReporter createMetricReporter(Properties properties) {
    String kafka = properties.getProperty("kafka");
    if (kafka == null) {
      throw new IllegalArgumentException(
          "metrics.reporter.<name>.kafka, the bootstrap servers, is needed");
    }
    String config = properties.getProperty("kafka-config", "");
    return PipelineReporter.to(
        new KafkaCluster(kafka, config.isEmpty() ? null : Path.of(config)),
        properties.getProperty("topic-prefix", ""));
  }
}
