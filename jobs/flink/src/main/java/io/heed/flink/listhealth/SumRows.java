package io.heed.flink.listhealth;

import io.heed.core.listhealth.RecipientFacts;
import io.heed.core.listhealth.ResultRows;
import io.heed.core.listhealth.RowDelta;
import io.heed.core.listhealth.RowKey;
import io.heed.core.model.ResultRow;
import io.heed.core.model.Topic;
import io.heed.flink.streaming.Output;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.operators.InternalTimer;
import org.apache.flink.streaming.api.operators.InternalTimerService;
import org.apache.flink.streaming.api.operators.Triggerable;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Keeps the totals of rows and writes each row that has changed, at least every 5 seconds together
 * with the second that differences may have waited before they came here.
 */
final class SumRows extends Flushes<RowDelta, Output>
    implements Triggerable<RowKey, VoidNamespace> {
  private static final long serialVersionUID = 1L;
  private static final long INTERVAL_MILLIS = 3_000;

  /** Rows that wait at most: some ten megabytes. */
  private static final int MOST_ROWS = 100_000;

  private final long keepMillis;

  private transient ValueState<RowTotal> state;
  private transient InternalTimerService<VoidNamespace> timers;
  private transient Map<RowKey, long[]> changed;

  SumRows(long horizonMillis) {
    super(INTERVAL_MILLIS);
    // Longer than any recipient's facts, which may lie within the row's day.
    this.keepMillis = horizonMillis + RecipientFacts.CONTEXT_MILLIS + Duration.ofDays(2).toMillis();
  }

  @Override
  public void open() throws Exception {
    changed = new HashMap<>();
    state = getPartitionedState(ListHealthTopology.ROW_TOTALS);
    timers = getInternalTimerService("expire", VoidNamespaceSerializer.INSTANCE, this);
    super.open();
  }

  @Override
  public void processElement(StreamRecord<RowDelta> element) throws Exception {
    RowDelta delta = element.getValue();
    long[] sum = changed.putIfAbsent(delta.key(), delta.counts());
    if (sum != null) {
      changed.put(delta.key(), sum(sum, delta.counts()));
    } else if (changed.size() >= MOST_ROWS) {
      flush();
    }
  }

  private static long[] sum(long[] a, long[] b) {
    long[] sum = a.clone();
    for (int i = 0; i < b.length; i++) {
      sum[i] += b[i];
    }
    return sum;
  }

  @Override
  void flush() throws Exception {
    long clockMicros = getProcessingTimeService().getCurrentProcessingTime() * 1_000;
    for (Map.Entry<RowKey, long[]> change : changed.entrySet()) {
      RowKey key = change.getKey();
      setCurrentKey(key);
      RowTotal before = state.value();
      if (before == null) {
        timers.registerEventTimeTimer(VoidNamespace.INSTANCE, key.start() + keepMillis);
      }
      long seq = before == null ? clockMicros : Math.max(before.seq() + 1, clockMicros);
      long[] counts = before == null ? change.getValue() : sum(before.counts(), change.getValue());
      state.update(new RowTotal(seq, counts));
      ResultRow row = ResultRows.of(key, counts, seq);
      output.collect(new StreamRecord<>(Output.of(Topic.LIST_HEALTH_RESULT, row.key(), row)));
    }
    changed.clear();
  }

  @Override
  public void onEventTime(InternalTimer<RowKey, VoidNamespace> timer) {
    state.clear();
  }

  @Override
  public void onProcessingTime(InternalTimer<RowKey, VoidNamespace> timer) {
    throw new IllegalStateException("rows have no timers of the wall clock");
  }
}
