package io.heed.flink.experiments;

import io.heed.core.config.ConfigException;
import io.heed.core.experiments.ExperimentPlan;
import io.heed.core.experiments.ExperimentPlans;
import io.heed.core.model.ConfigVersion;
import io.heed.flink.experiments.ExperimentsTopology.KnownVersions;
import io.heed.flink.streaming.JobOptions;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.InternalTimer;
import org.apache.flink.streaming.api.operators.InternalTimerService;
import org.apache.flink.streaming.api.operators.Triggerable;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * What both operators share: they know the experiments' files before their first record, learn of
 * changes from a second input, and have event-time timers. Only the first input tells the time: the
 * second is always far ahead, and would decide alone whenever the first is idle.
 */
abstract class ConfiguredOperator<I, O> extends AbstractStreamOperator<O>
    implements TwoInputStreamOperator<I, ConfigVersion, O>, Triggerable<String, VoidNamespace> {
  private static final long serialVersionUID = 1L;

  private final long latenessMillis;
  private final long horizonMillis;
  private final KnownVersions known;

  private transient ExperimentPlans plans;
  private transient InternalTimerService<VoidNamespace> timers;
  private transient Counter badDocuments;

  ConfiguredOperator(JobOptions options, KnownVersions known) {
    this.latenessMillis = options.latenessMillis();
    this.horizonMillis = options.horizonMillis();
    this.known = known;
  }

  @Override
  public void open() throws Exception {
    super.open();
    plans = new ExperimentPlans(latenessMillis, horizonMillis);
    badDocuments = getMetricGroup().counter("heed_bad_documents");
    timers = getInternalTimerService("timers", VoidNamespaceSerializer.INSTANCE, this);
    for (ConfigVersion version : known.get()) {
      learn(version);
    }
  }

  @Override
  public void processElement2(StreamRecord<ConfigVersion> version) throws Exception {
    learn(version.getValue());
  }

  private void learn(ConfigVersion version) throws Exception {
    ExperimentPlan plan;
    try {
      plan = plans.add(version);
    } catch (ConfigException e) {
      badDocuments.inc();
      refused(version, e.getMessage());
      return;
    }
    if (plan != null) {
      planned(version, plan);
    }
  }

  /** A plan is new or has changed. */
  void planned(ConfigVersion version, ExperimentPlan plan) throws Exception {}

  /** A version cannot be used. */
  void refused(ConfigVersion version, String problem) {}

  ExperimentPlans plans() {
    return plans;
  }

  long horizonMillis() {
    return horizonMillis;
  }

  long watermark() {
    return timers.currentWatermark();
  }

  void registerTimer(long instant) {
    timers.registerEventTimeTimer(VoidNamespace.INSTANCE, instant);
  }

  long wallClock() {
    return getProcessingTimeService().getCurrentProcessingTime();
  }

  @Override
  public void onProcessingTime(InternalTimer<String, VoidNamespace> timer) {
    throw new IllegalStateException("there are no timers on the wall clock");
  }

  @Override
  public void processWatermark1(Watermark mark) throws Exception {
    processWatermark(mark);
  }

  @Override
  public void processWatermark2(Watermark mark) {
    // Says nothing about events.
  }
}
