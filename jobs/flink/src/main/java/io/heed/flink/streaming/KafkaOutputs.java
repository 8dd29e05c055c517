package io.heed.flink.streaming;

import io.heed.core.model.TopicNames;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.utils.Utils;

/**
 * What a job writes: at least once, since exactly once would hold every decision back until the
 * next checkpoint. Compacted topics, deterministic ids and versions make a repeated record
 * harmless.
 */
public final class KafkaOutputs {
  private KafkaOutputs() {}

  /** Writes {@code outputs}; {@code name} is unique within the job. */
  public static void write(
      DataStream<Output> outputs, JobOptions options, String job, String name) {
    KafkaSink<Output> sink =
        KafkaSink.<Output>builder()
            .setKafkaProducerConfig(options.cluster().client(Map.of()))
            .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
            .setProperty(ProducerConfig.LINGER_MS_CONFIG, "2")
            .setProperty(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4")
            // Each batch pays for a compressor of 128 KB; a job that catches up fills large ones.
            .setProperty(ProducerConfig.BATCH_SIZE_CONFIG, "131072")
            // A broker that is away for minutes is waited for, not failed over.
            .setProperty(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, "900000")
            .setProperty(ProducerConfig.MAX_BLOCK_MS_CONFIG, "900000")
            .setRecordSerializer(new Encoder(options.topicPrefix()))
            .build();
    outputs.sinkTo(sink).name(name).uid(job + "-" + name);
  }

  private static final class Encoder implements KafkaRecordSerializationSchema<Output> {
    private static final long serialVersionUID = 1L;

    private final String prefix;
    private transient TopicNames names;

    Encoder(String prefix) {
      this.prefix = prefix;
    }

    @Override
    public ProducerRecord<byte[], byte[]> serialize(
        Output output, KafkaSinkContext context, Long timestamp) {
      if (names == null) {
        names = new TopicNames(prefix);
      }
      String topic = names.of(output.topic());
      int partitions = context.getPartitionsForTopic(topic).length;
      byte[] by = output.partitionBy().getBytes(StandardCharsets.UTF_8);
      // As Kafka's default partitioner places the key.
      int partition = Utils.toPositive(Utils.murmur2(by)) % partitions;
      return new ProducerRecord<>(
          topic, partition, output.key().getBytes(StandardCharsets.UTF_8), output.value());
    }
  }
}
