package io.heed.flink.pipeline;

import io.heed.core.model.JsonCodec;
import io.heed.core.model.PipelineMetric;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicNames;
import io.heed.flink.streaming.KafkaCluster;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricConfig;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.reporter.MetricReporter;
import org.apache.flink.metrics.reporter.Scheduled;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a chosen few of Flink's metrics to {@code sms.pipeline-metric}, as often as Flink's option
 * {@code metrics.reporter.NAME.interval} says. What cannot be written is let go: the next one comes
 * soon, and figures about jobs must not hold the jobs up.
 */
public final class PipelineReporter implements MetricReporter, Scheduled {
  private static final Logger LOG = LoggerFactory.getLogger(PipelineReporter.class);
  private static final JsonCodec<PipelineMetric> CODEC = JsonCodec.of(PipelineMetric.class);

  private final Map<Metric, Figure> figures = new ConcurrentHashMap<>();
  private final Consumer<PipelineMetric> out;
  private final Runnable close;
  private final LongSupplier clock;

  PipelineReporter(Consumer<PipelineMetric> out, Runnable close, LongSupplier clock) {
    this.out = out;
    this.close = close;
    this.clock = clock;
  }

  /** To Kafka. */
  static PipelineReporter to(KafkaCluster kafka, String topicPrefix) {
    Properties properties =
        kafka.client(
            Map.of(
                ProducerConfig.CLIENT_ID_CONFIG,
                topicPrefix + "heed-pipeline-reporter",
                ProducerConfig.ACKS_CONFIG,
                "1",
                ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                "false",
                ProducerConfig.LINGER_MS_CONFIG,
                "100",
                ProducerConfig.BUFFER_MEMORY_CONFIG,
                "2097152",
                ProducerConfig.MAX_BLOCK_MS_CONFIG,
                "0"));
    KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    String topic = new TopicNames(topicPrefix).of(Topic.PIPELINE_METRIC);
    return new PipelineReporter(
        metric -> {
          var unused =
              producer.send(
                  new ProducerRecord<>(
                      topic, metric.job().getBytes(StandardCharsets.UTF_8), CODEC.write(metric)));
        },
        () -> producer.close(Duration.ZERO),
        System::currentTimeMillis);
  }

  @Override
  public void open(MetricConfig config) {
    // The factory has read what there is to read.
  }

  @Override
  public void close() {
    close.run();
  }

  @Override
  public void notifyOfAddedMetric(Metric metric, String metricName, MetricGroup group) {
    Figure figure = Figure.of(metric, metricName, group.getAllVariables());
    if (figure != null) {
      figures.put(metric, figure);
    }
  }

  @Override
  public void notifyOfRemovedMetric(Metric metric, String metricName, MetricGroup group) {
    figures.remove(metric);
  }

  @Override
  public void report() {
    long now = clock.getAsLong();
    for (Figure figure : figures.values()) {
      try {
        PipelineMetric value = figure.read(now);
        if (value != null) {
          out.accept(value);
        }
      } catch (RuntimeException e) {
        // One that cannot be read, such as of a task that is being closed, hides no other.
        LOG.warn("a figure is not reported: {}", e.toString());
      }
    }
  }
}
