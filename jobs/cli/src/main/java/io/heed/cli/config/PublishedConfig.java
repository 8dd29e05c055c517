package io.heed.cli.config;

import io.heed.cli.UserError;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.Topic;
import io.heed.flink.streaming.ConfigTopic;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.KafkaTopics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The versions of configuration on {@code sms.config} of one deployment. */
public final class PublishedConfig {
  private static final JsonCodec<ConfigVersion> CODEC = JsonCodec.of(ConfigVersion.class);

  private final JobOptions options;

  /** The deployment that a job with these options belongs to. */
  public PublishedConfig(JobOptions options) {
    this.options = options;
  }

  /**
   * What a directory has that is not published here.
   *
   * @param effectiveFrom of documents that do not state it; null: from now on
   * @throws UserError if Kafka does not respond or a document may not follow its last version
   */
  public ConfigChanges changes(Path directory, List<ConfigFile> files, Instant effectiveFrom)
      throws InterruptedException {
    return ConfigChanges.between(versions(), directory, files, Instant.now(), effectiveFrom);
  }

  /**
   * Every version; none where nothing was ever applied.
   *
   * @throws UserError if Kafka does not respond
   */
  public List<ConfigVersion> versions() throws InterruptedException {
    try {
      return KafkaTopics.visible(options.cluster()).contains(options.topicNames().of(Topic.CONFIG))
          ? ConfigTopic.readToEnd(options)
          : List.of();
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new UserError(e.getMessage(), e);
    } catch (KafkaException e) {
      throw new UserError("configuration cannot be read from Kafka: " + e.getMessage(), e);
    }
  }

  /**
   * Publishes changes; returns when Kafka has them all.
   *
   * @throws UserError if Kafka refuses one
   */
  public void publish(ConfigChanges changes) throws InterruptedException {
    String topic = options.topicNames().of(Topic.CONFIG);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            options.cluster().client(Map.of(ProducerConfig.ACKS_CONFIG, "all")),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      List<Future<?>> sent = new ArrayList<>();
      for (ConfigChanges.Change change : changes.changes()) {
        byte[] key = change.next().key().getBytes(StandardCharsets.UTF_8);
        sent.add(producer.send(new ProducerRecord<>(topic, key, CODEC.write(change.next()))));
      }
      for (Future<?> record : sent) {
        record.get();
      }
    } catch (ExecutionException | KafkaException e) {
      Throwable cause = e instanceof ExecutionException ? e.getCause() : e;
      throw new UserError(
          "configuration cannot be published on %s: %s%s"
              .formatted(
                  topic,
                  cause.getMessage(),
                  cause instanceof AuthorizationException ? "; grant the user WRITE on it" : ""),
          e);
    }
  }
}
