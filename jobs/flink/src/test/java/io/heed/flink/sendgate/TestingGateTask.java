package io.heed.flink.sendgate;

import io.heed.core.gate.GateEvent;
import io.heed.core.gate.GateEvent.Requested;
import io.heed.core.gate.GateEvent.Sent;
import io.heed.core.model.Assignment;
import io.heed.core.model.Category;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Decision;
import io.heed.core.model.ExperimentDecision;
import io.heed.core.model.SendRequest;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import io.heed.core.model.UnreadableException;
import io.heed.core.model.ValueModelVersion;
import io.heed.flink.sendgate.GateInput.Position;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.Output;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.runtime.state.storage.JobManagerCheckpointStorage;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;

/** The gate's operator in a harness: one run of one subtask. */
public final class TestingGateTask implements AutoCloseable {
  /** A Monday at noon in New York. */
  public static final long NOON = 1_772_470_800_000L;

  private static final int KEY_GROUPS = 128;
  private static final TopicCodec CODEC = new TopicCodec();

  private final KeyedOneInputStreamOperatorTestHarness<String, GateInput, Output> harness;
  final List<Assignment> assigned = new ArrayList<>();
  int reads;
  int writes;
  private long checkpoint;

  private TestingGateTask(
      OperatorSubtaskState state, long clock, JobOptions options, StateBackend backend)
      throws Exception {
    harness =
        new KeyedOneInputStreamOperatorTestHarness<>(
            new CountingGate(options), GateInput::key, Types.STRING, KEY_GROUPS, 1, 0);
    harness.setProcessingTime(clock);
    harness.setStateBackend(backend);
    // Some states here are larger than the 5 MB that are allowed by default.
    harness.setCheckpointStorage(new JobManagerCheckpointStorage(Integer.MAX_VALUE));
    harness.setup(Output.TYPE.createSerializer(null));
    if (state != null) {
      harness.initializeState(state);
    }
    harness.open();
  }

  /** Counts how often recipients' values are read and written. */
  private final class CountingGate extends GateOperator {
    private static final long serialVersionUID = 1L;

    CountingGate(JobOptions options) {
      super(options, new TestingGateLog.Opener());
    }

    List<String> listedKeys() {
      return this.<String>getKeyedStateBackend()
          .getKeys(RECIPIENT.getName(), VoidNamespace.INSTANCE)
          .sorted()
          .toList();
    }

    @Override
    ValueState<byte[]> recipientState() {
      ValueState<byte[]> state = super.recipientState();
      return new ValueState<>() {
        @Override
        public byte[] value() throws IOException {
          reads++;
          return state.value();
        }

        @Override
        public void update(byte[] value) throws IOException {
          writes++;
          state.update(value);
        }

        @Override
        public void clear() {
          writes++;
          state.clear();
        }
      };
    }
  }

  static TestingGateTask fresh(long clock) throws Exception {
    return new TestingGateTask(null, clock, JobOptions.DEFAULTS, new HashMapStateBackend());
  }

  static TestingGateTask restored(OperatorSubtaskState state, long clock) throws Exception {
    return new TestingGateTask(state, clock, JobOptions.DEFAULTS, new HashMapStateBackend());
  }

  /** One that never takes its state for stale; fresh where there is none. */
  public static TestingGateTask trusting(OperatorSubtaskState state, long clock) throws Exception {
    return new TestingGateTask(
        state, clock, JobOptions.fromArgs("--stale-after", "1000d"), new HashMapStateBackend());
  }

  /** One whose recipients lie in a given backend; fresh where there is no state. */
  static TestingGateTask on(StateBackend backend, OperatorSubtaskState state, long clock)
      throws Exception {
    return new TestingGateTask(state, clock, JobOptions.DEFAULTS, backend);
  }

  /** Empties the topics. */
  public static void reset() {
    TestingGateLog.reset();
  }

  /** Takes a document. */
  public void configure(ConfigVersion version) throws Exception {
    play(GateInput.of("\u0000", version));
  }

  /** What was assigned without a message. */
  /** A version of what the optimizer has learnt comes. */
  public void learn(ValueModelVersion version) throws Exception {
    play(GateInput.of("\u0000", version));
  }

  /** A decision about an experiment comes. */
  public void decide(ExperimentDecision decision) throws Exception {
    play(GateInput.of("\u0000", decision));
  }

  public List<Assignment> assigned() {
    return assigned;
  }

  /** Takes an event and returns what was emitted about it. */
  public List<Decision> play(GateEvent event) throws Exception {
    return play(GateInput.of(event, 0, 0));
  }

  List<Decision> play(GateInput input) throws Exception {
    harness.processElement(new StreamRecord<>(input));
    return emitted();
  }

  public SendVerdict request(SendRequest request, long appendTime) throws Exception {
    return play(new Requested(request, appendTime)).stream()
        .filter(SendVerdict.class::isInstance)
        .map(SendVerdict.class::cast)
        .findFirst()
        .orElseThrow();
  }

  void read(Topic topic, long next) throws Exception {
    play(GateInput.of("\u0000", List.of(new Position(TestingGateLog.part(topic), next))));
  }

  List<Decision> clock(long to) throws Exception {
    harness.setProcessingTime(to);
    return emitted();
  }

  List<Decision> watermark(long to) throws Exception {
    harness.processWatermark(to);
    return emitted();
  }

  /** Puts bytes in the place of what is known of a recipient. */
  void store(String recipient, byte[] value) throws Exception {
    harness.getOperator().setCurrentKey(recipient);
    ((CountingGate) harness.getOperator()).recipientState().update(value);
  }

  /** Everybody who has state. */
  List<String> recipients() {
    return ((CountingGate) harness.getOperator()).listedKeys();
  }

  OperatorSubtaskState snapshot() throws Exception {
    return harness.snapshot(++checkpoint, checkpoint);
  }

  List<Readiness> readiness() {
    var emitted = harness.getSideOutput(GateOperator.READINESS);
    return emitted == null ? List.of() : emitted.stream().map(StreamRecord::getValue).toList();
  }

  private List<Decision> emitted() throws UnreadableException {
    List<Decision> emitted = new ArrayList<>();
    for (Output output : harness.extractOutputValues()) {
      Object content = CODEC.read(output.topic(), output.value(), Long.MAX_VALUE / 2);
      if (content instanceof Assignment assignment) {
        assigned.add(assignment);
      } else {
        emitted.add((Decision) content);
      }
    }
    harness.getOutput().clear();
    return emitted;
  }

  @Override
  public void close() throws Exception {
    harness.close();
  }

  static SendRequest request(String recipient, String id, long at) {
    return request(recipient, id, at, null);
  }

  public static SendRequest request(String recipient, String id, long at, String experiment) {
    return new SendRequest(
        "e-" + id,
        at,
        recipient,
        id,
        "campaign",
        "list-1",
        Category.PROMOTIONAL,
        experiment,
        null,
        null,
        "US-NY",
        "America/New_York",
        null);
  }

  public static Sent sent(String recipient, String message, long at, String request) {
    return new Sent(
        recipient,
        at,
        true,
        message,
        "campaign",
        "list-1",
        Category.PROMOTIONAL,
        "US-NY",
        "America/New_York",
        request,
        List.of(),
        null);
  }
}
