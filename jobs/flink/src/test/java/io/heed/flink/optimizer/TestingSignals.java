package io.heed.flink.optimizer;

import io.heed.core.model.Event;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.RecipientSignal;
import io.heed.core.model.UnreadableException;
import io.heed.flink.streaming.Output;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;

/** The operator of signals in one harness per subtask. */
final class TestingSignals implements AutoCloseable {
  private static final int MAX_PARALLELISM = 128;
  private static final JsonCodec<RecipientSignal> CODEC = JsonCodec.of(RecipientSignal.class);

  final List<RecipientSignal> published = new ArrayList<>();
  private final List<KeyedOneInputStreamOperatorTestHarness<String, Event, Output>> tasks =
      new ArrayList<>();

  /**
   * @param checkpoint what {@link #checkpoint} gave, or null for a new start
   */
  TestingSignals(int parallelism, OperatorSubtaskState checkpoint, int before, long clock)
      throws Exception {
    for (int i = 0; i < parallelism; i++) {
      KeyedOneInputStreamOperatorTestHarness<String, Event, Output> task =
          new KeyedOneInputStreamOperatorTestHarness<>(
              new SignalOperator(),
              Event::recipientId,
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
    tasks.get(task).processElement(new StreamRecord<>(event, event.eventTime()));
  }

  void advance(long watermark) throws Exception {
    for (KeyedOneInputStreamOperatorTestHarness<String, Event, Output> task : tasks) {
      task.processWatermark(new Watermark(watermark));
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
    for (KeyedOneInputStreamOperatorTestHarness<String, Event, Output> task : tasks) {
      task.close();
    }
  }
}
