package io.heed.flink.streaming;

import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Configuration as jobs read it: every version that was ever applied. An operator reads the topic
 * to its end when it opens, before its first event, and takes what comes later from a broadcast
 * stream; so a restart needs no state for it.
 */
public final class ConfigTopic {
  private ConfigTopic() {}

  /**
   * Every version on the topic at this moment.
   *
   * @throws IllegalStateException if Kafka gives nothing for a minute
   */
  public static List<ConfigVersion> readToEnd(JobOptions options) {
    List<ConfigVersion> versions = new ArrayList<>();
    TopicCodec codec = new TopicCodec();
    try (TopicReader reader = new TopicReader(options, "heed-config")) {
      reader.readToEnd(
          Topic.CONFIG,
          Map.of(),
          record -> {
            if (decode(codec, record).content() instanceof ConfigVersion version) {
              versions.add(version);
            }
          });
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
        .returns(CompactTypeInfo.ofRecords(ConfigVersion.class))
        .uid(job + "-config-versions")
        .setParallelism(1);
  }

  private static void version(Input input, Collector<ConfigVersion> out) {
    if (input.content() instanceof ConfigVersion version) {
      out.collect(version);
    }
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
}
