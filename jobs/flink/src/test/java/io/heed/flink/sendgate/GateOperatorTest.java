package io.heed.flink.sendgate;

import static io.heed.flink.sendgate.TestingGateTask.NOON;
import static io.heed.flink.sendgate.TestingGateTask.request;
import static io.heed.flink.sendgate.TestingGateTask.sent;
import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.gate.GateEvent;
import io.heed.core.gate.GateEvent.Receipt;
import io.heed.core.gate.GateEvent.Recovered;
import io.heed.core.gate.GateEvent.Requested;
import io.heed.core.gate.GateEvent.Revoked;
import io.heed.core.gate.GateEvent.Sent;
import io.heed.core.gate.RevocationMethod;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Decision;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.model.FrequencyCapDecision;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.SuppressionDecision;
import io.heed.core.model.Topic;
import io.heed.core.model.Verdict;
import io.heed.core.rules.ErrorClass;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.BeforeTry;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GateOperatorTest {
  private static final long MINUTE = 60_000L;
  private static final long DAY = 86_400_000L;

  @BeforeEach
  @BeforeTry
  void reset() {
    TestingGateLog.reset();
  }

  @Test
  void isReadyAtOnceOnAnEmptyStack() throws Exception {
    try (TestingGateTask gate = TestingGateTask.fresh(NOON)) {
      assertThat(gate.request(request("r1", "q1", NOON), NOON).verdict()).isEqualTo(Verdict.ALLOW);
      gate.clock(NOON + 2_000);
      assertThat(gate.readiness())
          .isNotEmpty()
          .allMatch(readiness -> readiness.ready() && readiness.partition() == 0);
    }
  }

  @Test
  void defersWhileARecordIsUnreadThatIsOlderThanAMinute() throws Exception {
    try (TestingGateTask gate = TestingGateTask.fresh(NOON)) {
      TestingGateLog.ENDS.put(TestingGateLog.part(Topic.SEND), 5L);
      assertThat(gate.request(request("r1", "q1", NOON), NOON + 59_000).verdict())
          .isEqualTo(Verdict.ALLOW);
      SendVerdict stale = gate.request(request("r2", "q2", NOON), NOON + 61_000);
      assertThat(stale.reasons()).containsExactly(ReasonCode.STALE_STATE);
      assertThat(stale.verdict()).isEqualTo(Verdict.DEFER);
    }
  }

  @Test
  void startsReadyWhereARestoredStateIsComplete() throws Exception {
    OperatorSubtaskState state;
    try (TestingGateTask gate = TestingGateTask.fresh(NOON)) {
      gate.read(Topic.SEND, 5);
      state = gate.snapshot();
    }
    TestingGateLog.ENDS.put(TestingGateLog.part(Topic.SEND), 5L);
    try (TestingGateTask gate = TestingGateTask.restored(state, NOON + DAY)) {
      assertThat(gate.request(request("r1", "q1", NOON + DAY), NOON + DAY).verdict())
          .isEqualTo(Verdict.ALLOW);
    }
    TestingGateLog.ENDS.put(TestingGateLog.part(Topic.SEND), 6L);
    try (TestingGateTask gate = TestingGateTask.restored(state, NOON + DAY)) {
      assertThat(gate.request(request("r1", "q1", NOON + DAY), NOON + DAY).reasons())
          .containsExactly(ReasonCode.STALE_STATE);
    }
  }

  @Test
  void withoutStateSuppressionsAreTakenOverBeforeAnythingIsAllowed() throws Exception {
    SuppressionDecision prior;
    try (TestingGateTask gate = TestingGateTask.fresh(NOON)) {
      prior =
          (SuppressionDecision)
              gate.play(new Revoked("r1", NOON, "*", null, RevocationMethod.COMPLAINT)).get(0);
    }
    TestingGateLog.ENDS.put(TestingGateLog.part(Topic.SUPPRESSION), 1L);
    try (TestingGateTask gate = TestingGateTask.fresh(NOON + DAY)) {
      assertThat(gate.request(request("r2", "q1", NOON + DAY), NOON + DAY).reasons())
          .containsExactly(ReasonCode.STALE_STATE);
      assertThat(gate.play(GateInput.of(new Recovered(prior), 0, 0))).isEmpty();
      gate.read(Topic.SUPPRESSION, 1);
      assertThat(gate.request(request("r2", "q2", NOON + DAY), NOON + DAY).verdict())
          .isEqualTo(Verdict.ALLOW);
      assertThat(gate.request(request("r1", "q3", NOON + DAY), NOON + DAY).reasons())
          .containsExactly(ReasonCode.COMPLAINT);
      // The gate's own echo: a newer record of the same topic changes nothing.
      SuppressionDecision echo =
          (SuppressionDecision)
              gate.play(new Revoked("r3", NOON, "*", null, RevocationMethod.KEYWORD)).get(0);
      assertThat(gate.play(GateInput.of(new Recovered(echo), 0, 1))).isEmpty();
    }
  }

  @Test
  void aChangedPolicyReachesInactiveRecipients() throws Exception {
    try (TestingGateTask gate = TestingGateTask.fresh(NOON)) {
      for (int i = 0; i < 250; i++) {
        gate.play(sent("r" + i, "m" + i, NOON, null));
      }
      gate.watermark(NOON);
      gate.play(
          GateInput.of(
              "\u0000",
              new ConfigVersion(
                  "policy", "p", "h1", 0, 0, "id: p\ncaps:\n  - {limit: 5, window: 24h}\n")));
      List<Decision> first = gate.clock(NOON + 100);
      assertThat(first).hasSize(100);
      List<Decision> rest = new ArrayList<>();
      for (int tick = 2; tick < 10; tick++) {
        rest.addAll(gate.clock(NOON + tick * 100L));
      }
      assertThat(rest).hasSize(150);
      FrequencyCapDecision open = (FrequencyCapDecision) rest.get(0);
      assertThat(open.remaining()).isEqualTo(4);
      assertThat(open.policyVersion()).isEqualTo("h1");
    }
  }

  @Test
  void expiresNothingBeforeAnyTimeIsKnown() throws Exception {
    try (TestingGateTask gate = TestingGateTask.fresh(NOON)) {
      gate.play(new Revoked("r1", NOON, null, "m1", RevocationMethod.KEYWORD));
      List<Decision> bound = gate.play(sent("r1", "m1", NOON - 1, null));
      assertThat(bound)
          .filteredOn(SuppressionDecision.class::isInstance)
          .extracting(decision -> ((SuppressionDecision) decision).scope())
          .containsExactlyInAnyOrder("*", "list-1");
    }
  }

  @Test
  void readsAndWritesARecipientAtMostOncePerEvent() throws Exception {
    try (TestingGateTask gate = TestingGateTask.fresh(NOON)) {
      List<GateEvent> events =
          List.of(
              new Requested(request("r1", "q1", NOON), NOON),
              sent("r1", "m1", NOON + 1, "q1"),
              new Receipt("r1", NOON + 2, "m1", DeliveryStatus.FAILED, ErrorClass.TRANSIENT),
              new Revoked("r1", NOON + 3, "*", null, RevocationMethod.KEYWORD),
              new Requested(request("r1", "q2", NOON + 4), NOON));
      for (GateEvent event : events) {
        gate.play(event);
      }
      assertThat(gate.reads).as("what follows at once is read from memory").isEqualTo(1);
      assertThat(gate.writes).isZero();
      gate.snapshot();
      assertThat(gate.writes).as("a snapshot has everything").isEqualTo(1);
      // A duplicate changes nothing.
      gate.play(events.get(1));
      gate.snapshot();
      assertThat(gate.reads).isEqualTo(1);
      assertThat(gate.writes).isEqualTo(1);
    }
  }

  @Test
  void onlyRecipientsOfRequestsAreKeptInMemory() throws Exception {
    try (TestingGateTask gate = TestingGateTask.fresh(NOON)) {
      gate.play(sent("r1", "m1", NOON, null));
      gate.play(sent("r1", "m2", NOON + 1, null));
      assertThat(gate.reads).isEqualTo(2);
      assertThat(gate.writes).isEqualTo(2);
    }
  }

  @Test
  void aRecipientWhoLeavesTheCacheTakesNobodysTimerAlong() throws Exception {
    int recipients = RecipientCache.MOST + 1;
    try (TestingGateTask gate = TestingGateTask.fresh(NOON)) {
      for (int i = 0; i < recipients; i++) {
        gate.play(new Requested(request("r" + i, "q" + i, NOON), NOON));
        gate.play(sent("r" + i, "m" + i, NOON, "q" + i));
      }
      // A day later everybody's cap is open again.
      assertThat(gate.watermark(NOON + DAY))
          .extracting(decision -> ((FrequencyCapDecision) decision).recipientId())
          .doesNotHaveDuplicates()
          .hasSize(recipients);
      // And once the last of them is past its horizon, nothing is kept of anybody.
      gate.watermark(NOON + 40 * DAY);
      assertThat(gate.recipients()).isEmpty();
    }
  }

  @Test
  void recipientsThatLeaveTheCacheAreKept() throws Exception {
    OperatorSubtaskState state;
    int recipients = 2 * RecipientCache.MOST;
    try (TestingGateTask gate = TestingGateTask.fresh(NOON)) {
      for (int i = 0; i < recipients; i++) {
        gate.play(new Requested(request("r" + i, "b" + i, NOON), NOON));
        gate.play(sent("r" + i, "m" + i, NOON, "b" + i));
      }
      assertThat(gate.writes).isEqualTo(RecipientCache.MOST);
      assertThat(gate.request(request("r0", "q0", NOON + MINUTE), NOON).reasons())
          .containsExactly(ReasonCode.CAP_REACHED);
      state = gate.snapshot();
    }
    try (TestingGateTask gate = TestingGateTask.restored(state, NOON)) {
      for (int i : new int[] {0, 1, RecipientCache.MOST, recipients - 1}) {
        assertThat(gate.request(request("r" + i, "p" + i, NOON + MINUTE), NOON).reasons())
            .as("r" + i)
            .containsExactly(ReasonCode.CAP_REACHED);
      }
    }
  }

  @Test
  void aWrongPolicyChangesNothing() throws Exception {
    try (TestingGateTask gate = TestingGateTask.fresh(NOON)) {
      gate.play(
          GateInput.of("\u0000", new ConfigVersion("policy", "p", "h", 0, 0, "id: p\ncaps: 7\n")));
      gate.play(sent("r1", "m1", NOON, null));
      assertThat(gate.request(request("r1", "q1", NOON + MINUTE), NOON).reasons())
          .containsExactly(ReasonCode.CAP_REACHED);
    }
  }

  /**
   * Requests, sends and opt-outs of a few people, with kills: after each the state is that of an
   * earlier snapshot, and everything since is read again, each topic in its own order but the
   * topics interleaved again.
   */
  @Property(tries = 25)
  void killsChangeNoVerdictAndGiveNoSlotTwice(@ForAll Random random) throws Exception {
    List<GateInput> requests = new ArrayList<>();
    List<GateInput> facts = new ArrayList<>();
    Map<String, SendVerdict> verdicts = new HashMap<>();
    Map<String, Boolean> optedOut = new HashMap<>();
    Map<String, String> owners = new HashMap<>();
    OperatorSubtaskState snapshot = null;
    int requestsAtSnapshot = 0;
    int factsAtSnapshot = 0;
    int requestsRead = 0;
    int factsRead = 0;
    TestingGateTask gate = TestingGateTask.trusting(null, NOON);
    for (int step = 0; step < 120; step++) {
      long now = NOON + step * 20_000L;
      String person = "r" + random.nextInt(4);
      int dice = random.nextInt(100);
      if (dice < 45) {
        boolean again = dice < 8 && !owners.isEmpty();
        String id = "q" + (again ? random.nextInt(owners.size()) : owners.size());
        String whose = owners.computeIfAbsent(id, q -> person);
        requests.add(GateInput.of(new Requested(request(whose, id, now), now), 0, step));
      } else if (dice < 75) {
        // The sending system sends what it was allowed to, sometimes.
        for (SendVerdict verdict : List.copyOf(verdicts.values())) {
          if (verdict.verdict() == Verdict.ALLOW
              && now < verdict.expiresAt()
              && random.nextInt(3) == 0) {
            facts.add(
                GateInput.of(
                    sent(
                        verdict.recipientId(),
                        "m-" + verdict.requestId(),
                        now,
                        verdict.requestId()),
                    0,
                    step));
          }
        }
      } else if (dice < 78) {
        facts.add(
            GateInput.of(new Revoked(person, now, "list-1", null, RevocationMethod.WEB), 0, step));
      } else if (dice < 85) {
        snapshot = gate.snapshot();
        requestsAtSnapshot = requestsRead;
        factsAtSnapshot = factsRead;
      } else if (dice < 89) {
        gate.close();
        gate = TestingGateTask.trusting(snapshot, now);
        requestsRead = snapshot == null ? 0 : requestsAtSnapshot;
        factsRead = snapshot == null ? 0 : factsAtSnapshot;
      }
      while (requestsRead < requests.size() || factsRead < facts.size()) {
        boolean request =
            factsRead == facts.size() || (requestsRead < requests.size() && random.nextBoolean());
        GateInput input = request ? requests.get(requestsRead++) : facts.get(factsRead++);
        if (input.event() instanceof Revoked) {
          optedOut.put(input.key(), true);
        }
        for (Decision decision : gate.play(input)) {
          if (decision instanceof SendVerdict verdict) {
            check(verdict, verdicts.get(verdict.requestId()), optedOut);
            verdicts.put(verdict.requestId(), verdict);
            TestingGateLog.append(verdict);
          }
        }
      }
      noSlotTwice(facts, verdicts, now);
    }
    gate.close();
  }

  /** A verdict changes only as the contract says. */
  private static void check(
      SendVerdict verdict, SendVerdict before, Map<String, Boolean> optedOut) {
    if (optedOut.containsKey(verdict.recipientId())) {
      // Read again from before the opt-out, the verdict of then may be repeated.
      boolean repeated = before != null && before.decisionId().equals(verdict.decisionId());
      assertThat(verdict.verdict() == Verdict.DENY || repeated).isTrue();
    }
    if (before == null || before.decisionId().equals(verdict.decisionId())) {
      return;
    }
    boolean denied = verdict.verdict() == Verdict.DENY;
    boolean asDeferred =
        before.verdict() == Verdict.DEFER
            && (before.notBefore() == null || verdict.decidedAt() >= before.notBefore());
    assertThat((denied && before.verdict() != Verdict.DENY) || asDeferred)
        .as("%s after %s", verdict, before)
        .isTrue();
  }

  /** One promotional message a day: of those allowed and sent, never two of one person. */
  private static void noSlotTwice(
      List<GateInput> facts, Map<String, SendVerdict> verdicts, long now) {
    Map<String, String> taken = new HashMap<>();
    for (GateInput fact : facts) {
      if (fact.event() instanceof Sent sent) {
        String other = taken.put(sent.recipientId(), sent.requestId());
        assertThat(other == null || other.equals(sent.requestId())).isTrue();
      }
    }
    for (SendVerdict verdict : verdicts.values()) {
      if (verdict.verdict() == Verdict.ALLOW && now < verdict.expiresAt()) {
        String other = taken.put(verdict.recipientId(), verdict.requestId());
        assertThat(other == null || other.equals(verdict.requestId()))
            .as("%s and %s for %s", other, verdict.requestId(), verdict.recipientId())
            .isTrue();
      }
    }
  }
}
