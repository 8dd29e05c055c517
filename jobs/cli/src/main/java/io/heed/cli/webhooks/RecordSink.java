package io.heed.cli.webhooks;

import io.heed.core.model.Topic;
import java.util.concurrent.CompletableFuture;

/** Where records go. */
@FunctionalInterface
public interface RecordSink {
  /** Done once the record is safe; failed if that is not known. */
  CompletableFuture<Void> write(Topic topic, String key, byte[] value);
}
