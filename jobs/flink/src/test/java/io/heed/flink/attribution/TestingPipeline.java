package io.heed.flink.attribution;

import io.heed.core.attribution.DayModel;
import io.heed.core.attribution.LiftDelta;
import io.heed.core.attribution.MarkovCredit;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Event;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.Output;
import io.heed.flink.streaming.TestingErasures;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.apache.flink.util.OutputTag;

/** The job's operators in harnesses, wired as the graph is, to be stopped at any event. */
public final class TestingPipeline implements AutoCloseable {
  private final KeyedTwoInputStreamOperatorTestHarness<String, Event, ConfigVersion, Output>
      recipients;
  private final KeyedOneInputStreamOperatorTestHarness<Integer, DayTransitions, DayModel> models;
  private final KeyedTwoInputStreamOperatorTestHarness<String, MarkovCredit, DayModel, Output>
      markov;
  private final KeyedTwoInputStreamOperatorTestHarness<String, LiftDelta, ConfigVersion, Output>
      lift;
  private final Consumer<Output> out;

  /**
   * @param checkpoint what {@link #checkpoint} gave, or null for a new start
   * @param clock the wall clock, epoch milliseconds
   */
  public TestingPipeline(List<OperatorSubtaskState> checkpoint, long clock, Consumer<Output> out)
      throws Exception {
    this.out = out;
    JobOptions options = JobOptions.DEFAULTS;
    recipients =
        new KeyedTwoInputStreamOperatorTestHarness<>(
            new AttributionOperator(options, new TestingErasures()),
            Event::recipientId,
            version -> "",
            Types.STRING);
    models =
        new KeyedOneInputStreamOperatorTestHarness<>(
            new KeyedProcessOperator<>(new CloseDays()), paths -> 0, Types.INT);
    markov =
        new KeyedTwoInputStreamOperatorTestHarness<>(
            new MarkovOperator(), MarkovCredit::recipientId, model -> "", Types.STRING);
    lift =
        new KeyedTwoInputStreamOperatorTestHarness<>(
            new LiftOperator(List::of, 3_600_000),
            LiftDelta::experimentId,
            version -> "",
            Types.STRING);
    List<AbstractStreamOperatorTestHarness<?>> all = harnesses();
    for (int i = 0; i < all.size(); i++) {
      all.get(i).setProcessingTime(clock);
      all.get(i).setup();
      if (checkpoint != null) {
        all.get(i).initializeState(checkpoint.get(i));
      }
      all.get(i).open();
    }
  }

  private List<AbstractStreamOperatorTestHarness<?>> harnesses() {
    return List.of(recipients, models, markov, lift);
  }

  int recipientsInState() {
    return recipients.numKeyedStateEntries();
  }

  /** Of recipients, and of what waits for a model. */
  int timers() {
    return recipients.numEventTimeTimers() + markov.numEventTimeTimers();
  }

  int waiting() {
    return markov.numKeyedStateEntries();
  }

  public void process(Event event) throws Exception {
    recipients.processElement1(new StreamRecord<>(event, event.eventTime()));
    passOn();
  }

  public void configure(ConfigVersion version) throws Exception {
    recipients.processElement2(new StreamRecord<>(version));
    lift.processElement2(new StreamRecord<>(version));
    passOn();
  }

  public void advance(long instant) throws Exception {
    Watermark watermark = new Watermark(instant);
    recipients.processWatermark1(watermark);
    passOn();
    models.processWatermark(watermark);
    passOn();
    markov.processWatermark2(watermark);
    lift.processWatermark1(watermark);
    passOn();
  }

  List<OperatorSubtaskState> checkpoint() throws Exception {
    recipients.getOperator().prepareSnapshotPreBarrier(1);
    passOn();
    List<OperatorSubtaskState> states = new ArrayList<>();
    for (AbstractStreamOperatorTestHarness<?> harness : harnesses()) {
      states.add(harness.snapshot(1, 1));
    }
    return states;
  }

  private void passOn() throws Exception {
    for (StreamRecord<DayTransitions> r : drained(recipients, AttributionState.PATHS)) {
      models.processElement(r);
    }
    for (StreamRecord<MarkovCredit> r : drained(recipients, AttributionState.CLOSED)) {
      markov.processElement1(r);
    }
    for (StreamRecord<LiftDelta> r : drained(recipients, AttributionState.UNITS)) {
      lift.processElement1(r);
    }
    for (DayModel model : models.extractOutputValues()) {
      markov.processElement2(new StreamRecord<>(model));
    }
    models.getOutput().clear();
    for (AbstractStreamOperatorTestHarness<Output> harness : List.of(recipients, markov, lift)) {
      for (Object record : harness.getOutput()) {
        if (record instanceof StreamRecord<?> row) {
          out.accept((Output) row.getValue());
        }
      }
      harness.getOutput().clear();
    }
  }

  private static <T> List<StreamRecord<T>> drained(
      AbstractStreamOperatorTestHarness<?> harness, OutputTag<T> tag) {
    Queue<StreamRecord<T>> queue = harness.getSideOutput(tag);
    if (queue == null) {
      return List.of();
    }
    List<StreamRecord<T>> records = List.copyOf(queue);
    queue.clear();
    return records;
  }

  @Override
  public void close() throws Exception {
    for (AbstractStreamOperatorTestHarness<?> harness : harnesses()) {
      harness.close();
    }
  }
}
