package io.heed.flink.experiments;

import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Event;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import io.heed.core.model.UnreadableException;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.KnownVersions;
import io.heed.flink.streaming.Output;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;

/** Both operators of the job in harnesses, one behind the other. */
final class TestingPipeline implements AutoCloseable {
  private final KnownVersions known;
  private final List<Object> published = new ArrayList<>();
  private KeyedTwoInputStreamOperatorTestHarness<String, Event, ConfigVersion, CountChange>
      recipients;
  private KeyedTwoInputStreamOperatorTestHarness<String, CountChange, ConfigVersion, Output>
      evaluations;
  private long wallClock = 1_780_000_000_000L;
  private int changes;

  TestingPipeline(KnownVersions known) throws Exception {
    this.known = known;
    open(null, null);
  }

  /** Starts from a {@link #checkpoint}. */
  TestingPipeline(KnownVersions known, List<OperatorSubtaskState> checkpoint) throws Exception {
    this.known = known;
    open(checkpoint.get(0), checkpoint.get(1));
  }

  private void open(OperatorSubtaskState ofRecipients, OperatorSubtaskState ofEvaluations)
      throws Exception {
    recipients =
        new KeyedTwoInputStreamOperatorTestHarness<>(
            new EnrolmentOperator(JobOptions.DEFAULTS, known),
            Event::recipientId,
            version -> "",
            Types.STRING);
    recipients.setup(ExperimentSerializers.COUNT_CHANGE.createSerializer(null));
    evaluations =
        new KeyedTwoInputStreamOperatorTestHarness<>(
            new ExperimentOperator(JobOptions.DEFAULTS, known),
            CountChange::experimentId,
            version -> "",
            Types.STRING);
    evaluations.setup(Output.TYPE.createSerializer(null));
    if (ofRecipients != null) {
      recipients.initializeState(ofRecipients);
      evaluations.initializeState(ofEvaluations);
    }
    recipients.open();
    evaluations.open();
  }

  void event(Event event) throws Exception {
    recipients.processElement1(new StreamRecord<>(event, event.eventTime()));
    passOn();
  }

  void config(ConfigVersion version) throws Exception {
    configOfRecipients(version);
    configOfEvaluations(version);
  }

  /** Configuration reaches each operator on its own way. */
  void configOfRecipients(ConfigVersion version) throws Exception {
    recipients.processElement2(new StreamRecord<>(version));
  }

  void configOfEvaluations(ConfigVersion version) throws Exception {
    evaluations.processElement2(new StreamRecord<>(version));
    collect();
  }

  void watermark(long instant) throws Exception {
    wallClock += 200;
    recipients.setProcessingTime(wallClock);
    evaluations.setProcessingTime(wallClock);
    recipients.processWatermark1(new Watermark(instant));
    passOn();
    evaluations.processWatermark1(new Watermark(instant));
    collect();
  }

  /** The states of the recipients and of the evaluations. */
  List<OperatorSubtaskState> checkpoint() throws Exception {
    recipients.prepareSnapshotPreBarrier(1);
    passOn();
    List<OperatorSubtaskState> states =
        List.of(recipients.snapshot(1, 1), evaluations.snapshot(1, 1));
    collect();
    return states;
  }

  /** A checkpoint, a crash and a start from the checkpoint. */
  void restart() throws Exception {
    List<OperatorSubtaskState> states = checkpoint();
    close();
    open(states.get(0), states.get(1));
  }

  private void passOn() throws Exception {
    Object next;
    while ((next = recipients.getOutput().poll()) != null) {
      if (next instanceof StreamRecord<?> element
          && element.getValue() instanceof CountChange change) {
        changes++;
        evaluations.processElement1(new StreamRecord<>(change));
      }
    }
    collect();
  }

  private void collect() throws UnreadableException {
    TopicCodec codec = new TopicCodec();
    Object next;
    while ((next = evaluations.getOutput().poll()) != null) {
      if (next instanceof StreamRecord<?> element && element.getValue() instanceof Output output) {
        published.add(codec.read(output.topic(), output.value(), Long.MAX_VALUE / 2));
      }
    }
  }

  <T> List<T> published(Class<T> type) {
    return published.stream().filter(type::isInstance).map(type::cast).toList();
  }

  /** How many records went from one operator to the other. */
  int changes() {
    return changes;
  }

  int recipientsInState() {
    return recipients.numKeyedStateEntries();
  }

  int experimentsInState() {
    return evaluations.numKeyedStateEntries();
  }

  int timersOfRecipients() {
    return recipients.numEventTimeTimers();
  }

  @Override
  public void close() throws Exception {
    recipients.close();
    evaluations.close();
  }

  static Topic topicOf(Event event) {
    return Topic.events().stream()
        .filter(topic -> topic.type() == event.getClass())
        .findFirst()
        .orElseThrow();
  }
}
