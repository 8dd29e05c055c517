package io.heed.flink.warehouse;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import io.heed.flink.streaming.CompactTypeInfo;
import io.heed.flink.streaming.Input;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.Output;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.StreamFlatMap;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DeadLettersTest {
  private static final JobOptions OPTIONS = JobOptions.fromArgs("--topic-prefix", "p.");

  /** The argument of the lookup and its result; static, since the function is serialised. */
  private static final Map<String, Long> WRITTEN = new ConcurrentHashMap<>();

  private static volatile long requestedSince;

  private final TopicCodec codec = new TopicCodec();

  @BeforeEach
  void nothingWritten() {
    WRITTEN.clear();
    requestedSince = -1;
  }

  @Test
  void setsAsideWhatCannotBeReadButNoTombstone() throws Exception {
    try (var harness = harness(null)) {
      harness.processElement(input(Topic.SEND, 3, "{"), 0);
      harness.processElement(input(Topic.SEND, 4, null), 0);
      harness.processElement(input(Topic.ALERT, 5, null), 0);
      harness.processElement(input(Topic.TIME_MARK, 6, "{\"event_time\":1750000000000}"), 0);
      assertThat(keys(harness)).containsExactly("p.sms.send|1|3", "p.sms.send|1|4");
      assertThat(harness.extractOutputValues())
          .allMatch(letter -> letter.partitionBy().equals("p.sms.send|1"));
    }
    assertThat(requestedSince).as("without a checkpoint everything counts").isZero();
  }

  @Test
  void aLetterFitsTheBrokersLimitWhateverTheRecordWas() throws Exception {
    try (var harness = harness(null)) {
      harness.processElement(input(Topic.SEND, 3, "x".repeat(900_000)), 0);
      harness.processElement(input(Topic.SEND, 4, "x".repeat(5_000_000)), 0);
      harness.processElement(
          input(Topic.SEND, 5, "{\"recipient_id\":\"" + "\\u0001".repeat(150_000)), 0);
      assertThat(harness.extractOutputValues())
          .hasSize(3)
          .allMatch(letter -> letter.value().length < 400_000)
          .first()
          .extracting(letter -> new String(letter.value(), StandardCharsets.UTF_8))
          .asString()
          .contains("\"raw_bytes\":900000", "\"reason\":\"not JSON at byte");
    }
  }

  @Test
  void leavesOutWhatWasWrittenSinceTheCheckpoint() throws Exception {
    OperatorSubtaskState checkpoint;
    try (var harness = harness(null)) {
      harness.processElement(input(Topic.SEND, 3, "{"), 0);
      checkpoint = harness.snapshot(1, 1_750_000_000_000L);
    }
    WRITTEN.put("p.sms.send|1", 7L);
    try (var harness = harness(checkpoint)) {
      for (int offset = 4; offset < 10; offset++) {
        harness.processElement(input(Topic.SEND, offset, "{"), 0);
      }
      harness.processElement(input(Topic.REPLY, 4, "{"), 0);
      assertThat(keys(harness))
          .containsExactly("p.sms.send|1|8", "p.sms.send|1|9", "p.sms.reply|1|4");
    }
    assertThat(requestedSince).isBetween(1_749_000_000_000L, 1_750_000_000_000L - 1);
  }

  private static List<String> keys(OneInputStreamOperatorTestHarness<Input, Output> harness) {
    return harness.extractOutputValues().stream().map(Output::key).toList();
  }

  private static Map<String, Long> lookUp(long since) {
    requestedSince = since;
    return new HashMap<>(WRITTEN);
  }

  private static OneInputStreamOperatorTestHarness<Input, Output> harness(
      OperatorSubtaskState state) throws Exception {
    var harness =
        new OneInputStreamOperatorTestHarness<>(
            new StreamFlatMap<>(new DeadLetters(OPTIONS, DeadLettersTest::lookUp)),
            CompactTypeInfo.INPUT.createSerializer(new SerializerConfigImpl()));
    harness.setup(Output.TYPE.createSerializer(new SerializerConfigImpl()));
    if (state != null) {
      harness.initializeState(state);
    }
    harness.open();
    return harness;
  }

  private Input input(Topic topic, long offset, String json) {
    byte[] value = json == null ? null : json.getBytes(StandardCharsets.UTF_8);
    return Input.decode(codec, topic, 1, offset, 1_750_000_000_000L, null, value);
  }
}
