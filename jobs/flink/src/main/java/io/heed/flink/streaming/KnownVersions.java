package io.heed.flink.streaming;

import io.heed.core.model.ConfigVersion;
import java.io.Serializable;
import java.util.List;

/** What is known when an operator opens, before its first record. */
@FunctionalInterface
public interface KnownVersions extends Serializable {
  /** Every version of configuration that was ever published. */
  List<ConfigVersion> get();

  /** Who was erased. */
  default ErasedRecipients erased() {
    return ErasedRecipients.none();
  }

  /** What the topics hold when it is read. */
  static KnownVersions inKafka(JobOptions options) {
    return new InKafka(options);
  }

  /** Reads the topics to their ends. */
  record InKafka(JobOptions options) implements KnownVersions {
    @Override
    public List<ConfigVersion> get() {
      return ConfigTopic.readToEnd(options);
    }

    @Override
    public ErasedRecipients erased() {
      return ErasureTopic.readToEnd(options);
    }
  }
}
