package io.heed.flink.sendgate;

import static io.heed.flink.sendgate.TestingGateTask.NOON;
import static io.heed.flink.sendgate.TestingGateTask.request;
import static io.heed.flink.sendgate.TestingGateTask.sent;
import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Decision;
import io.heed.core.model.FrequencyCapDecision;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.Topic;
import io.heed.core.model.Verdict;
import io.heed.flink.streaming.Input;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a restart must not change. */
class GateRestartTest {
  private static final int NEW = 8;
  private static final long SECOND = 1_000L;
  private static final long DAY = 86_400_000L;
  private static final ConfigVersion FIVE_A_DAY =
      new ConfigVersion("policy", "p", "h1", 0, 0, "id: p\ncaps:\n  - {limit: 5, window: 24h}\n");

  @BeforeEach
  void reset() {
    TestingGateLog.reset();
  }

  /** A record that is read somewhere around a checkpoint; then its partition stays quiet. */
  @Test
  void aQuietPartitionDefersNothingWhereverTheCheckpointWas() throws Exception {
    for (long readAt = 10; readAt <= 1_000; readAt += 10) {
      reset();
      assertThat(verdictAfterRestart(readAt, 500).verdict())
          .as("read %d ms after the start, checkpoint at 500 ms", readAt)
          .isEqualTo(Verdict.ALLOW);
    }
  }

  private static SendVerdict verdictAfterRestart(long readAt, long checkpointAt) throws Exception {
    Input record =
        TestingInputs.json(
            Topic.OPT_IN,
            0,
            NOON + readAt,
            "r9",
            """
            {"event_id":"e","event_time":%d,"recipient_id":"r9","scope":"l","method":"WEB"}"""
                .formatted(NOON));
    OperatorSubtaskState ofIntake;
    OperatorSubtaskState ofGate;
    try (TestingGateTask gate = TestingGateTask.fresh(NOON);
        var intake = intake(null, NOON)) {
      for (long at = 10; at <= checkpointAt; at += 10) {
        if (at == readAt) {
          intake.processElement(new StreamRecord<>(record));
        }
        intake.setProcessingTime(NOON + at);
        passOn(intake, gate);
      }
      intake.getOperator().prepareSnapshotPreBarrier(1);
      passOn(intake, gate);
      ofIntake = intake.snapshot(1, 1);
      ofGate = gate.snapshot();
    }
    TestingGateLog.append(Topic.OPT_IN, NOON + readAt);
    long restart = NOON + 10 * SECOND;
    try (TestingGateTask gate = TestingGateTask.restored(ofGate, restart);
        var intake = intake(ofIntake, restart)) {
      if (readAt > checkpointAt) {
        intake.processElement(new StreamRecord<>(record));
      }
      intake.setProcessingTime(restart + 200);
      passOn(intake, gate);
      return gate.request(request("r1", "q1", NOON), NOON + 65 * SECOND);
    }
  }

  private static OneInputStreamOperatorTestHarness<Input, GateInput> intake(
      OperatorSubtaskState state, long clock) throws Exception {
    OneInputStreamOperatorTestHarness<Input, GateInput> harness =
        new OneInputStreamOperatorTestHarness<>(new Intake());
    harness.setProcessingTime(clock);
    harness.setup(GateInput.TYPE.createSerializer(null));
    if (state != null) {
      harness.initializeState(state);
    }
    harness.open();
    return harness;
  }

  private static void passOn(
      OneInputStreamOperatorTestHarness<Input, GateInput> intake, TestingGateTask gate)
      throws Exception {
    for (GateInput input : intake.extractOutputValues()) {
      gate.play(input);
    }
    intake.getOutput().clear();
  }

  @Test
  void afterAnOutageOnlyARecordThatIsOldEnoughDefers() throws Exception {
    OperatorSubtaskState state;
    try (TestingGateTask gate = TestingGateTask.fresh(NOON)) {
      state = gate.snapshot();
    }
    TestingGateLog.append(Topic.SEND, NOON + 10 * SECOND);
    TestingGateLog.append(Topic.SEND, NOON + 50 * SECOND);
    try (TestingGateTask gate = TestingGateTask.restored(state, NOON + 90 * SECOND)) {
      assertThat(gate.request(request("r1", "q1", NOON), NOON + 70 * SECOND).verdict())
          .as("the oldest unread record is a minute older")
          .isEqualTo(Verdict.ALLOW);
      assertThat(gate.request(request("r2", "q2", NOON), NOON + 70 * SECOND + 1).reasons())
          .as("the oldest unread record is more than a minute older")
          .containsExactly(ReasonCode.STALE_STATE);
      gate.read(Topic.SEND, 2);
      assertThat(gate.request(request("r3", "q3", NOON), NOON + 90 * SECOND).verdict())
          .isEqualTo(Verdict.ALLOW);
    }
  }

  @Test
  void aKillWhileCatchingUpKeepsTheVerdictsGivenBeforeIt() throws Exception {
    OperatorSubtaskState before;
    SendVerdict given;
    try (TestingGateTask gate = TestingGateTask.fresh(NOON)) {
      gate.clock(NOON + 100);
      before = gate.snapshot();
      given = gate.request(request("r1", "q1", NOON), NOON);
      assertThat(given.verdict()).isEqualTo(Verdict.ALLOW);
      TestingGateLog.append(Topic.SEND_REQUEST, NOON);
      TestingGateLog.append(given);
    }
    OperatorSubtaskState whileCatchingUp;
    try (TestingGateTask gate = TestingGateTask.restored(before, NOON + SECOND)) {
      gate.clock(NOON + 2 * SECOND);
      whileCatchingUp = gate.snapshot();
    }
    try (TestingGateTask gate = TestingGateTask.restored(whileCatchingUp, NOON + 3 * SECOND)) {
      // Another message has used the slot: by itself the request would now be deferred.
      gate.play(sent("r1", "m1", NOON + 1, null));
      assertThat(gate.request(request("r1", "q1", NOON), NOON).decisionId())
          .isEqualTo(given.decisionId());
      gate.read(Topic.SEND_REQUEST, 1);
      gate.clock(NOON + 4 * SECOND);
      OperatorSubtaskState caughtUp = gate.snapshot();
      TestingGateLog.VERDICTS.clear();
      TestingGateLog.VERDICTS.add(null);
      // Nothing is read back that lies before a checkpoint without a backlog.
      TestingGateTask.restored(caughtUp, NOON + 5 * SECOND).close();
    }
  }

  @Test
  void theSameRulesReadNobodysState() throws Exception {
    OperatorSubtaskState state;
    TestingGateLog.CONFIGURATION.add(FIVE_A_DAY);
    try (TestingGateTask gate = TestingGateTask.fresh(NOON)) {
      for (int i = 0; i < 1_000; i++) {
        gate.play(sent("r" + i, "m" + i, NOON, null));
      }
      gate.watermark(NOON);
      for (int tick = 1; tick <= 20; tick++) {
        gate.clock(NOON + tick * 100L);
      }
      state = gate.snapshot();
    }
    try (TestingGateTask gate = TestingGateTask.restored(state, NOON + 10 * SECOND)) {
      for (int tick = 1; tick <= 20; tick++) {
        gate.clock(NOON + 10 * SECOND + tick * 100L);
      }
      gate.watermark(NOON - 1);
      gate.clock(NOON + 20 * SECOND);
      gate.watermark(NOON + 1);
      gate.clock(NOON + 21 * SECOND);
      assertThat(gate.reads).isZero();
    }
  }

  /** Neither a restart nor a review of a million recipients holds events up. */
  @Test
  @Tag("proof")
  void aMillionRecipientsAreReviewedInSlices() throws Exception {
    int recipients = 1_000_000;
    OperatorSubtaskState state;
    try (TestingGateTask gate = TestingGateTask.fresh(NOON)) {
      for (int i = 0; i < recipients; i++) {
        gate.play(sent("r" + i, "m" + i, NOON, null));
      }
      gate.watermark(NOON);
      gate.clock(NOON + 100);
      state = gate.snapshot();
    }
    TestingGateLog.CONFIGURATION.add(FIVE_A_DAY);
    try (TestingGateTask gate = TestingGateTask.restored(state, NOON + SECOND)) {
      int emitted = 0;
      long slowest = 0;
      int tick = 1;
      for (; emitted < recipients; tick++) {
        int reads = gate.reads;
        long cpu = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        int reviewed = gate.clock(NOON + SECOND + tick * 100L).size();
        slowest =
            Math.max(slowest, ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpu);
        assertThat(gate.reads - reads).isLessThanOrEqualTo(RulesReview.PER_SLICE);
        assertThat(reviewed).isPositive();
        emitted += reviewed;
      }
      assertThat(slowest).as("ns of CPU for a slice").isLessThan(200_000_000L);
      // One more, which finds that nobody is left.
      assertThat(gate.clock(NOON + SECOND + tick * 100L)).isEmpty();
      state = gate.snapshot();
    }
    try (TestingGateTask gate = TestingGateTask.restored(state, NOON + DAY)) {
      for (int tick = 1; tick <= 100; tick++) {
        gate.clock(NOON + DAY + tick * 100L);
      }
      assertThat(gate.reads).isZero();
    }
  }

  static Stream<StateBackend> backends() {
    return Stream.of(new HashMapStateBackend(), new EmbeddedRocksDBStateBackend());
  }

  /** Everybody is reviewed once, by slices, with new recipients and a restart in between. */
  @ParameterizedTest
  @MethodSource("backends")
  void aReviewGoesOnAfterARestart(StateBackend backend) throws Exception {
    int recipients = 2_000;
    List<Decision> emitted = new ArrayList<>();
    OperatorSubtaskState state;
    int reads;
    try (TestingGateTask gate = TestingGateTask.on(backend, null, NOON)) {
      for (int i = 0; i < recipients; i++) {
        gate.play(sent("r" + i, "m" + i, NOON, null));
      }
      gate.watermark(NOON);
      TestingGateLog.CONFIGURATION.add(FIVE_A_DAY);
      gate.play(GateInput.of("\u0000", FIVE_A_DAY));
      reads = -gate.reads;
      for (int tick = 1; tick <= 12; tick++) {
        List<Decision> slice = gate.clock(NOON + tick * 100L);
        // Recipients who came meanwhile are walked over, too, and have nothing to be changed.
        assertThat(slice).hasSizeBetween(RulesReview.PER_SLICE - NEW * tick, RulesReview.PER_SLICE);
        emitted.addAll(slice);
        playNew(gate, "new" + tick);
      }
      state = gate.snapshot();
      reads += gate.reads;
    }
    try (TestingGateTask gate = TestingGateTask.on(backend, state, NOON + 10 * SECOND)) {
      for (int tick = 1; tick <= 20; tick++) {
        emitted.addAll(gate.clock(NOON + 10 * SECOND + tick * 100L));
        playNew(gate, "newer" + tick);
      }
      reads += gate.reads;
    }
    assertThat(emitted)
        .extracting(decision -> ((FrequencyCapDecision) decision).recipientId())
        .filteredOn(recipient -> recipient.startsWith("r"))
        .doesNotHaveDuplicates()
        .hasSize(recipients);
    assertThat(reads)
        .as("of the key groups that were done nobody is read again")
        .isLessThan(recipients + recipients / 5 + 2 * 32 * NEW);
  }

  /** Recipients in many key groups, so that some come into the one that is being walked. */
  private static void playNew(TestingGateTask gate, String name) throws Exception {
    for (int i = 0; i < NEW; i++) {
      gate.play(sent(name + "-" + i, "m" + name + "-" + i, NOON, null));
    }
  }
}
