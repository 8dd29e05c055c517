package io.heed.flink.warehouse;

import io.heed.core.model.KeyedHash;
import io.heed.flink.streaming.ErasedRecipients;
import io.heed.flink.streaming.ErasureTopic;
import io.heed.flink.streaming.Input;
import io.heed.flink.streaming.JobOptions;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;

/**
 * Writes inputs into their tables, at least once; the tables make it exactly once for readers.
 *
 * <p>Not Flink's JDBC sink: that one takes one table a sink, inserts in the task's thread while
 * reading stands still, gives every error a number of attempts and then restarts the job, and
 * cannot distinguish a database that is away from a row that it will never take.
 */
final class WarehouseSink implements Sink<Input> {
  private static final long serialVersionUID = 1L;

  private final JobOptions options;

  WarehouseSink(JobOptions options) {
    this.options = options;
  }

  @Override
  public SinkWriter<Input> createWriter(WriterInitContext context) {
    WriterMetrics metrics = new WriterMetrics(context.metricGroup());
    Database database = new Database(options);
    KeyedHash key = ErasureTopic.key(options);
    ErasureTopic erasures = new ErasureTopic(options);
    ErasedRecipients erased;
    try {
      erased = new ErasedRecipients(key, erasures.news());
    } catch (RuntimeException e) {
      // This is tried again for as long as Kafka or the key is missing.
      erasures.close();
      throw e;
    }
    return new WarehouseWriter(
        options.topicNames(),
        new BatchQueue(() -> new DatabaseStore(database), metrics),
        context.getProcessingTimeService(),
        erasures,
        erased);
  }
}
