package io.heed.flink.attribution;

import io.heed.core.attribution.Attribution;
import io.heed.core.attribution.AttributionPolicies;
import io.heed.core.attribution.AttributionPolicy;
import io.heed.core.attribution.Days;
import io.heed.core.attribution.History;
import io.heed.core.attribution.HistoryCodec;
import io.heed.core.attribution.LiftDelta;
import io.heed.core.attribution.LiftFact;
import io.heed.core.attribution.MarkovCredit;
import io.heed.core.attribution.PathFact;
import io.heed.core.attribution.TransitionCounts;
import io.heed.core.config.ConfigException;
import io.heed.core.model.AttributionCreditRow;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Erasure;
import io.heed.core.model.Event;
import io.heed.core.model.Topic;
import io.heed.flink.streaming.ConfiguredOperator;
import io.heed.flink.streaming.ErasedRecipients;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.KnownVersions;
import io.heed.flink.streaming.Output;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.operators.InternalTimer;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Keeps what each recipient did, and writes the rows that change by it. Paths and units are added
 * up on the heap, and sent on before time goes on and before a checkpoint, so that nothing of the
 * sums has to be kept in state, and one experiment that takes all the traffic costs its operator a
 * few records a second.
 */
final class AttributionOperator extends ConfiguredOperator<String, Event, Output>
    implements Attribution.Sink {
  private static final long serialVersionUID = 1L;
  private static final int MOST_SUMS = 10_000;
  private static final long LONGEST_JUMP = 366 * Days.MILLIS;

  private final KnownVersions known;
  private final long horizonMillis;

  private transient ValueState<byte[]> state;
  private transient AttributionPolicies policies;
  private transient Attribution attribution;
  private transient Map<Integer, TransitionCounts> paths;
  private transient Map<LiftDelta.Arm, LiftDelta> units;
  private transient Counter evicted;
  private transient long newestEvent;
  private transient ErasedRecipients erased;

  AttributionOperator(JobOptions options, KnownVersions known) {
    super(known);
    this.known = known;
    this.horizonMillis = options.horizonMillis();
  }

  @Override
  public void open() throws Exception {
    policies = new AttributionPolicies();
    super.open();
    state = getRuntimeContext().getState(AttributionState.HISTORY);
    attribution = new Attribution(policies, horizonMillis, this::wallMicros);
    paths = new HashMap<>();
    units = new HashMap<>();
    evicted = getMetricGroup().counter("heed_evicted");
    erased = known.erased();
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    // What a restored state holds may be from any time.
    newestEvent = context.isRestored() ? Long.MAX_VALUE : Long.MIN_VALUE;
  }

  @Override
  protected void configure(ConfigVersion version) throws ConfigException {
    policies.add(version);
  }

  @Override
  public void processElement1(StreamRecord<Event> element) throws Exception {
    if (element.getValue() instanceof Erasure erasure) {
      erase(erasure);
      return;
    }
    if (erased.covers(element.getValue())) {
      return;
    }
    newestEvent = Math.max(newestEvent, element.getValue().eventTime());
    byte[] bytes = state.value();
    History history = bytes == null ? new History() : HistoryCodec.read(bytes);
    long timer = history.timer();
    long evictedBefore = history.evicted();
    if (attribution.apply(history, element.getValue(), watermark(), this)) {
      evicted.inc(history.evicted() - evictedBefore);
      if (history.timer() != timer) {
        if (timer != History.NONE) {
          deleteTimer(timer);
        }
        registerTimer(history.timer());
      }
      state.update(HistoryCodec.write(history));
    }
  }

  private void erase(Erasure erasure) throws Exception {
    erased.add(erasure);
    if (erased.clears(erasure, isRestored())) {
      byte[] bytes = state.value();
      long timer = bytes == null ? History.NONE : HistoryCodec.read(bytes).timer();
      if (timer != History.NONE) {
        deleteTimer(timer);
      }
      state.clear();
      markov(MarkovCredit.erased(erasure.recipientId()));
    }
  }

  @Override
  public void processElement2(StreamRecord<ConfigVersion> version) throws Exception {
    super.processElement2(version);
    boolean datedBack = version.getValue().effectiveFrom() <= newestEvent;
    if (datedBack && version.getValue().kind().equals(AttributionPolicy.KIND.name())) {
      getKeyedStateBackend()
          .applyToAllKeys(
              VoidNamespace.INSTANCE,
              VoidNamespaceSerializer.INSTANCE,
              AttributionState.HISTORY,
              (recipientId, value) -> restate((String) recipientId, value));
    }
  }

  private void restate(String recipientId, ValueState<byte[]> value) throws Exception {
    History history = HistoryCodec.read(value.value());
    if (attribution.restate(history, recipientId, this)) {
      value.update(HistoryCodec.write(history));
    }
  }

  @Override
  public void onEventTime(InternalTimer<String, VoidNamespace> timer) throws Exception {
    History history = HistoryCodec.read(state.value());
    // One timer does what is due on all days up to now. When input ends, event time is no date.
    long reached = Math.min(watermark(), timer.getTimestamp() + LONGEST_JUMP);
    attribution.close(history, timer.getKey(), reached, this);
    if (history.isEmpty()) {
      state.clear();
    } else {
      registerTimer(history.timer());
      state.update(HistoryCodec.write(history));
    }
  }

  @Override
  public void row(AttributionCreditRow row) {
    emit(Output.about(row.recipientId(), Topic.ATTRIBUTION_RESULT, row.key(), row));
  }

  @Override
  public void markov(MarkovCredit credit) {
    output.collect(AttributionState.CLOSED, new StreamRecord<>(credit));
  }

  @Override
  public void path(PathFact path) {
    paths.computeIfAbsent(path.day(), day -> new TransitionCounts()).add(path);
  }

  @Override
  public void unit(LiftFact unit) {
    units.merge(LiftDelta.armOf(unit), LiftDelta.of(unit), LiftDelta::plus);
    if (units.size() > MOST_SUMS) {
      flush();
    }
  }

  @Override
  public void processWatermark(Watermark mark) throws Exception {
    getTimeServiceManager().orElseThrow().advanceWatermark(mark);
    // What a day holds has to be there before the day closes for those who come next.
    flush();
    output.emitWatermark(mark);
  }

  @Override
  public void prepareSnapshotPreBarrier(long checkpointId) throws Exception {
    flush();
    super.prepareSnapshotPreBarrier(checkpointId);
  }

  @Override
  public void finish() throws Exception {
    flush();
    super.finish();
  }

  private void flush() {
    paths.forEach(
        (day, counts) -> {
          if (!counts.isEmpty()) {
            output.collect(
                AttributionState.PATHS, new StreamRecord<>(new DayTransitions(day, counts)));
          }
        });
    paths.clear();
    units.values().forEach(u -> output.collect(AttributionState.UNITS, new StreamRecord<>(u)));
    units.clear();
  }
}
