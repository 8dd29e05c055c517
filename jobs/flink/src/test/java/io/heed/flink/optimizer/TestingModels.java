package io.heed.flink.optimizer;

import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Event;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.ValueModelVersion;
import io.heed.core.outcomes.DayCounts;
import io.heed.flink.streaming.Output;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;

/** The operators that make value models, wired as the graph is, to be stopped at any event. */
final class TestingModels implements AutoCloseable {
  private static final int MAX_PARALLELISM = 128;
  private static final long HORIZON = 35 * 86_400_000L;
  private static final long LATENESS = 3_600_000L;
  private static final JsonCodec<ValueModelVersion> CODEC = JsonCodec.of(ValueModelVersion.class);

  /** Where a run is to go on: of the recipients and of the lists. */
  record Checkpoint(int parallelism, OperatorSubtaskState people, OperatorSubtaskState lists) {}

  /** Versions of policies that every run knows. */
  static final List<ConfigVersion> POLICIES = new ArrayList<>();

  final List<ValueModelVersion> published = new ArrayList<>();

  /** Everything that was handed on, by list. */
  final Map<String, DayCounts> counted = new TreeMap<>();

  private final List<KeyedOneInputStreamOperatorTestHarness<String, Event, ListDelta>> people =
      new ArrayList<>();
  private final KeyedTwoInputStreamOperatorTestHarness<String, ListDelta, ConfigVersion, Output>
      lists;

  TestingModels(int parallelism, Checkpoint from, long clock) throws Exception {
    for (int i = 0; i < parallelism; i++) {
      KeyedOneInputStreamOperatorTestHarness<String, Event, ListDelta> task =
          new KeyedOneInputStreamOperatorTestHarness<>(
              new FollowOperator(HORIZON),
              Event::recipientId,
              Types.STRING,
              MAX_PARALLELISM,
              parallelism,
              i);
      task.setProcessingTime(clock);
      task.setup(ListDelta.TYPE.createSerializer(null));
      if (from != null) {
        task.initializeState(
            AbstractStreamOperatorTestHarness.repartitionOperatorState(
                from.people, MAX_PARALLELISM, from.parallelism, parallelism, i));
      }
      task.open();
      people.add(task);
    }
    lists =
        new KeyedTwoInputStreamOperatorTestHarness<>(
            new ListOperator(() -> List.copyOf(POLICIES), LATENESS),
            ListDelta::list,
            version -> "",
            Types.STRING);
    lists.setProcessingTime(clock);
    lists.setup();
    if (from != null) {
      lists.initializeState(from.lists);
    }
    lists.open();
  }

  void process(Event event) throws Exception {
    int task =
        KeyGroupRangeAssignment.assignKeyToParallelOperator(
            event.recipientId(), MAX_PARALLELISM, people.size());
    people.get(task).processElement(new StreamRecord<>(event, event.eventTime()));
  }

  void advance(long instant) throws Exception {
    for (var task : people) {
      task.processWatermark(new Watermark(instant));
    }
    passOn();
    lists.processWatermark1(new Watermark(instant));
    for (Output output : lists.extractOutputValues()) {
      published.add(CODEC.read(output.value()));
    }
    lists.getOutput().clear();
  }

  private void passOn() throws Exception {
    for (var task : people) {
      for (ListDelta delta : task.extractOutputValues()) {
        counted.computeIfAbsent(delta.list(), list -> new DayCounts()).merge(delta.counts());
        lists.processElement1(new StreamRecord<>(delta));
      }
      task.getOutput().clear();
    }
  }

  Checkpoint checkpoint() throws Exception {
    OperatorSubtaskState[] states = new OperatorSubtaskState[people.size()];
    for (int i = 0; i < states.length; i++) {
      people.get(i).prepareSnapshotPreBarrier(1);
      states[i] = people.get(i).snapshot(1, 1);
    }
    passOn();
    OperatorSubtaskState all =
        states.length == 1 ? states[0] : AbstractStreamOperatorTestHarness.repackageState(states);
    return new Checkpoint(people.size(), all, lists.snapshot(1, 1));
  }

  @Override
  public void close() throws Exception {
    for (var task : people) {
      task.close();
    }
    lists.close();
  }
}
