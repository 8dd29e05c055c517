package io.heed.flink.optimizer;

import io.heed.core.model.Category;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Event;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.Send;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.ValueModelVersion;
import io.heed.core.model.Verdict;
import io.heed.core.outcomes.DayCounts;
import io.heed.flink.streaming.Output;
import io.heed.flink.streaming.TestingErasures;
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

  private final List<KeyedTwoInputStreamOperatorTestHarness<String, Event, SendVerdict, ListDelta>>
      people = new ArrayList<>();
  private final KeyedTwoInputStreamOperatorTestHarness<String, ListDelta, ConfigVersion, Output>
      lists;

  TestingModels(int parallelism, Checkpoint from, long clock) throws Exception {
    for (int i = 0; i < parallelism; i++) {
      KeyedTwoInputStreamOperatorTestHarness<String, Event, SendVerdict, ListDelta> task =
          new KeyedTwoInputStreamOperatorTestHarness<>(
              new FollowOperator(new TestingErasures(), HORIZON),
              Event::recipientId,
              SendVerdict::recipientId,
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

  int peopleInState() {
    return people.stream().mapToInt(task -> task.numKeyedStateEntries()).sum();
  }

  int timers() {
    return people.stream().mapToInt(task -> task.numEventTimeTimers()).sum();
  }

  void process(Event event) throws Exception {
    int task =
        KeyGroupRangeAssignment.assignKeyToParallelOperator(
            event.recipientId(), MAX_PARALLELISM, people.size());
    people.get(task).processElement1(new StreamRecord<>(event, event.eventTime()));
    SendVerdict verdict = verdict(event);
    if (verdict != null) {
      people.get(task).processElement2(new StreamRecord<>(verdict, event.eventTime()));
    }
  }

  /**
   * What the gate says a second before a message, by chance: each tenth is withheld, though it was
   * sent on another way.
   */
  static SendVerdict verdict(Event event) {
    if (!(event instanceof Send send) || send.category() != Category.PROMOTIONAL) {
      return null;
    }
    boolean withheld = Math.floorMod(send.messageId().hashCode(), 10) == 0;
    return new SendVerdict(
        "d",
        send.eventTime() - 1_000,
        0,
        List.of(withheld ? ReasonCode.LOW_VALUE : ReasonCode.WITHIN_POLICY),
        1,
        null,
        "q" + send.messageId(),
        send.recipientId(),
        withheld ? Verdict.DEFER : Verdict.ALLOW,
        null,
        send.eventTime(),
        null,
        null,
        withheld ? 0.02 : 0.98,
        "v",
        null,
        send.listId(),
        null);
  }

  void advance(long instant) throws Exception {
    for (var task : people) {
      task.processWatermark1(new Watermark(instant));
      task.processWatermark2(new Watermark(instant));
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
