package io.heed.flink.optimizer;

import io.heed.core.model.Topic;
import io.heed.core.model.ValueModelVersion;
import io.heed.core.optimizer.DelayCurve;
import io.heed.core.optimizer.ModelBuilder;
import io.heed.core.optimizer.OptimiseSettings;
import io.heed.core.optimizer.ValueModel;
import io.heed.core.outcomes.CampaignFact;
import io.heed.core.outcomes.CampaignLedger;
import io.heed.core.outcomes.ModelPublisher;
import io.heed.flink.streaming.Output;
import io.heed.flink.streaming.TimedOperator;
import java.time.Duration;
import java.util.Iterator;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ScheduledFuture;
import org.apache.flink.api.common.operators.ProcessingTimeService.ProcessingTimeCallback;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.operators.InternalTimer;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Counts what campaigns bring as soon as it is known, and publishes their factors while clicks come
 * in: event time, which stays behind by the lateness, would be too late for those who wait for the
 * pilot.
 */
final class CampaignOperator extends TimedOperator<Long, Output>
    implements TwoInputStreamOperator<CampaignFact, ListModel, Output>, ProcessingTimeCallback {
  private static final long serialVersionUID = 1L;
  private static final long INTERVAL_MILLIS = 5_000;
  private static final long MINUTE = 60_000;

  /** A campaign is kept for so long after its last fact. */
  private static final long KEPT_MILLIS = Duration.ofDays(7).toMillis();

  private final long latenessMillis;

  private transient ValueState<byte[]> state;
  private transient BroadcastState<String, ListModel> models;

  /** Campaigns whose factors may still change. */
  private transient Set<Long> young;

  /** What holds before the first day of a list has closed. */
  private transient ValueModel initial;

  private transient long newestMinute;
  private transient ScheduledFuture<?> nextTick;

  CampaignOperator(long latenessMillis) {
    this.latenessMillis = latenessMillis;
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    models = context.getOperatorStateStore().getBroadcastState(OptimizerState.MODELS);
  }

  @Override
  public void open() throws Exception {
    super.open();
    state = getRuntimeContext().getState(OptimizerState.CAMPAIGN);
    young = new TreeSet<>();
    getKeyedStateBackend()
        .applyToAllKeys(
            VoidNamespace.INSTANCE,
            VoidNamespaceSerializer.INSTANCE,
            OptimizerState.CAMPAIGN,
            (key, value) -> {
              // Which of them are young no longer the first tick finds out.
              young.add((Long) key);
              newestMinute =
                  Math.max(newestMinute, CampaignLedger.read(value.value()).lastMinute());
            });
    initial = ModelBuilder.initial(OptimiseSettings.uncapped(ModelPublisher.MARGIN, 0), 1);
    nextTick = getProcessingTimeService().registerTimer(wallMillis() + INTERVAL_MILLIS, this);
  }

  @Override
  public void processElement1(StreamRecord<CampaignFact> element) throws Exception {
    CampaignFact fact = element.getValue();
    byte[] known = state.value();
    CampaignLedger ledger =
        known == null
            ? new CampaignLedger(fact.list(), fact.campaign())
            : CampaignLedger.read(known);
    ledger.add(fact, model(fact.list()).model());
    state.update(ledger.write());
    newestMinute = Math.max(newestMinute, fact.minute());
    young.add(fact.key());
    if (known == null) {
      registerTimer(fact.minute() * MINUTE + KEPT_MILLIS);
    }
  }

  @Override
  public void processElement2(StreamRecord<ListModel> element) throws Exception {
    models.put(element.getValue().list(), element.getValue());
  }

  private ListModel model(String list) throws Exception {
    ListModel known = models.get(list);
    return known == null ? new ListModel(list, initial, new DelayCurve()) : known;
  }

  @Override
  public void onProcessingTime(long ignored) throws Exception {
    long inTime = watermark() == Long.MIN_VALUE || watermark() == Long.MAX_VALUE ? 0 : watermark();
    long now = Math.max(newestMinute, (inTime + latenessMillis) / MINUTE);
    for (Iterator<Long> all = young.iterator(); all.hasNext(); ) {
      setCurrentKey(all.next());
      byte[] known = state.value();
      CampaignLedger ledger = known == null ? null : CampaignLedger.read(known);
      if (ledger == null || !ledger.isYoung(now)) {
        all.remove();
      }
      if (ledger != null) {
        publish(ledger, now);
      }
    }
    nextTick = getProcessingTimeService().registerTimer(wallMillis() + INTERVAL_MILLIS, this);
  }

  private void publish(CampaignLedger ledger, long minute) throws Exception {
    ListModel known = model(ledger.list());
    ValueModelVersion next = ledger.next(known.model(), known.delays(), minute, wallMillis());
    if (next != null) {
      emit(Output.of(Topic.VALUE_MODEL, next.key(), next));
      state.update(ledger.write());
    }
  }

  @Override
  public void onEventTime(InternalTimer<Long, VoidNamespace> timer) throws Exception {
    CampaignLedger ledger = CampaignLedger.read(state.value());
    long next = ledger.lastMinute() * MINUTE + KEPT_MILLIS;
    if (next > timer.getTimestamp()) {
      registerTimer(next);
    } else {
      state.clear();
    }
  }

  @Override
  public void processWatermark1(Watermark mark) throws Exception {
    processWatermark(mark);
  }

  @Override
  public void processWatermark2(Watermark mark) {
    // Models come after the facts of their day, and carry no time of their own.
  }

  @Override
  public void close() throws Exception {
    if (nextTick != null) {
      nextTick.cancel(false);
    }
    super.close();
  }
}
