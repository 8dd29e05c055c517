package io.heed.flink.attribution;

import io.heed.core.attribution.AttributionPolicy;
import io.heed.core.attribution.DayModel;
import io.heed.core.attribution.Days;
import io.heed.core.attribution.MarkovCredit;
import io.heed.core.model.AttributionCreditRow;
import io.heed.core.model.Topic;
import io.heed.flink.streaming.Output;
import io.heed.flink.streaming.TimedOperator;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.streaming.api.operators.InternalTimer;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Writes the Markov rows of conversions as soon as the model of their day is there. The models'
 * side carries the time: its instants come after the models that belong to them.
 */
final class MarkovOperator extends TimedOperator<String, Output>
    implements TwoInputStreamOperator<MarkovCredit, DayModel, Output> {
  private static final long serialVersionUID = 1L;

  /** Refunds come up to 120 days later, and events may be late by a horizon of months. */
  private static final int DAYS_KEPT = 120 + 2 * (int) AttributionPolicy.LONGEST_WINDOW.toDays();

  private transient ListState<MarkovCredit> waiting;
  private transient BroadcastState<Integer, Map<String, Double>> models;

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    models = context.getOperatorStateStore().getBroadcastState(AttributionState.MODELS);
  }

  @Override
  public void open() throws Exception {
    super.open();
    waiting = getRuntimeContext().getListState(AttributionState.WAITING);
  }

  @Override
  public void processElement1(StreamRecord<MarkovCredit> element) throws Exception {
    MarkovCredit credit = element.getValue();
    if (credit.isErased()) {
      for (MarkovCredit each : waiting.get()) {
        deleteTimer(Days.end(each.modelDay()));
      }
      waiting.clear();
      return;
    }
    long due = Days.end(credit.modelDay());
    if (due <= watermark()) {
      write(credit);
    } else {
      waiting.add(credit);
      registerTimer(due);
    }
  }

  @Override
  public void processElement2(StreamRecord<DayModel> element) throws Exception {
    DayModel model = element.getValue();
    models.put(model.day(), model.removalEffects());
    Iterator<Map.Entry<Integer, Map<String, Double>>> all = models.iterator();
    while (all.hasNext()) {
      if (all.next().getKey() < model.day() - DAYS_KEPT) {
        all.remove();
      }
    }
  }

  @Override
  public void onEventTime(InternalTimer<String, VoidNamespace> timer) throws Exception {
    List<MarkovCredit> later = new ArrayList<>();
    for (MarkovCredit credit : waiting.get()) {
      if (Days.end(credit.modelDay()) <= timer.getTimestamp()) {
        write(credit);
      } else {
        later.add(credit);
      }
    }
    waiting.update(later);
  }

  private void write(MarkovCredit credit) {
    credit.rows(this::effects, this::write);
  }

  private Map<String, Double> effects(int day) {
    try {
      Map<String, Double> effects = models.get(day);
      return effects == null ? Map.of() : effects;
    } catch (Exception e) {
      throw new IllegalStateException("models cannot be read", e);
    }
  }

  private void write(AttributionCreditRow row) {
    emit(Output.about(row.recipientId(), Topic.ATTRIBUTION_RESULT, row.key(), row));
  }

  @Override
  public void processWatermark1(Watermark mark) {
    // A conversion's day may have closed before its model has arrived.
  }

  @Override
  public void processWatermark2(Watermark mark) throws Exception {
    processWatermark(mark);
  }
}
