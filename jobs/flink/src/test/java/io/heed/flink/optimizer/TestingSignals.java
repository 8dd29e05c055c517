package io.heed.flink.optimizer;

import io.heed.core.model.Event;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.RecipientSignal;
import io.heed.core.model.UnreadableException;
import io.heed.flink.streaming.Output;
import io.heed.flink.streaming.TestingErasures;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;

/** The operator of signals in one harness per subtask. */
final class TestingSignals implements AutoCloseable {
  private static final int MAX_PARALLELISM = 128;
  private static final JsonCodec<RecipientSignal> CODEC = JsonCodec.of(RecipientSignal.class);

  private static final long LATENESS = 3_600_000L;
  private static final long DAY = 86_400_000L;

  final List<RecipientSignal> published = new ArrayList<>();

  /** Models in the order of their days, each of which comes when event time has passed the day. */
  private final Deque<ListModel> models;

  private final List<KeyedTwoInputStreamOperatorTestHarness<String, Event, ListModel, Output>>
      tasks = new ArrayList<>();

  /**
   * @param checkpoint what {@link #checkpoint} gave, or null for a new start
   */
  TestingSignals(int parallelism, OperatorSubtaskState checkpoint, int before, long clock)
      throws Exception {
    this(parallelism, checkpoint, before, clock, List.of());
  }

  /**
   * @param models of lists that come after the checkpoint, in the order of their days
   */
  TestingSignals(
      int parallelism,
      OperatorSubtaskState checkpoint,
      int before,
      long clock,
      List<ListModel> models)
      throws Exception {
    this.models = new ArrayDeque<>(models);
    for (int i = 0; i < parallelism; i++) {
      KeyedTwoInputStreamOperatorTestHarness<String, Event, ListModel, Output> task =
          new KeyedTwoInputStreamOperatorTestHarness<>(
              new SignalOperator(new TestingErasures(), LATENESS),
              Event::recipientId,
              null,
              Types.STRING,
              MAX_PARALLELISM,
              parallelism,
              i);
      task.setProcessingTime(clock);
      task.setup();
      if (checkpoint != null) {
        task.initializeState(
            AbstractStreamOperatorTestHarness.repartitionOperatorState(
                checkpoint, MAX_PARALLELISM, before, parallelism, i));
      }
      task.open();
      tasks.add(task);
    }
  }

  void process(Event event) throws Exception {
    int task =
        KeyGroupRangeAssignment.assignKeyToParallelOperator(
            event.recipientId(), MAX_PARALLELISM, tasks.size());
    tasks.get(task).processElement1(new StreamRecord<>(event, event.eventTime()));
  }

  void advance(long watermark) throws Exception {
    // Event time jumps over many days at the end: models keep coming.
    while (!models.isEmpty() && models.peek().model().effectiveDay() * DAY <= watermark) {
      ListModel next = models.poll();
      for (var task : tasks) {
        task.processElement2(new StreamRecord<>(next));
      }
      if (models.isEmpty() || models.peek().model().effectiveDay() > next.model().effectiveDay()) {
        proceed(next.model().effectiveDay() * DAY);
      }
    }
    proceed(watermark);
  }

  /** The models that are still to come. */
  List<ListModel> models() {
    return List.copyOf(models);
  }

  private void proceed(long watermark) throws Exception {
    for (KeyedTwoInputStreamOperatorTestHarness<String, Event, ListModel, Output> task : tasks) {
      task.processWatermark1(new Watermark(watermark));
      task.processWatermark2(new Watermark(watermark));
      for (Output output : task.extractOutputValues()) {
        published.add(read(output));
      }
      task.getOutput().clear();
    }
  }

  private static RecipientSignal read(Output output) throws UnreadableException {
    return CODEC.read(output.value());
  }

  int recipientsInState() {
    return tasks.stream().mapToInt(task -> task.numKeyedStateEntries()).sum();
  }

  int timers() {
    return tasks.stream().mapToInt(task -> task.numEventTimeTimers()).sum();
  }

  OperatorSubtaskState checkpoint() throws Exception {
    OperatorSubtaskState[] states = new OperatorSubtaskState[tasks.size()];
    for (int i = 0; i < states.length; i++) {
      states[i] = tasks.get(i).snapshot(1, 1);
    }
    return states.length == 1
        ? states[0]
        : AbstractStreamOperatorTestHarness.repackageState(Arrays.copyOf(states, states.length));
  }

  @Override
  public void close() throws Exception {
    for (KeyedTwoInputStreamOperatorTestHarness<String, Event, ListModel, Output> task : tasks) {
      task.close();
    }
  }
}
