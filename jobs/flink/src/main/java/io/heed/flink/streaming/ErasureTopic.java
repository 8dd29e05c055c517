package io.heed.flink.streaming;

import io.heed.core.config.FileProblem;
import io.heed.core.model.Erasure;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.KeyedHash;
import io.heed.core.model.Topic;
import io.heed.core.model.UnreadableException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** The erasures on their topic, as far as it was read. One thread at a time may use it. */
public final class ErasureTopic implements ErasureFeed {
  private static final JsonCodec<Erasure> CODEC = JsonCodec.of(Erasure.class);

  private final TopicReader reader;
  private final Map<Integer, Long> next = new HashMap<>();

  /** What was read and not given yet: all of it, if reading broke off. */
  private final List<Erasure> read = new ArrayList<>();

  public ErasureTopic(JobOptions options) {
    reader = new TopicReader(options, "heed-erasure");
  }

  /**
   * Who was erased up to this moment.
   *
   * @throws IllegalStateException if Kafka gives nothing for a minute, or the key is missing
   */
  public static ErasedRecipients readToEnd(JobOptions options) {
    try (ErasureTopic topic = new ErasureTopic(options)) {
      return new ErasedRecipients(key(options), topic.news());
    }
  }

  @Override
  public List<Erasure> news() {
    reader.readToEnd(Topic.ERASURE, next, this::take);
    List<Erasure> news = List.copyOf(read);
    read.clear();
    return news;
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    next.put(record.partition(), record.offset() + 1);
    try {
      if (record.value() != null) {
        read.add(CODEC.read(record.value()));
      }
    } catch (UnreadableException e) {
      // Not written by Heed; the warehouse sets it aside.
    }
  }

  /** The key that recipients are hashed with, or null. */
  public static KeyedHash key(JobOptions options) {
    Path file = options.erasureKey();
    try {
      return file == null ? null : KeyedHash.fromFile(file);
    } catch (IOException e) {
      throw new IllegalStateException("--erasure-key " + file + ": " + FileProblem.of(e), e);
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException("--erasure-key %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  @Override
  public void close() {
    reader.close();
  }
}
