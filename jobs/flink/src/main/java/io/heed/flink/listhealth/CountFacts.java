package io.heed.flink.listhealth;

import io.heed.core.listhealth.Fact;
import io.heed.core.listhealth.FactCounter;
import io.heed.core.listhealth.HourRows;
import io.heed.core.listhealth.RecipientFacts;
import io.heed.core.listhealth.RowDeltas;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.streaming.api.operators.InternalTimer;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Keeps the facts of recipients, one value each, and sums the differences that new ones make to
 * rows. One timer per recipient expires what is too old.
 */
final class CountFacts extends Flushes<Long, Fact, HourRows> {
  private static final long serialVersionUID = 1L;
  private static final long INTERVAL_MILLIS = 1_000;

  /** Hours whose rows are summed at most before they are handed on, each some tens of rows. */
  private static final int MOST_HOURS = 5_000;

  private final long keepMillis;

  private transient ValueState<byte[]> state;
  private transient RecipientFacts facts;
  private transient FactCounter counter;
  private transient RowDeltas deltas;

  CountFacts(long horizonMillis) {
    super(INTERVAL_MILLIS);
    this.keepMillis = horizonMillis + RecipientFacts.CONTEXT_MILLIS;
  }

  @Override
  public void open() throws Exception {
    facts = new RecipientFacts();
    counter = new FactCounter(facts);
    deltas = new RowDeltas();
    getMetricGroup().gauge("heed_evicted", counter::evicted);
    state = getPartitionedState(ListHealthState.RECIPIENT_FACTS);
    super.open();
  }

  @Override
  public void processElement(StreamRecord<Fact> element) throws Exception {
    Fact fact = element.getValue();
    byte[] known = state.value();
    facts.load(known);
    // Rows of what is older may be gone, so that it must not be contributed to any more.
    facts.expire(Math.max(0, watermark()) - keepMillis);
    if (counter.add(fact, deltas)) {
      state.update(facts.toBytes());
      if (known == null) {
        registerTimer(fact.time() + keepMillis);
      }
      if (deltas.size() >= MOST_HOURS) {
        flush();
      }
    }
  }

  @Override
  public void onEventTime(InternalTimer<Long, VoidNamespace> timer) throws Exception {
    facts.load(state.value());
    facts.expire(timer.getTimestamp() - keepMillis + 1);
    if (facts.isEmpty()) {
      state.clear();
    } else {
      state.update(facts.toBytes());
      registerTimer(facts.earliest() + keepMillis);
    }
  }

  @Override
  void flush() {
    deltas.drain(
        this::emit,
        watched -> output.collect(ListHealthState.WATCHED, new StreamRecord<>(watched)));
  }
}
