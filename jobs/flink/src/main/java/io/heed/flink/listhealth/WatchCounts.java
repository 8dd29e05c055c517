package io.heed.flink.listhealth;

import io.heed.core.config.ConfigException;
import io.heed.core.config.EffectiveVersions;
import io.heed.core.listhealth.AlertRules;
import io.heed.core.listhealth.ListHealthPolicy;
import io.heed.core.listhealth.RowDelta;
import io.heed.core.listhealth.RowKey;
import io.heed.core.listhealth.Watched;
import io.heed.core.model.Alert;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Topic;
import io.heed.flink.listhealth.ListHealthTopology.Versions;
import io.heed.flink.streaming.Output;
import java.util.function.Consumer;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;
import org.apache.flink.util.Collector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps what alerts watch, one value and one timer each, and writes alerts. */
final class WatchCounts
    extends KeyedBroadcastProcessFunction<RowKey, RowDelta, ConfigVersion, Output> {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(WatchCounts.class);

  private final Versions versions;
  private final long latenessMillis;

  private transient EffectiveVersions<ListHealthPolicy> policies;
  private transient ValueState<Watched> state;

  WatchCounts(Versions versions, long latenessMillis) {
    this.versions = versions;
    this.latenessMillis = latenessMillis;
  }

  @Override
  public void open(OpenContext context) {
    policies = new EffectiveVersions<>(ListHealthPolicy.ID, ListHealthPolicy::parse);
    versions.read().forEach(this::add);
    state = getRuntimeContext().getState(ListHealthTopology.WATCHED_COUNTS);
  }

  private void add(ConfigVersion version) {
    try {
      policies.add(version);
    } catch (ConfigException e) {
      LOG.error("A version of the policy is wrong and not used: {}", e.getMessage());
    }
  }

  @Override
  public void processBroadcastElement(
      ConfigVersion version, Context context, Collector<Output> out) {
    add(version);
  }

  @Override
  public void processElement(RowDelta delta, ReadOnlyContext context, Collector<Output> out)
      throws Exception {
    // Event time as the inputs have shown it: the watermark stays behind it by the lateness.
    long now = Math.max(0, context.timerService().currentWatermark()) + latenessMillis;
    ListHealthPolicy policy = policy(now);
    Watched known = state.value();
    Watched watched = known == null ? new Watched() : known;
    AlertRules.count(delta, watched, now, context.currentProcessingTime(), policy, alerts(out));
    setTimer(
        watched,
        AlertRules.nextLook(context.getCurrentKey(), watched, now, policy),
        context.timerService());
    state.update(watched);
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<Output> out)
      throws Exception {
    if (context.timerService().currentWatermark() == Long.MAX_VALUE) {
      // A bounded input has ended: that is no silence.
      return;
    }
    long now = timestamp + latenessMillis;
    ListHealthPolicy policy = policy(now);
    Watched watched = state.value();
    watched.setTimer(Long.MAX_VALUE);
    RowKey subject = context.getCurrentKey();
    if (AlertRules.look(
        subject, watched, now, context.currentProcessingTime(), policy, alerts(out))) {
      setTimer(watched, AlertRules.nextLook(subject, watched, now, policy), context.timerService());
      state.update(watched);
    } else {
      state.clear();
    }
  }

  private void setTimer(Watched watched, long next, TimerService timers) {
    if (next < watched.timer()) {
      if (watched.timer() != Long.MAX_VALUE) {
        timers.deleteEventTimeTimer(watched.timer() - latenessMillis);
      }
      timers.registerEventTimeTimer(next - latenessMillis);
      watched.setTimer(next);
    }
  }

  private ListHealthPolicy policy(long instant) {
    return policies.at(ListHealthPolicy.ID, instant).orElse(ListHealthPolicy.DEFAULT);
  }

  private static Consumer<Alert> alerts(Collector<Output> out) {
    return alert -> out.collect(Output.of(Topic.ALERT, alert.key(), alert));
  }
}
