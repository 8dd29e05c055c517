package io.heed.flink.streaming;

import io.heed.core.model.RecipientIds;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import io.heed.core.model.TopicNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.KafkaSourceBuilder;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What a job reads: records of Kafka topics, decoded, with timestamps and watermarks. */
public final class KafkaInputs {
  private KafkaInputs() {}

  /**
   * All records of {@code topics} and the watermark records, from the oldest that Kafka has, or
   * from where the job's checkpoint stands. One source reads them all, so that one operator
   * observes how far each partition has come.
   *
   * @param job name of the job: its consumer group, and the prefix of the operators' uids
   */
  public static DataStream<Input> read(
      StreamExecutionEnvironment env, JobOptions options, String job, List<Topic> topics) {
    List<Topic> read = new ArrayList<>(topics);
    read.add(Topic.TIME_MARK);
    SingleOutputStreamOperator<Input> raw =
        env.fromSource(
                source(options, job, read),
                WatermarkStrategy.noWatermarks(),
                "kafka",
                CompactTypeInfo.INPUT)
            .uid(job + "-kafka");
    return inTime(raw, options, job);
  }

  static KafkaSource<Input> source(JobOptions options, String job, List<Topic> topics) {
    KafkaSourceBuilder<Input> source =
        KafkaSource.<Input>builder()
            .setProperties(options.cluster().client(Map.of()))
            .setTopics(options.topicNames().of(topics))
            .setGroupId(options.topicPrefix() + "heed-" + job)
            .setClientIdPrefix(options.topicPrefix() + "heed-" + job)
            .setStartingOffsets(OffsetsInitializer.earliest())
            .setProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed")
            .setProperty("partition.discovery.interval.ms", "60000")
            .setDeserializer(new Decoder(options.topicPrefix(), options.defaultCountry()));
    if (options.bounded()) {
      source.setBounded(OffsetsInitializer.latest());
    }
    return source.build();
  }

  /** Gives inputs of any source their timestamps and watermarks. */
  public static DataStream<Input> inTime(DataStream<Input> inputs, JobOptions options, String job) {
    return inputs
        .transform("event-time", CompactTypeInfo.INPUT, new EventTimeOperator(options))
        .uid(job + "-event-time");
  }

  private static final class Decoder implements KafkaRecordDeserializationSchema<Input> {
    private static final long serialVersionUID = 1L;

    private final String prefix;
    private final String country;
    private transient TopicNames names;
    private transient TopicCodec codec;

    Decoder(String prefix, String country) {
      this.prefix = prefix;
      this.country = country;
    }

    @Override
    public void open(DeserializationSchema.InitializationContext context) {
      names = new TopicNames(prefix);
      codec = new TopicCodec(new RecipientIds(country));
      context
          .getMetricGroup()
          .gauge("heed_rewritten_recipients", (Gauge<Long>) codec.ids()::rewritten);
    }

    @Override
    public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<Input> out) {
      out.collect(
          Input.decode(
              codec,
              names.topic(record.topic()),
              record.partition(),
              record.offset(),
              record.timestamp(),
              record.key(),
              record.value()));
    }

    @Override
    public TypeInformation<Input> getProducedType() {
      return CompactTypeInfo.INPUT;
    }
  }
}
