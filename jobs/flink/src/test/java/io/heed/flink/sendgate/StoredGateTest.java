package io.heed.flink.sendgate;

import static io.heed.flink.sendgate.TestingGateTask.NOON;
import static io.heed.flink.sendgate.TestingGateTask.request;
import static io.heed.flink.sendgate.TestingGateTask.sent;
import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.gate.GateEvent.Revoked;
import io.heed.core.gate.RevocationMethod;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.Verdict;
import io.heed.flink.streaming.TestingStates;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A gate that starts from a stored checkpoint goes on as if it had never stopped. */
class StoredGateTest {
  private static final int RECIPIENTS = 20;

  @BeforeEach
  void reset() {
    TestingGateLog.reset();
  }

  private static void before(TestingGateTask gate) throws Exception {
    for (int i = 0; i < RECIPIENTS; i++) {
      String recipient = "r" + i;
      gate.request(request(recipient, "q" + i, NOON), NOON);
      for (int message = 0; message < i % 4; message++) {
        gate.play(sent(recipient, "m" + i + "-" + message, NOON + message, null));
      }
      if (i % 5 == 0) {
        gate.play(new Revoked(recipient, NOON + 10, "*", null, RevocationMethod.KEYWORD));
      }
    }
  }

  private static List<SendVerdict> after(TestingGateTask gate) throws Exception {
    List<SendVerdict> verdicts = new ArrayList<>();
    for (int i = 0; i < RECIPIENTS; i++) {
      verdicts.add(gate.request(request("r" + i, "q" + i, NOON), NOON + 20));
      verdicts.add(gate.request(request("r" + i, "next" + i, NOON + 20), NOON + 20));
    }
    return verdicts;
  }

  private static OperatorSubtaskState store() throws Exception {
    try (TestingGateTask gate = TestingGateTask.fresh(NOON)) {
      before(gate);
      return gate.snapshot();
    }
  }

  @Test
  void verdictsAreThoseOfAGateThatNeverStopped() throws Exception {
    List<SendVerdict> straight;
    try (TestingGateTask gate = TestingGateTask.fresh(NOON)) {
      before(gate);
      straight = after(gate);
    }
    OperatorSubtaskState stored = TestingStates.stored("send-gate-v1", StoredGateTest::store);
    reset();
    try (TestingGateTask gate = TestingGateTask.restored(stored, NOON)) {
      assertThat(after(gate))
          .extracting(SendVerdict::decisionId)
          .isEqualTo(straight.stream().map(SendVerdict::decisionId).toList());
    }
    assertThat(straight).extracting(SendVerdict::verdict).contains(Verdict.ALLOW, Verdict.DENY);
    assertThat(straight)
        .flatExtracting(SendVerdict::reasons)
        .contains(ReasonCode.WITHIN_POLICY, ReasonCode.CAP_REACHED);
  }
}
