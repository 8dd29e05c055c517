package io.heed.flink.listhealth;

import io.heed.core.listhealth.CountTable;
import io.heed.core.listhealth.HourRows;
import io.heed.core.listhealth.RecipientFacts;
import io.heed.core.listhealth.ResultRows;
import io.heed.core.model.ResultRow;
import io.heed.core.model.Topic;
import io.heed.flink.streaming.Output;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.streaming.api.operators.InternalTimer;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Keeps the totals of rows and writes each row that has changed, at least every 5 seconds together
 * with the second that differences may have waited before they came here.
 */
final class SumRows extends Flushes<HourRows.Key, HourRows, Output> {
  private static final long serialVersionUID = 1L;
  private static final long INTERVAL_MILLIS = 3_000;

  /** Hours that wait at most, each some tens of rows. */
  private static final int MOST_HOURS = 5_000;

  private final long keepMillis;

  private transient ValueState<byte[]> state;
  private transient Map<HourRows.Key, HourRows> changed;

  SumRows(long horizonMillis) {
    super(INTERVAL_MILLIS);
    // Longer than any recipient's facts, which may lie within the row's day.
    this.keepMillis = horizonMillis + RecipientFacts.CONTEXT_MILLIS + Duration.ofDays(2).toMillis();
  }

  @Override
  public void open() throws Exception {
    changed = new HashMap<>();
    state = getPartitionedState(ListHealthState.ROW_TOTALS);
    super.open();
  }

  @Override
  public void processElement(StreamRecord<HourRows> element) throws Exception {
    HourRows differences = element.getValue();
    changed.computeIfAbsent(differences.key(), HourRows::new).add(differences, (row, counts) -> {});
    if (changed.size() >= MOST_HOURS) {
      flush();
    }
  }

  @Override
  void flush() throws Exception {
    long clockMicros = wallMicros();
    for (HourRows differences : changed.values()) {
      setCurrentKey(differences.key());
      byte[] before = state.value();
      if (before == null) {
        registerTimer(differences.key().hour() + keepMillis);
      }
      HourRows totals = HourRows.of(differences.key(), before);
      totals.setSeq(Math.max(totals.seq() + 1, clockMicros));
      long settles = ResultRows.settles(differences.key().hour());
      boolean settled = watermark() >= settles;
      totals.add(
          differences,
          (row, counts) -> {
            write(ResultRows.of(row, counts, totals.seq(), settled));
            if (row.table() == CountTable.SEND_COHORT && !settled) {
              registerTimer(settles);
            }
          });
      state.update(totals.toBytes());
    }
    changed.clear();
  }

  /** By now every message of the hour has had its time: those that are open have become UNKNOWN. */
  private void settle(HourRows.Key key) throws Exception {
    HourRows totals = HourRows.of(key, state.value());
    totals.setSeq(Math.max(totals.seq() + 1, wallMicros()));
    totals.forEach(
        (row, counts) -> {
          if (row.table() == CountTable.SEND_COHORT && ResultRows.open(counts) > 0) {
            write(ResultRows.of(row, counts, totals.seq(), true));
          }
        });
    state.update(totals.toBytes());
  }

  private void write(ResultRow row) {
    emit(Output.of(Topic.LIST_HEALTH_RESULT, row.key(), row));
  }

  @Override
  public void onEventTime(InternalTimer<HourRows.Key, VoidNamespace> timer) throws Exception {
    if (timer.getTimestamp() == ResultRows.settles(timer.getKey().hour())) {
      settle(timer.getKey());
    } else {
      state.clear();
    }
  }
}
