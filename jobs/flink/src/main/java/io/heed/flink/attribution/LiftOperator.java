package io.heed.flink.attribution;

import io.heed.core.attribution.Days;
import io.heed.core.attribution.LiftCodec;
import io.heed.core.attribution.LiftDelta;
import io.heed.core.attribution.LiftLedger;
import io.heed.core.model.IncrementalLiftRow;
import io.heed.core.model.Topic;
import io.heed.flink.attribution.AttributionTopology.KnownVersions;
import io.heed.flink.streaming.Output;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.streaming.api.operators.InternalTimer;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/** Adds up the matured recipients of each experiment, and evaluates its lift as days close. */
final class LiftOperator extends PolicyOperator<LiftDelta> {
  private static final long serialVersionUID = 1L;

  private transient ValueState<byte[]> state;

  LiftOperator(KnownVersions known) {
    super(known);
  }

  @Override
  public void open() throws Exception {
    super.open();
    state = getRuntimeContext().getState(AttributionTopology.LIFT);
  }

  @Override
  public void processElement1(StreamRecord<LiftDelta> element) throws Exception {
    byte[] bytes = state.value();
    LiftLedger ledger = bytes == null ? new LiftLedger() : LiftCodec.read(bytes);
    int openDay = watermark() == Long.MIN_VALUE ? Integer.MIN_VALUE : Days.of(watermark());
    registerTimer(Days.end(ledger.add(element.getValue(), openDay)));
    state.update(LiftCodec.write(ledger));
  }

  @Override
  public void onEventTime(InternalTimer<Object, VoidNamespace> timer) throws Exception {
    LiftLedger ledger = LiftCodec.read(state.value());
    int day = Days.of(timer.getTimestamp()) - 1;
    ledger.close((String) timer.getKey(), day, policies(), this::clockMicros, this::write);
    state.update(LiftCodec.write(ledger));
  }

  private void write(IncrementalLiftRow row) {
    collect(Output.of(Topic.ATTRIBUTION_RESULT, row.key(), row));
  }
}
