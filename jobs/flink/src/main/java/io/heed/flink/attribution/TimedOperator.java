package io.heed.flink.attribution;

import io.heed.flink.streaming.Output;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.InternalTimer;
import org.apache.flink.streaming.api.operators.InternalTimerService;
import org.apache.flink.streaming.api.operators.Triggerable;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;

/** A keyed operator of two inputs with event-time timers, one of whose inputs tells the time. */
abstract class TimedOperator<I, J> extends AbstractStreamOperator<Output>
    implements TwoInputStreamOperator<I, J, Output>, Triggerable<Object, VoidNamespace> {
  private static final long serialVersionUID = 1L;

  private transient InternalTimerService<VoidNamespace> timers;

  @Override
  public void open() throws Exception {
    super.open();
    timers = getInternalTimerService("timers", VoidNamespaceSerializer.INSTANCE, this);
  }

  long watermark() {
    return timers.currentWatermark();
  }

  void registerTimer(long instant) {
    timers.registerEventTimeTimer(VoidNamespace.INSTANCE, instant);
  }

  void deleteTimer(long instant) {
    timers.deleteEventTimeTimer(VoidNamespace.INSTANCE, instant);
  }

  long clockMicros() {
    return getProcessingTimeService().getCurrentProcessingTime() * 1_000;
  }

  @Override
  public void onProcessingTime(InternalTimer<Object, VoidNamespace> timer) {
    throw new IllegalStateException("there are no timers on the wall clock");
  }
}
