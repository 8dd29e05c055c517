package io.heed.flink.listhealth;

import io.heed.core.config.ConfigException;
import io.heed.core.config.EffectiveVersions;
import io.heed.core.gate.Policy;
import io.heed.core.listhealth.AlertRules;
import io.heed.core.listhealth.CountTable;
import io.heed.core.listhealth.ListHealthPolicy;
import io.heed.core.listhealth.RowDelta;
import io.heed.core.listhealth.RowKey;
import io.heed.core.listhealth.Watched;
import io.heed.core.model.Alert;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Topic;
import io.heed.flink.streaming.ConfiguredOperator;
import io.heed.flink.streaming.KnownVersions;
import io.heed.flink.streaming.Output;
import java.util.HashSet;
import java.util.Set;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.streaming.api.operators.InternalTimer;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/** Keeps what alerts watch, one value and one timer each, and writes alerts. */
final class WatchCounts extends ConfiguredOperator<RowKey, RowDelta, Output> {
  private static final long serialVersionUID = 1L;

  private final long latenessMillis;

  private transient EffectiveVersions<ListHealthPolicy> policies;

  /** The lists that some version of a policy names. */
  private transient Set<String> policyLists;

  private transient ValueState<Watched> state;

  WatchCounts(KnownVersions known, long latenessMillis) {
    super(known);
    this.latenessMillis = latenessMillis;
  }

  @Override
  public void open() throws Exception {
    policyLists = new HashSet<>();
    policies = new EffectiveVersions<>(ListHealthPolicy.ID, ListHealthPolicy::parse);
    super.open();
    state = getRuntimeContext().getState(ListHealthState.WATCHED_COUNTS);
  }

  @Override
  protected void configure(ConfigVersion version) throws ConfigException {
    policies.add(version);
    if (version.kind().equals(Policy.KIND.name())) {
      policyLists.addAll(Policy.parse(version.key(), version.document()).lists());
    }
  }

  @Override
  public void processElement1(StreamRecord<RowDelta> element) throws Exception {
    if (isOfPolicy(element.getValue().key())) {
      return;
    }
    // Event time by the inputs: the watermark stays behind it by the lateness.
    long now = Math.max(0, watermark()) + latenessMillis;
    ListHealthPolicy policy = policy(now);
    Watched known = state.value();
    Watched watched = known == null ? new Watched() : known;
    AlertRules.count(element.getValue(), watched, now, wallMillis(), policy, this::alert);
    setTimer(watched, AlertRules.nextEvaluation((RowKey) getCurrentKey(), watched, now, policy));
    state.update(watched);
  }

  @Override
  public void onEventTime(InternalTimer<RowKey, VoidNamespace> timer) throws Exception {
    if (watermark() == Long.MAX_VALUE) {
      // A bounded input has ended: that is no silence.
      return;
    }
    long now = timer.getTimestamp() + latenessMillis;
    ListHealthPolicy policy = policy(now);
    Watched watched = state.value();
    watched.setTimer(Long.MAX_VALUE);
    RowKey subject = timer.getKey();
    if (!isOfPolicy(subject)
        && AlertRules.evaluate(subject, watched, now, wallMillis(), policy, this::alert)) {
      setTimer(watched, AlertRules.nextEvaluation(subject, watched, now, policy));
      state.update(watched);
    } else {
      state.clear();
    }
  }

  private boolean isOfPolicy(RowKey key) {
    return key.table() == CountTable.SCOPE && policyLists.contains(key.list());
  }

  private void setTimer(Watched watched, long next) {
    if (next < watched.timer()) {
      if (watched.timer() != Long.MAX_VALUE) {
        deleteTimer(watched.timer() - latenessMillis);
      }
      registerTimer(next - latenessMillis);
      watched.setTimer(next);
    }
  }

  private ListHealthPolicy policy(long instant) {
    return policies.at(ListHealthPolicy.ID, instant).orElse(ListHealthPolicy.DEFAULT);
  }

  private void alert(Alert alert) {
    emit(Output.of(Topic.ALERT, alert.key(), alert));
  }
}
