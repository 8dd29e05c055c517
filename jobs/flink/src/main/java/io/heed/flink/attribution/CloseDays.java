package io.heed.flink.attribution;

import io.heed.core.attribution.DayModel;
import io.heed.core.attribution.Days;
import io.heed.core.attribution.MarkovModel;
import io.heed.core.attribution.TransitionCounts;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Makes the Markov model of each UTC day when it closes, from the paths that ended in the thirty
 * days up to it. A model is never made again: late paths count in the models that come.
 */
final class CloseDays extends KeyedProcessFunction<Integer, DayTransitions, DayModel> {
  private static final long serialVersionUID = 1L;

  private transient MapState<Integer, TransitionCounts> transitions;

  @Override
  public void open(OpenContext context) {
    transitions = getRuntimeContext().getMapState(AttributionState.TRANSITIONS);
  }

  @Override
  public void processElement(DayTransitions paths, Context context, Collector<DayModel> out)
      throws Exception {
    TransitionCounts sums = transitions.get(paths.day());
    if (sums == null) {
      sums = new TransitionCounts();
    }
    sums.addAll(paths.counts());
    transitions.put(paths.day(), sums);
    long watermark = context.timerService().currentWatermark();
    int openDay = watermark == Long.MIN_VALUE ? paths.day() : Days.of(watermark);
    context.timerService().registerEventTimeTimer(Days.end(Math.max(paths.day(), openDay)));
  }

  @Override
  public void onTimer(long instant, OnTimerContext context, Collector<DayModel> out)
      throws Exception {
    int day = Days.of(instant) - 1;
    int firstDay = day - MarkovModel.DAYS + 1;
    TransitionCounts trailing = new TransitionCounts();
    List<Integer> past = new ArrayList<>();
    for (Integer of : transitions.keys()) {
      if (of <= day && of >= firstDay) {
        trailing.addAll(transitions.get(of));
      }
      if (of <= firstDay) {
        past.add(of);
      }
    }
    for (Integer of : past) {
      transitions.remove(of);
    }
    if (!trailing.isEmpty()) {
      out.collect(new DayModel(day, MarkovModel.removalEffects(trailing)));
      context.timerService().registerEventTimeTimer(Days.end(day + 1));
    }
  }
}
