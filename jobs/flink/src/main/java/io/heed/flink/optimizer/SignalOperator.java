package io.heed.flink.optimizer;

import io.heed.core.codec.BinaryException;
import io.heed.core.model.Erasure;
import io.heed.core.model.Event;
import io.heed.core.model.RecipientSignal;
import io.heed.core.model.Topic;
import io.heed.core.signals.Engagement;
import io.heed.core.signals.EngagementCodec;
import io.heed.core.signals.SignalPublisher;
import io.heed.flink.streaming.ErasedRecipients;
import io.heed.flink.streaming.KnownVersions;
import io.heed.flink.streaming.Output;
import io.heed.flink.streaming.TimedOperator;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.streaming.api.operators.InternalTimer;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Keeps what each recipient got and did, one value and one timer each, and emits signals. Event
 * time is that of both inputs: a timer fires once every model is there that holds at its instant.
 */
final class SignalOperator extends TimedOperator<String, Output>
    implements TwoInputStreamOperator<Event, ListModel, Output> {
  private static final long serialVersionUID = 1L;

  private final KnownVersions known;
  private final long latenessMillis;

  private transient ValueState<byte[]> state;
  private transient HeldModels models;
  private transient SignalPublisher publisher;
  private transient ErasedRecipients erased;

  SignalOperator(KnownVersions known, long latenessMillis) {
    this.known = known;
    this.latenessMillis = latenessMillis;
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    models =
        new HeldModels(
            context.getOperatorStateStore().getBroadcastState(OptimizerState.HELD_MODELS),
            latenessMillis);
  }

  @Override
  public void open() throws Exception {
    super.open();
    state = getRuntimeContext().getState(OptimizerState.ENGAGEMENT);
    publisher = new SignalPublisher(this::wallMillis, models, this::write);
    erased = known.erased();
    getMetricGroup().gauge("heed_evicted", (Gauge<Long>) publisher::evicted);
  }

  @Override
  public void processElement1(StreamRecord<Event> element) throws Exception {
    Event event = element.getValue();
    if (erased.covers(event)) {
      return;
    }
    Engagement engagement = read(state.value());
    long timer = engagement.timer();
    if (event instanceof Erasure erasure) {
      erased.add(erasure);
      if (erased.clears(erasure, isRestored())) {
        if (timer != 0) {
          deleteTimer(timer);
        }
        state.clear();
      }
    } else if (publisher.add(engagement, event, watermark())) {
      if (engagement.timer() != timer) {
        if (timer != 0) {
          deleteTimer(timer);
        }
        registerTimer(engagement.timer());
      }
      state.update(EngagementCodec.write(engagement));
    }
  }

  @Override
  public void processElement2(StreamRecord<ListModel> element) throws Exception {
    models.add(element.getValue());
  }

  @Override
  public void onEventTime(InternalTimer<String, VoidNamespace> timer) throws Exception {
    Engagement engagement = read(state.value());
    if (watermark() == Long.MAX_VALUE && !engagement.hasNews()) {
      // A bounded input has ended: time does not go on by that.
      return;
    }
    publisher.onTimer(engagement, timer.getKey());
    if (engagement.timer() != 0) {
      registerTimer(engagement.timer());
    }
    if (engagement.isEmpty()) {
      state.clear();
    } else {
      state.update(EngagementCodec.write(engagement));
    }
  }

  private static Engagement read(byte[] bytes) throws BinaryException {
    return bytes == null ? new Engagement() : EngagementCodec.read(bytes);
  }

  private void write(RecipientSignal signal) {
    emit(Output.about(signal.recipientId(), Topic.RECIPIENT_SIGNAL, signal.key(), signal));
  }
}
