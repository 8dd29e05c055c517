package io.heed.flink.streaming;

import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.InternalTimer;
import org.apache.flink.streaming.api.operators.InternalTimerService;
import org.apache.flink.streaming.api.operators.Triggerable;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Base of the jobs' operators: the wall clock, and where the operator is keyed, event-time timers.
 *
 * @param <K> type of the key
 * @param <O> type of the outputs
 */
public abstract class TimedOperator<K, O> extends AbstractStreamOperator<O>
    implements Triggerable<K, VoidNamespace> {
  private static final long serialVersionUID = 1L;

  private transient InternalTimerService<VoidNamespace> timers;
  private transient boolean restored;

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    restored = context.isRestored();
  }

  /** Whether it goes on from a checkpoint. */
  protected final boolean isRestored() {
    return restored;
  }

  @Override
  public void open() throws Exception {
    super.open();
    if (getKeyedStateBackend() != null) {
      timers = getInternalTimerService("timers", VoidNamespaceSerializer.INSTANCE, this);
    }
  }

  /** How far event time has come, {@link Long#MIN_VALUE} before the first watermark. */
  protected final long watermark() {
    return timers.currentWatermark();
  }

  /** Sets an event-time timer of the current key, epoch milliseconds. */
  protected final void registerTimer(long instant) {
    timers.registerEventTimeTimer(VoidNamespace.INSTANCE, instant);
  }

  protected final void deleteTimer(long instant) {
    timers.deleteEventTimeTimer(VoidNamespace.INSTANCE, instant);
  }

  /** The wall clock, epoch milliseconds. */
  protected final long wallMillis() {
    return getProcessingTimeService().getCurrentProcessingTime();
  }

  /** The wall clock in microseconds, for versions of rows. */
  protected final long wallMicros() {
    return wallMillis() * 1_000;
  }

  protected final void emit(O record) {
    output.collect(new StreamRecord<>(record));
  }

  @Override
  public void onEventTime(InternalTimer<K, VoidNamespace> timer) throws Exception {
    throw new IllegalStateException("there are no timers");
  }

  @Override
  public final void onProcessingTime(InternalTimer<K, VoidNamespace> timer) {
    throw new IllegalStateException("there are no timers on the wall clock");
  }
}
