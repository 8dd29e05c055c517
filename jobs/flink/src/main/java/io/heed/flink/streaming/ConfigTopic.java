package io.heed.flink.streaming;

import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Configuration as jobs see it: every version that was ever applied. An operator reads the topic to
 * its end when it opens, before its first event, and takes what comes later from a broadcast
 * stream; so a restart needs no state for it.
 */
public final class ConfigTopic {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private ConfigTopic() {}

  /**
   * Every version on the topic at this moment.
   *
   * @throws IllegalStateException if Kafka does not give them within a minute
   */
  public static List<ConfigVersion> readToEnd(JobOptions options) {
    Properties properties = new Properties();
    properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, options.kafka());
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    String topic = options.topicNames().of(Topic.CONFIG);
    List<ConfigVersion> versions = new ArrayList<>();
    TopicCodec codec = new TopicCodec();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic, PATIENCE).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, PATIENCE);
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (!reached(consumer, ends)) {
        if (System.nanoTime() > deadline) {
          throw new IllegalStateException(topic + " could not be read to its end in " + PATIENCE);
        }
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          Input input = decode(codec, record);
          if (input.content() instanceof ConfigVersion version) {
            versions.add(version);
          }
        }
      }
    }
    return versions;
  }

  /** The versions as they come, also those that {@link #readToEnd} has given. */
  public static DataStream<ConfigVersion> updates(
      StreamExecutionEnvironment env, JobOptions options, String job) {
    return env.fromSource(
            KafkaInputs.source(options, job + "-config", List.of(Topic.CONFIG)),
            // Configuration takes no part in event time: it must not hold the events' time back.
            WatermarkStrategy.forGenerator(context -> new NothingToWaitFor()),
            "config",
            CompactTypeInfo.INPUT)
        .uid(job + "-config")
        .setParallelism(1)
        .flatMap(ConfigTopic::version)
        .returns(new CompactTypeInfo<>(ConfigVersion.class, new VersionSerializer()))
        .uid(job + "-config-versions")
        .setParallelism(1);
  }

  private static void version(Input input, Collector<ConfigVersion> out) {
    if (input.content() instanceof ConfigVersion version) {
      out.collect(version);
    }
  }

  private static boolean reached(KafkaConsumer<?, ?> consumer, Map<TopicPartition, Long> ends) {
    return ends.entrySet().stream().allMatch(e -> consumer.position(e.getKey()) >= e.getValue());
  }

  private static Input decode(TopicCodec codec, ConsumerRecord<byte[], byte[]> record) {
    return Input.decode(
        codec,
        Topic.CONFIG,
        record.partition(),
        record.offset(),
        record.timestamp(),
        record.key(),
        record.value());
  }

  private static final class NothingToWaitFor implements WatermarkGenerator<Input> {
    @Override
    public void onEvent(Input input, long timestamp, WatermarkOutput output) {}

    @Override
    public void onPeriodicEmit(WatermarkOutput output) {
      // Not a watermark far ahead: it would decide alone whenever the events' input is idle.
      output.markIdle();
    }
  }

  /** Between operators only: configuration is never kept in state. */
  public static final class VersionSerializer extends BinarySerializer<ConfigVersion> {
    private static final long serialVersionUID = 1L;

    @Override
    public void write(ConfigVersion version, BinaryWriter out) {
      out.writeText(version.kind());
      out.writeText(version.id());
      out.writeText(version.configHash());
      out.writeSigned(version.effectiveFrom());
      out.writeSigned(version.publishedAt());
      out.writeText(version.document());
    }

    @Override
    public ConfigVersion read(BinaryReader in) throws IOException {
      return new ConfigVersion(
          in.readText(),
          in.readText(),
          in.readText(),
          in.readSigned(),
          in.readSigned(),
          in.readText());
    }
  }
}
