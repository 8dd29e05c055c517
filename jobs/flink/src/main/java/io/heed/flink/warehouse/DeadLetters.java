package io.heed.flink.warehouse;

import io.heed.core.model.DeadLetter;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicNames;
import io.heed.flink.streaming.Input;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.Output;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichFlatMapFunction;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.util.Collector;

/**
 * Makes a dead letter of every record that cannot be read, once: at a start it looks up what was
 * written since the last checkpoint and leaves that out. Letters of one partition lie in one
 * partition, in order, so the last offset that was set aside covers all before it.
 *
 * <p>A tombstone on a compacted topic is Kafka's way to remove a key and no broken record.
 */
final class DeadLetters extends RichFlatMapFunction<Input, Output> implements CheckpointedFunction {
  private static final long serialVersionUID = 1L;

  /** By as much the broker's clock may lag behind ours. */
  private static final Duration CLOCK_SKEW = Duration.ofMinutes(10);

  private static final ListStateDescriptor<Long> CHECKPOINT_TIME =
      new ListStateDescriptor<>("checkpoint-time", Types.LONG);

  /**
   * Returns, by {@link WrittenLetters#source}, the last offset whose letter was written since an
   * instant.
   */
  @FunctionalInterface
  interface Lookup extends Serializable {
    Map<String, Long> lastOffsets(long sinceMillis);
  }

  private final JobOptions options;
  private final Lookup written;
  private transient TopicNames names;
  private transient ListState<Long> checkpointTime;
  private transient Map<String, Long> lastWritten;
  private transient Counter letters;

  DeadLetters(JobOptions options) {
    this(options, since -> WrittenLetters.lastOffsets(options, since));
  }

  DeadLetters(JobOptions options, Lookup written) {
    this.options = options;
    this.written = written;
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    checkpointTime = context.getOperatorStateStore().getUnionListState(CHECKPOINT_TIME);
    long since = Long.MAX_VALUE;
    for (long time : checkpointTime.get()) {
      since = Math.min(since, time - CLOCK_SKEW.toMillis());
    }
    // Without a checkpoint everything is read again, so everything counts.
    lastWritten = written.lastOffsets(since == Long.MAX_VALUE ? 0 : since);
  }

  @Override
  public void open(OpenContext context) {
    names = options.topicNames();
    letters = getRuntimeContext().getMetricGroup().counter("heed_dead_letters");
  }

  @Override
  public void flatMap(Input input, Collector<Output> out) {
    if (input.unreadable() == null || isTombstone(input)) {
      return;
    }
    String topic = names.of(input.topic());
    String source = WrittenLetters.source(topic, input.partition());
    if (input.offset() > lastWritten.getOrDefault(source, -1L)) {
      DeadLetter letter =
          DeadLetter.of(
              input.unreadable(), topic, input.partition(), input.offset(), input.value());
      out.collect(Output.about(source, Topic.DEAD_LETTER, letter.key(), letter));
      letters.inc();
    }
  }

  private static boolean isTombstone(Input input) {
    return input.value() == null && input.topic().retention() == Topic.Retention.COMPACTED;
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    checkpointTime.update(List.of(context.getCheckpointTimestamp()));
  }
}
