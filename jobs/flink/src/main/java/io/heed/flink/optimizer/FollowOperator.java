package io.heed.flink.optimizer;

import io.heed.core.model.Erasure;
import io.heed.core.model.Event;
import io.heed.core.model.SendVerdict;
import io.heed.core.outcomes.CampaignFact;
import io.heed.core.outcomes.DayCounts;
import io.heed.core.outcomes.FollowedPerson;
import io.heed.flink.streaming.ErasedRecipients;
import io.heed.flink.streaming.KnownVersions;
import io.heed.flink.streaming.TimedOperator;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.streaming.api.operators.InternalTimer;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Follows each recipient's promotional messages, one value and one timer each. What they contribute
 * to the days of lists is added up on the heap, and handed on before event time goes on and before
 * a checkpoint, so that it is never state.
 */
final class FollowOperator extends TimedOperator<String, ListDelta>
    implements TwoInputStreamOperator<Event, SendVerdict, ListDelta> {
  private static final long serialVersionUID = 1L;

  /** Campaigns of days of lists that are added up at most, each some kilobytes. */
  private static final int MOST_CAMPAIGNS = 1_000;

  private final KnownVersions known;
  private final long horizonMillis;

  private transient ValueState<byte[]> state;
  private transient Map<Day, DayCounts> gathered;
  private transient ErasedRecipients erased;

  private record Day(String list, int day) {}

  FollowOperator(KnownVersions known, long horizonMillis) {
    this.known = known;
    this.horizonMillis = horizonMillis;
  }

  @Override
  public void open() throws Exception {
    super.open();
    state = getRuntimeContext().getState(OptimizerState.FOLLOWED);
    gathered = new HashMap<>();
    erased = known.erased();
  }

  private DayCounts counts(String list, int day) {
    return gathered.computeIfAbsent(new Day(list, day), unused -> new DayCounts());
  }

  @Override
  public void processElement1(StreamRecord<Event> element) throws Exception {
    Event event = element.getValue();
    if (erased.covers(event)) {
      return;
    }
    FollowedPerson person = FollowedPerson.read(state.value());
    long timer = person.timer();
    if (event instanceof Erasure erasure) {
      erased.add(erasure);
      if (erased.clears(erasure, isRestored())) {
        if (timer != 0) {
          deleteTimer(timer);
        }
        state.clear();
      }
    } else if (person.add(event, watermark(), this::counts, this::announce)) {
      keep(person, timer);
    }
  }

  @Override
  public void processElement2(StreamRecord<SendVerdict> element) throws Exception {
    if (erased.covers(element.getValue())) {
      return;
    }
    FollowedPerson person = FollowedPerson.read(state.value());
    long timer = person.timer();
    if (person.add(element.getValue(), watermark(), this::counts)) {
      keep(person, timer);
    }
  }

  private void keep(FollowedPerson person, long timerBefore) throws IOException {
    if (person.timer() != timerBefore) {
      if (timerBefore != 0) {
        deleteTimer(timerBefore);
      }
      registerTimer(person.timer());
    }
    state.update(person.write());
  }

  private void announce(CampaignFact fact) {
    output.collect(OptimizerState.CAMPAIGN_FACTS, new StreamRecord<>(fact));
  }

  @Override
  public void onEventTime(InternalTimer<String, VoidNamespace> timer) throws Exception {
    FollowedPerson person = FollowedPerson.read(state.value());
    if (watermark() == Long.MAX_VALUE && !person.hasNews()) {
      // A bounded input has ended: time does not go on by that.
      return;
    }
    person.onTimer(this::counts, horizonMillis);
    if (person.isEmpty()) {
      state.clear();
    } else {
      registerTimer(person.timer());
      state.update(person.write());
    }
    if (gathered.values().stream().mapToInt(DayCounts::campaigns).sum() > MOST_CAMPAIGNS) {
      flush();
    }
  }

  @Override
  public void processWatermark(Watermark mark) throws Exception {
    getTimeServiceManager().orElseThrow().advanceWatermark(mark);
    // What a day holds has to be there before the day closes for those who come next.
    flush();
    output.emitWatermark(mark);
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
    gathered.forEach((day, counts) -> emit(new ListDelta(day.list, day.day, counts)));
    gathered.clear();
  }
}
