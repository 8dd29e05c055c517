package io.heed.flink.listhealth;

import io.heed.flink.streaming.TimedOperator;
import java.util.concurrent.ScheduledFuture;
import org.apache.flink.api.common.operators.ProcessingTimeService.ProcessingTimeCallback;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;

/**
 * An operator that gathers its output and emits it from time to time, always before a checkpoint's
 * barrier, so that what it has gathered is never state. Event time goes on only after what was
 * gathered before it.
 *
 * @param <K> type of the key; Void for none
 * @param <I> type of the inputs
 * @param <O> type of the outputs
 */
abstract class Flushes<K, I, O> extends TimedOperator<K, O>
    implements OneInputStreamOperator<I, O>, ProcessingTimeCallback {
  private static final long serialVersionUID = 1L;

  private final long intervalMillis;
  private transient Watermark held;
  private transient ScheduledFuture<?> next;

  Flushes(long intervalMillis) {
    this.intervalMillis = intervalMillis;
  }

  /** Emits what was gathered. */
  abstract void flush() throws Exception;

  @Override
  public void open() throws Exception {
    super.open();
    schedule();
  }

  @Override
  public void onProcessingTime(long time) throws Exception {
    flushAll();
    schedule();
  }

  @Override
  public void prepareSnapshotPreBarrier(long checkpoint) throws Exception {
    flushAll();
    super.prepareSnapshotPreBarrier(checkpoint);
  }

  @Override
  public void processWatermark(Watermark mark) throws Exception {
    held = mark;
    if (mark.equals(Watermark.MAX_WATERMARK)) {
      flushAll();
    }
  }

  @Override
  public void finish() throws Exception {
    flushAll();
    super.finish();
  }

  @Override
  public void close() throws Exception {
    if (next != null) {
      next.cancel(false);
    }
    super.close();
  }

  private void flushAll() throws Exception {
    flush();
    if (held != null) {
      Watermark mark = held;
      held = null;
      if (mark.equals(Watermark.MAX_WATERMARK)) {
        // A bounded input has ended, which is no reason to expire what its time would not.
        output.emitWatermark(mark);
      } else {
        super.processWatermark(mark);
      }
    }
  }

  private void schedule() {
    next = getProcessingTimeService().registerTimer(wallMillis() + intervalMillis, this);
  }
}
