package io.heed.flink.streaming;

import io.heed.core.config.ConfigException;
import io.heed.core.model.ConfigVersion;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * A keyed operator that follows the configuration: it knows every version before its first record,
 * and takes new ones from its second input. Only the first input moves event time: the second is
 * always far ahead, and would decide alone whenever the first is idle.
 *
 * @param <K> type of the key
 * @param <I> type of the first input
 * @param <O> type of the outputs
 */
public abstract class ConfiguredOperator<K, I, O> extends TimedOperator<K, O>
    implements TwoInputStreamOperator<I, ConfigVersion, O> {
  private static final long serialVersionUID = 1L;

  private final KnownVersions known;

  private transient Counter badDocuments;

  protected ConfiguredOperator(KnownVersions known) {
    this.known = known;
  }

  /** Reads the known versions: what {@link #configure} needs has to be there before. */
  @Override
  public void open() throws Exception {
    super.open();
    badDocuments = getMetricGroup().counter("heed_bad_documents");
    for (ConfigVersion version : known.get()) {
      add(version);
    }
  }

  @Override
  public void processElement2(StreamRecord<ConfigVersion> version) throws Exception {
    add(version.getValue());
  }

  private void add(ConfigVersion version) throws Exception {
    try {
      configure(version);
    } catch (ConfigException e) {
      // "heed apply" refuses such a document; what held before goes on.
      badDocuments.inc();
      refused(version, e.getMessage());
    }
  }

  /**
   * Takes a version.
   *
   * @throws ConfigException if its document is wrong
   */
  protected abstract void configure(ConfigVersion version) throws Exception;

  /** A version cannot be used. */
  protected void refused(ConfigVersion version, String problem) {
    LOG.warn("{} is not used: {}", version.key(), problem);
  }

  @Override
  public final void processWatermark1(Watermark mark) throws Exception {
    processWatermark(mark);
  }

  @Override
  public final void processWatermark2(Watermark mark) {
    // Carries no event time.
  }
}
