package io.heed.flink.optimizer;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import io.heed.core.config.ConfigException;
import io.heed.core.gate.Optimise;
import io.heed.core.gate.Optimise.OptOuts;
import io.heed.core.gate.PolicyBook;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Topic;
import io.heed.core.model.ValueModelVersion;
import io.heed.core.outcomes.DayCounts;
import io.heed.core.outcomes.ListLedger;
import io.heed.core.outcomes.ModelPublisher;
import io.heed.flink.streaming.ConfiguredOperator;
import io.heed.flink.streaming.KnownVersions;
import io.heed.flink.streaming.Output;
import java.time.Duration;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.streaming.api.operators.InternalTimer;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/** Closes the days of lists, and publishes the value model that follows from each. */
final class ListOperator extends ConfiguredOperator<String, ListDelta, Output> {
  private static final long serialVersionUID = 1L;
  private static final long DAY = Duration.ofDays(1).toMillis();

  private final long latenessMillis;

  private transient ValueState<byte[]> ledgers;
  private transient MapState<Integer, byte[]> days;
  private transient PolicyBook policies;

  ListOperator(KnownVersions known, long latenessMillis) {
    super(known);
    this.latenessMillis = latenessMillis;
  }

  @Override
  public void open() throws Exception {
    policies = new PolicyBook();
    super.open();
    ledgers = getRuntimeContext().getState(OptimizerState.LEDGER);
    days = getRuntimeContext().getMapState(OptimizerState.DAYS);
  }

  @Override
  protected void configure(ConfigVersion version) throws ConfigException {
    policies.add(version);
  }

  @Override
  public void processElement1(StreamRecord<ListDelta> element) throws Exception {
    ListDelta delta = element.getValue();
    // What comes after its day has closed counts on the day that is open.
    int open = watermark() == Long.MIN_VALUE ? 0 : (int) Math.floorDiv(watermark(), DAY);
    int day = Math.max(delta.day(), open);
    byte[] known = days.get(day);
    DayCounts counts = known == null ? new DayCounts() : read(known);
    counts.merge(delta.counts());
    BinaryWriter out = new BinaryWriter();
    counts.write(out);
    days.put(day, out.toByteArray());
    registerTimer(end(day));
  }

  private static DayCounts read(byte[] bytes) throws BinaryException {
    return BinaryReader.whole(new BinaryReader(bytes), DayCounts::read);
  }

  private static long end(int day) {
    return (day + 1) * DAY;
  }

  @Override
  public void onEventTime(InternalTimer<String, VoidNamespace> timer) throws Exception {
    int day = (int) Math.floorDiv(timer.getTimestamp(), DAY) - 1;
    byte[] counted = days.get(day);
    if (watermark() == Long.MAX_VALUE && counted == null) {
      // A bounded input has ended: time does not go on by that.
      return;
    }
    ListLedger ledger = ListLedger.read(ledgers.value());
    Optimise policy = policies.optimiseAt(timer.getKey(), timer.getTimestamp());
    ledger.close(
        day,
        counted == null ? null : read(counted),
        policy == null ? ModelPublisher.MARGIN : policy.margin(),
        policy != null && policy.optOuts() == OptOuts.AT_MOST_CONTROL);
    days.remove(day);
    if (ledger.isEmpty()) {
      ledgers.clear();
      return;
    }
    ValueModelVersion version =
        ModelPublisher.version(timer.getKey(), ledger, latenessMillis, wallMillis());
    ledgers.update(ledger.write());
    output.collect(
        OptimizerState.LIST_MODELS,
        new StreamRecord<>(new ListModel(timer.getKey(), ledger.model(), ledger.delays())));
    emit(Output.of(Topic.VALUE_MODEL, version.key(), version));
    registerTimer(end(day + 1));
  }
}
