package io.heed.flink.sendgate;

import static io.heed.flink.sendgate.TestingGateTask.NOON;
import static io.heed.flink.sendgate.TestingGateTask.request;
import static io.heed.flink.sendgate.TestingGateTask.sent;
import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.gate.ConsentMethod;
import io.heed.core.gate.GateEvent.Consented;
import io.heed.core.gate.GateEvent.Erased;
import io.heed.core.gate.GateEvent.Revoked;
import io.heed.core.gate.RevocationMethod;
import io.heed.core.model.Erasure;
import io.heed.core.model.KeptSuppression;
import io.heed.core.model.KeyedHash;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.Verdict;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** People who are erased while the gate runs and restarts. */
class GateErasuresTest {
  private static final long DAY = 86_400_000L;
  private static final long ERASED_AT = NOON + 10;
  private static final KeptSuppression STOPPED = new KeptSuppression("*", "WEB", NOON + 1);

  @BeforeEach
  void reset() {
    TestingGateLog.reset();
  }

  private static Erasure erasure(String recipient, KeptSuppression... kept) {
    return new Erasure(
        "e-" + recipient, ERASED_AT, recipient, TestingGateLog.KEY.of(recipient), List.of(kept));
  }

  private static Revoked stop(String recipient, long at) {
    return new Revoked(recipient, at, "*", null, RevocationMethod.WEB);
  }

  /** The record as the intake passes it on. */
  private static void read(TestingGateTask gate, Erasure erasure) throws Exception {
    gate.play(GateInput.of("\u0000", erasure));
    if (erasure.recipientId() != null) {
      gate.play(new Erased(erasure));
    }
  }

  private static SendVerdict ask(TestingGateTask gate, String id, long at) throws Exception {
    return gate.request(request("r1", id, at), at);
  }

  @Test
  void anErasedPersonIsGoneAndStaysSuppressed() throws Exception {
    Erasure erasure = erasure("r1", STOPPED);
    OperatorSubtaskState before;
    OperatorSubtaskState after;
    try (TestingGateTask gate = TestingGateTask.fresh(NOON)) {
      gate.play(sent("r1", "m1", NOON, null));
      gate.play(sent("r2", "m2", NOON, null));
      gate.play(stop("r1", NOON + 1));
      ask(gate, "q1", NOON + 2);
      before = gate.snapshot();
      read(gate, erasure);
      gate.play(sent("r1", "m1", NOON, null));
      assertThat(ask(gate, "q2", NOON + 20).reasons()).containsExactly(ReasonCode.OPTED_OUT);
      after = gate.snapshot();
      assertThat(gate.recipients()).containsExactly("r2");
    }
    TestingGateLog.ERASURES.add(erasure.done());
    try (TestingGateTask gate = TestingGateTask.restored(after, NOON + 30)) {
      assertThat(ask(gate, "q3", NOON + 30).reasons())
          .as("by the hash alone")
          .containsExactly(ReasonCode.OPTED_OUT);
    }
    try (TestingGateTask gate = TestingGateTask.restored(before, NOON + 30)) {
      read(gate, erasure);
      gate.snapshot();
      assertThat(gate.recipients()).as("restored from before").containsExactly("r2");
    }
    try (TestingGateTask gate = TestingGateTask.fresh(NOON + DAY)) {
      gate.play(sent("r1", "m1", NOON, null));
      gate.play(stop("r1", NOON + 1));
      gate.snapshot();
      assertThat(gate.recipients()).as("what is read again").isEmpty();
      gate.play(sent("r1", "m9", NOON + 40, null));
      read(gate, erasure);
      gate.snapshot();
      assertThat(gate.recipients()).as("what came after").containsExactly("r1");
    }
  }

  @Test
  void verdictsThatAreReadBackHideNoSuppression() throws Exception {
    OperatorSubtaskState after;
    SendVerdict denied;
    try (TestingGateTask gate = TestingGateTask.fresh(NOON)) {
      gate.play(stop("r1", NOON + 1));
      read(gate, erasure("r1", STOPPED));
      after = gate.snapshot();
      gate.clock(NOON + 20);
      denied = ask(gate, "q1", NOON + 20);
      TestingGateLog.append(denied);
    }
    TestingGateLog.ERASURES.add(erasure("r1", STOPPED).done());
    try (TestingGateTask gate = TestingGateTask.restored(after, NOON + 30)) {
      assertThat(ask(gate, "q1", NOON + 20).decisionId()).isEqualTo(denied.decisionId());
      assertThat(ask(gate, "q2", NOON + 30).reasons()).containsExactly(ReasonCode.OPTED_OUT);
      gate.snapshot();
      assertThat(gate.recipients()).as("denials leave nothing, after a restart as well").isEmpty();
    }
  }

  @Test
  void aVerdictFromAfterTheErasureStandsWhenBothAreReadAgain() throws Exception {
    OperatorSubtaskState before;
    try (TestingGateTask gate = TestingGateTask.fresh(NOON)) {
      gate.play(sent("r1", "m1", NOON, null));
      before = gate.snapshot();
      read(gate, erasure("r1"));
      gate.play(stop("r1", ERASED_AT + 1));
      SendVerdict denied = ask(gate, "q1", NOON + 20);
      assertThat(denied.verdict()).isEqualTo(Verdict.DENY);
      TestingGateLog.append(denied);
    }
    TestingGateLog.ERASURES.add(erasure("r1"));
    try (TestingGateTask gate = TestingGateTask.restored(before, NOON + 30)) {
      read(gate, erasure("r1"));
      assertThat(ask(gate, "q1", NOON + 20).verdict())
          .as("though the revocation is read later than the first time")
          .isEqualTo(Verdict.DENY);
    }
  }

  @Test
  void aGateThatCannotRecogniseThePersonLaterForgetsNoSuppression() throws Exception {
    KeyedHash other = new KeyedHash("another key of the tests".getBytes(StandardCharsets.UTF_8));
    for (KeyedHash given : Arrays.asList(null, other)) {
      TestingGateLog.given = given;
      OperatorSubtaskState after;
      try (TestingGateTask gate = TestingGateTask.fresh(NOON)) {
        gate.play(sent("r1", "m1", NOON, null));
        gate.play(stop("r1", NOON + 1));
        gate.play(sent("r2", "m2", NOON, null));
        read(gate, erasure("r1"));
        read(gate, erasure("r2"));
        read(gate, erasure("r3", STOPPED));
        after = gate.snapshot();
        assertThat(gate.recipients()).containsExactly("r1", "r3");
      }
      try (TestingGateTask gate = TestingGateTask.restored(after, NOON + 20)) {
        for (String recipient : List.of("r1", "r3")) {
          assertThat(gate.request(request(recipient, "q1", NOON + 20), NOON + 20).reasons())
              .containsExactly(ReasonCode.OPTED_OUT);
        }
      }
    }
  }

  @Test
  void aSuppressionThatTheRecordDoesNotNameStays() throws Exception {
    OperatorSubtaskState after;
    try (TestingGateTask gate = TestingGateTask.fresh(NOON)) {
      gate.play(sent("r1", "m1", NOON, null));
      gate.play(stop("r1", NOON + 1));
      read(gate, erasure("r1"));
      after = gate.snapshot();
    }
    TestingGateLog.ERASURES.add(erasure("r1"));
    try (TestingGateTask gate = TestingGateTask.restored(after, NOON + 20)) {
      assertThat(ask(gate, "q1", NOON + 20).reasons()).containsExactly(ReasonCode.OPTED_OUT);
      gate.snapshot();
      assertThat(gate.recipients()).containsExactly("r1");
      read(gate, erasure("r1", STOPPED).done());
      assertThat(ask(gate, "q2", NOON + 20).reasons()).containsExactly(ReasonCode.OPTED_OUT);
      gate.snapshot();
      assertThat(gate.recipients()).as("until it is named").isEmpty();
    }
  }

  @Test
  void aConsentFromAfterTheErasureStaysThoughItIsReadBefore() throws Exception {
    try (TestingGateTask gate = TestingGateTask.fresh(NOON)) {
      gate.play(stop("r1", NOON + 1));
      gate.play(new Consented("r1", ERASED_AT + 1, "*", null, ConsentMethod.WEB));
      read(gate, erasure("r1", STOPPED));
      assertThat(ask(gate, "q1", NOON + 20).verdict()).isEqualTo(Verdict.ALLOW);
    }
  }
}
