package io.heed.flink.listhealth;

import io.heed.core.listhealth.Fact;
import io.heed.core.listhealth.FactReader;
import io.heed.core.listhealth.InputCounts;
import io.heed.core.listhealth.RowDelta;
import io.heed.core.model.Event;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/** Takes the facts from events, and counts what comes in for those who watch for silence. */
final class ReadFacts extends Flushes<Void, Event, Fact> {
  private static final long serialVersionUID = 1L;
  private static final long INTERVAL_MILLIS = 1_000;

  private transient FactReader reader;
  private transient InputCounts counts;

  ReadFacts() {
    super(INTERVAL_MILLIS);
  }

  @Override
  public void open() throws Exception {
    reader = new FactReader();
    counts = new InputCounts();
    super.open();
  }

  @Override
  @SuppressWarnings({"unchecked", "rawtypes"}) // the record is used again for the fact
  public void processElement(StreamRecord<Event> element) {
    Event event = element.getValue();
    counts.add(event);
    Fact fact = reader.read(event);
    if (fact != null) {
      output.collect(element.replace(fact));
    }
  }

  @Override
  void flush() {
    counts.drain(
        delta -> output.collect(ListHealthState.WATCHED, new StreamRecord<RowDelta>(delta)));
  }
}
