package io.heed.flink.sendgate;

import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Decision;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import io.heed.flink.streaming.Input;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;

/** The send gate from the bytes of records to its verdicts: intake and gate in their harnesses. */
final class TestingSendGate implements AutoCloseable {
  private final TopicCodec codec = new TopicCodec();
  private final OneInputStreamOperatorTestHarness<Input, GateInput> intake;
  private final TestingGateTask gate;
  private final List<Decision> emitted = new ArrayList<>();
  private long offset;

  /**
   * A gate under policies.
   *
   * @param policies documents of policies, each with its id
   */
  TestingSendGate(List<String> policies) throws Exception {
    TestingGateLog.reset();
    intake = new OneInputStreamOperatorTestHarness<>(new Intake());
    intake.setProcessingTime(TestingGateTask.NOON);
    intake.setup(GateInput.TYPE.createSerializer(null));
    intake.open();
    gate = TestingGateTask.trusting(null, TestingGateTask.NOON);
    for (String policy : policies) {
      String id = policy.lines().findFirst().orElseThrow().replace("id: ", "");
      ConfigVersion version = new ConfigVersion("policy", id, "h-" + id, 0, 0, policy);
      byte[] json = JsonCodec.of(ConfigVersion.class).write(version);
      record(Topic.CONFIG, id, new String(json, StandardCharsets.UTF_8), TestingGateTask.NOON);
    }
  }

  /** Takes a record as Kafka would give it; key and value may be null. */
  void record(Topic topic, String key, String value, long appendTime) throws Exception {
    Input input = Input.decode(codec, topic, 0, offset++, appendTime, bytes(key), bytes(value));
    intake.processElement(new StreamRecord<>(input));
    for (GateInput taken : intake.extractOutputValues()) {
      emitted.addAll(gate.play(taken));
    }
    intake.getOutput().clear();
  }

  private static byte[] bytes(String text) {
    return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
  }

  /** The newest verdict. */
  SendVerdict verdict() {
    for (int i = emitted.size() - 1; i >= 0; i--) {
      if (emitted.get(i) instanceof SendVerdict verdict) {
        return verdict;
      }
    }
    throw new AssertionError("no verdict among " + emitted);
  }

  @Override
  public void close() throws Exception {
    intake.close();
    gate.close();
  }
}
