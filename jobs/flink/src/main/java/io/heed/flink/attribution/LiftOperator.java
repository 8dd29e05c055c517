package io.heed.flink.attribution;

import io.heed.core.attribution.AttributionPolicies;
import io.heed.core.attribution.Days;
import io.heed.core.attribution.LiftCodec;
import io.heed.core.attribution.LiftDelta;
import io.heed.core.attribution.LiftLedger;
import io.heed.core.attribution.OptimizerTrial;
import io.heed.core.config.ConfigException;
import io.heed.core.gate.Optimise;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.ExperimentDecision;
import io.heed.core.model.IncrementalLiftRow;
import io.heed.core.model.Topic;
import io.heed.flink.streaming.ConfiguredOperator;
import io.heed.flink.streaming.KnownVersions;
import io.heed.flink.streaming.Output;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.streaming.api.operators.InternalTimer;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/** Adds up the matured recipients of each experiment, and evaluates its lift as days close. */
final class LiftOperator extends ConfiguredOperator<String, LiftDelta, Output> {
  private static final long serialVersionUID = 1L;

  private final long latenessMillis;

  private transient ValueState<byte[]> state;
  private transient AttributionPolicies policies;

  LiftOperator(KnownVersions known, long latenessMillis) {
    super(known);
    this.latenessMillis = latenessMillis;
  }

  @Override
  public void open() throws Exception {
    policies = new AttributionPolicies();
    super.open();
    state = getRuntimeContext().getState(AttributionState.LIFT);
  }

  @Override
  protected void configure(ConfigVersion version) throws ConfigException {
    policies.add(version);
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
  public void onEventTime(InternalTimer<String, VoidNamespace> timer) throws Exception {
    LiftLedger ledger = LiftCodec.read(state.value());
    int day = Days.of(timer.getTimestamp()) - 1;
    List<IncrementalLiftRow> rows = new ArrayList<>();
    ledger.close(timer.getKey(), day, policies, this::wallMicros, rows::add);
    rows.forEach(this::write);
    if (Optimise.isKey(timer.getKey())) {
      decide(timer.getKey(), ledger, rows);
    }
    state.update(LiftCodec.write(ledger));
  }

  /** Holds two times the lateness later: by then every gate has it, as with value models. */
  private void decide(String key, LiftLedger ledger, List<IncrementalLiftRow> rows) {
    Duration later = Duration.ofMillis(2 * latenessMillis);
    ExperimentDecision decision =
        OptimizerTrial.decide(key, ledger, rows, policies, later, wallMillis());
    if (decision != null) {
      emit(Output.of(Topic.EXPERIMENT, decision.key(), decision));
    }
  }

  private void write(IncrementalLiftRow row) {
    emit(Output.of(Topic.ATTRIBUTION_RESULT, row.key(), row));
  }
}
