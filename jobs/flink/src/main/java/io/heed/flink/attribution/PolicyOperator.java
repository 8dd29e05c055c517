package io.heed.flink.attribution;

import io.heed.core.attribution.AttributionPolicies;
import io.heed.core.config.ConfigException;
import io.heed.core.model.ConfigVersion;
import io.heed.flink.attribution.AttributionTopology.KnownVersions;
import io.heed.flink.streaming.Output;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * An operator that follows the policy: it knows every version before its first record, and learns
 * of new ones from its second input, which says nothing about the time of events.
 */
abstract class PolicyOperator<I> extends TimedOperator<I, ConfigVersion> {
  private static final long serialVersionUID = 1L;

  private final KnownVersions known;

  private transient AttributionPolicies policies;
  private transient Counter badDocuments;

  PolicyOperator(KnownVersions known) {
    this.known = known;
  }

  @Override
  public void open() throws Exception {
    super.open();
    policies = new AttributionPolicies();
    badDocuments = getMetricGroup().counter("heed_bad_documents");
    known.get().forEach(this::learn);
  }

  @Override
  public void processElement2(StreamRecord<ConfigVersion> version) throws Exception {
    learn(version.getValue());
  }

  private void learn(ConfigVersion version) {
    try {
      policies.add(version);
    } catch (ConfigException e) {
      // "heed apply" refuses such a document; whoever publishes one goes on with what held before.
      badDocuments.inc();
      LOG.warn("version {} is left out: {}", version.key(), e.getMessage());
    }
  }

  AttributionPolicies policies() {
    return policies;
  }

  void collect(Output row) {
    output.collect(new StreamRecord<>(row));
  }

  @Override
  public void processWatermark1(Watermark mark) throws Exception {
    processWatermark(mark);
  }

  @Override
  public void processWatermark2(Watermark mark) {
    // The second input is always far ahead, and would decide alone while the first is idle.
  }
}
