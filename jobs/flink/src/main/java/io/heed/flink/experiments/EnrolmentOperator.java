package io.heed.flink.experiments;

import io.heed.core.config.ConfigException;
import io.heed.core.experiments.ExperimentPlans;
import io.heed.core.experiments.Recipient;
import io.heed.core.experiments.Tally;
import io.heed.core.experiments.Totals;
import io.heed.core.experiments.Totals.Cell;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Erasure;
import io.heed.core.model.Event;
import io.heed.core.rules.ReplyRecogniser;
import io.heed.flink.streaming.ConfiguredOperator;
import io.heed.flink.streaming.ErasedRecipients;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.KnownVersions;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.streaming.api.operators.InternalTimer;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Keeps what each recipient did, and emits how counts change by it. Changes are added up on the
 * heap and sent on before time passes a step that they count for, every second otherwise, when
 * there are many, and before a checkpoint: nothing of them has to be kept in state.
 */
final class EnrolmentOperator extends ConfiguredOperator<String, Event, CountChange> {
  private static final long serialVersionUID = 1L;
  private static final int MOST_CELLS = 20_000;
  private static final long FLUSH_EVERY_MILLIS = 1_000;
  private static final long DAY_MILLIS = 86_400_000L;

  private final KnownVersions known;
  private final long latenessMillis;
  private final long horizonMillis;

  private transient ValueState<Recipient> state;
  private transient ExperimentPlans plans;
  private transient ReplyRecogniser recogniser;
  private transient Map<String, SortedMap<Long, Map<Cell, Tally>>> changes;
  private transient long firstStep;
  private transient int cells;
  private transient long flushedAt;
  private transient Counter evicted;
  private transient ErasedRecipients erased;

  EnrolmentOperator(JobOptions options, KnownVersions known) {
    super(known);
    this.known = known;
    this.latenessMillis = options.latenessMillis();
    this.horizonMillis = options.horizonMillis();
  }

  @Override
  public void open() throws Exception {
    plans = new ExperimentPlans(latenessMillis, horizonMillis);
    super.open();
    state = getRuntimeContext().getState(ExperimentsState.RECIPIENT);
    recogniser = ReplyRecogniser.standard();
    changes = new HashMap<>();
    firstStep = Long.MAX_VALUE;
    evicted = getMetricGroup().counter("heed_evicted");
    erased = known.erased();
  }

  @Override
  protected void configure(ConfigVersion version) throws ConfigException {
    plans.add(version);
  }

  /** The operator of experiments raises the alert. */
  @Override
  protected void refused(ConfigVersion version, String problem) {}

  @Override
  @SuppressWarnings("ReferenceEquality") // the same object means that nothing has changed
  public void processElement1(StreamRecord<Event> element) throws Exception {
    Event event = element.getValue();
    if (event instanceof Erasure erasure) {
      erased.add(erasure);
      if (erased.clears(erasure, isRestored())) {
        state.clear();
      }
      return;
    }
    if (erased.covers(event)) {
      return;
    }
    Recipient stored = state.value();
    Recipient before = stored == null ? Recipient.UNKNOWN : stored;
    Recipient after = before.with(event, plans, recogniser, watermark(), this::change);
    if (after != before) {
      evicted.inc(after.evicted() - before.evicted());
      state.update(after);
      if (stored == null) {
        registerCleanUp(after);
      }
      if (cells > MOST_CELLS) {
        flush();
      }
    }
  }

  /** One timer a key, on days, since nothing is lost if something is kept for a day longer. */
  private void registerCleanUp(Recipient recipient) {
    long prunable = Math.max(recipient.prunableAt(plans), watermark());
    if (prunable < Long.MAX_VALUE - DAY_MILLIS) {
      registerTimer((Math.floorDiv(prunable, DAY_MILLIS) + 1) * DAY_MILLIS);
    }
  }

  @Override
  public void onEventTime(InternalTimer<String, VoidNamespace> timer) throws Exception {
    Recipient known = state.value();
    if (known != null) {
      Recipient kept = known.pruned(plans, watermark());
      if (kept.isUnknown()) {
        state.clear();
      } else {
        state.update(kept);
        registerCleanUp(kept);
      }
    }
  }

  private void change(String experimentId, long step, Cell cell, Tally change) {
    Map<Cell, Tally> sums =
        changes
            .computeIfAbsent(experimentId, e -> new TreeMap<>())
            .computeIfAbsent(step, s -> new HashMap<>());
    firstStep = Math.min(firstStep, step);
    int before = sums.size();
    sums.merge(cell, change, Tally::plus);
    cells += sums.size() - before;
  }

  @Override
  public void processWatermark(Watermark mark) throws Exception {
    if (firstStep <= mark.getTimestamp() || wallMillis() - flushedAt >= FLUSH_EVERY_MILLIS) {
      flush();
    }
    super.processWatermark(mark);
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
    flushedAt = wallMillis();
    changes.forEach(
        (experimentId, steps) -> {
          SortedMap<Long, Totals> totals = new TreeMap<>();
          steps.forEach((step, sums) -> totals.put(step, Totals.of(sums)));
          totals.values().removeIf(Totals::isEmpty);
          emit(new CountChange(experimentId, totals));
        });
    changes.clear();
    firstStep = Long.MAX_VALUE;
    cells = 0;
  }
}
