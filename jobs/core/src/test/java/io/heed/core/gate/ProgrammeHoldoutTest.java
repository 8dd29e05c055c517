package io.heed.core.gate;

import static io.heed.core.gate.TestingGate.DAY;
import static io.heed.core.gate.TestingGate.HOUR;
import static io.heed.core.gate.TestingGate.NOON;
import static io.heed.core.gate.TestingGate.RECIPIENT;
import static io.heed.core.gate.TestingGate.request;
import static io.heed.core.gate.TestingGate.sent;
import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.experiments.ExperimentAllocation.PriorAssignment;
import io.heed.core.experiments.ProgrammeHoldout;
import io.heed.core.gate.GateEvent.Exposed;
import io.heed.core.gate.GateEvent.Requested;
import io.heed.core.model.Alert;
import io.heed.core.model.Assignment;
import io.heed.core.model.Category;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.SendRequest;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.Verdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Who is held out of the programme gets no promotional message, whatever asks for it. */
class ProgrammeHoldoutTest {
  private static final String POLICY =
      """
      id: p
      holdout: {share: 0.2, start: 2026-03-01, until: 2026-04-01, salt: %s}
      """;

  /** A salt whose draw holds the recipient out, and one whose does not. */
  private static final String HELD = salt(true);

  private static final String FREE = salt(false);

  private static String salt(boolean held) throws AssertionError {
    return IntStream.range(0, 1_000)
        .mapToObj(i -> "s" + i)
        .filter(salt -> holdout(salt).holds(RECIPIENT) == held)
        .findFirst()
        .orElseThrow();
  }

  private static ProgrammeHoldout holdout(String salt) {
    try {
      return Policy.parse("p.yaml", POLICY.formatted(salt)).holdout();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static TestingGate gate(String salt) throws Exception {
    return new TestingGate(GateTest.policies(POLICY.formatted(salt)), experiments());
  }

  private static ExperimentBook experiments() throws Exception {
    ExperimentBook experiments = new ExperimentBook();
    experiments.add(TestingDraws.version("design: bandit\n"));
    return experiments;
  }

  @Test
  void deniesEveryPromotionalRequestAndAssignsOnce() throws Exception {
    TestingGate gate = gate(HELD);
    SendVerdict first = gate.request(request("q1", NOON));
    SendVerdict tested = gate.request(named(request("q2", NOON + DAY), "x1"));
    SendVerdict urgent = gate.request(request("q3", NOON + 2 * DAY));
    for (SendVerdict verdict : List.of(first, tested, urgent)) {
      assertThat(verdict.verdict()).isEqualTo(Verdict.DENY);
      assertThat(verdict.reasons()).containsExactly(ReasonCode.HOLDOUT);
      assertThat(verdict.variantId()).isNull();
    }
    assertThat(gate.assigned).hasSize(1);
    Assignment assignment = gate.assigned.get(0);
    assertThat(assignment.experimentId()).isEqualTo("programme");
    assertThat(assignment.variantId()).isEqualTo("holdout");
    assertThat(assignment.eventTime()).isEqualTo(NOON);
    // Read back from its topic it changes nothing.
    gate.play(new Exposed(RECIPIENT, NOON, new PriorAssignment("programme", "holdout", 0)));
    gate.request(request("q4", NOON + 3 * DAY));
    assertThat(gate.assigned).hasSize(1);
  }

  @Test
  void aMessageToAPersonWhoIsHeldOutRaisesAnAlert() throws Exception {
    TestingGate gate = gate(HELD);
    gate.play(sent("m1", NOON));
    assertThat(gate.alerts()).containsExactly("sent_to_holdout");
    assertThat(gate.emitted(Alert.class).get(0).evidence())
        .containsEntry("rule", "held out of programme")
        .containsEntry("experiment_id", "programme")
        .containsEntry("message_id", "m1")
        .as("no law is broken")
        .doesNotContainKeys("exposure_usd_low", "exposure_usd_high");
    gate.request(request("q1", NOON + DAY));
    gate.play(sent("m2", NOON + DAY, "list-1", "q1"));
    assertThat(gate.alerts()).as("against the verdict").hasSize(2);
    TestingGate free = gate(FREE);
    free.play(sent("m1", NOON));
    assertThat(free.alerts()).isEmpty();
    long start = TestingGate.at("2026-03-01T00:00");
    TestingGate before = gate(HELD);
    before.request(request("q0", start - 5 * HOUR));
    before.play(sent("m0", start - 5 * HOUR + 1, "list-1", "q0"));
    assertThat(before.alerts()).isEmpty();
  }

  @Test
  void aTestsMessageToItsHoldOutRaisesAnAlertAndAnotherOnesDoesNot() throws Exception {
    ExperimentBook experiments = new ExperimentBook();
    experiments.add(TestingDraws.version("holdout: 0.5\n"));
    TestingGate gate = new TestingGate(GateTest.policies("id: p\n"), experiments);
    gate.play(new Exposed(RECIPIENT, NOON, new PriorAssignment("x1", "holdout", 0)));
    gate.play(sent("m1", NOON + HOUR));
    assertThat(gate.alerts()).as("another campaign's message").isEmpty();
    GateEvent.Sent plain = sent("m2", NOON + 3 * DAY);
    gate.play(
        new GateEvent.Sent(
            plain.recipientId(),
            plain.time(),
            true,
            plain.messageId(),
            plain.campaignId(),
            plain.listId(),
            plain.category(),
            plain.region(),
            plain.timeZone(),
            null,
            plain.tags(),
            new PriorAssignment("x1", "a", 0)));
    assertThat(gate.alerts()).containsExactly("sent_to_holdout");
    assertThat(gate.emitted(Alert.class).get(0).evidence()).containsEntry("experiment_id", "x1");
  }

  @Test
  void leavesEverythingElseAsItIs() throws Exception {
    TestingGate gate = gate(HELD);
    for (Category category : List.of(Category.TRANSACTIONAL, Category.CONVERSATIONAL)) {
      SendVerdict verdict =
          gate.request(request("q" + category, NOON, "list-1", category, List.of()));
      assertThat(verdict.verdict()).isEqualTo(Verdict.ALLOW);
    }
    TestingGate other = gate(FREE);
    TestingGate without = new TestingGate(GateTest.policies("id: p\n"), experiments());
    for (int day = 0; day < 3; day++) {
      SendRequest request = named(request("q" + day, NOON + 2 * DAY * day), "x1");
      SendVerdict verdict = other.request(request);
      assertThat(verdict.verdict()).isEqualTo(Verdict.ALLOW);
      assertThat(verdict.variantId()).isEqualTo(without.request(request).variantId()).isNotNull();
    }
    assertThat(gate.assigned).isEmpty();
    assertThat(other.assigned).isEmpty();
  }

  @Test
  void holdsFromItsStartUntilItsEnd() throws Exception {
    TestingGate gate = gate(HELD);
    long start = TestingGate.at("2026-03-01T00:00");
    long end = TestingGate.at("2026-04-01T00:00");
    Map<Long, Verdict> verdicts = new HashMap<>();
    for (long at :
        new long[] {start - 5 * HOUR, start + 17 * HOUR, end - 5 * HOUR, end + 17 * HOUR}) {
      verdicts.put(at, gate.request(request("q" + at, at)).verdict());
    }
    assertThat(verdicts)
        .isEqualTo(
            Map.of(
                start - 5 * HOUR,
                Verdict.ALLOW,
                start + 17 * HOUR,
                Verdict.DENY,
                end - 5 * HOUR,
                Verdict.DENY,
                end + 17 * HOUR,
                Verdict.ALLOW));
  }

  @Test
  void otherRulesComeFirstSoThatBothArmsEnterAlike() throws Exception {
    PolicyBook consent = GateTest.policies(POLICY.formatted(HELD) + "consent: required\n");
    TestingGate gate = new TestingGate(consent);
    assertThat(gate.request(request("q1", NOON)).reasons()).containsExactly(ReasonCode.NO_CONSENT);
    assertThat(gate.assigned).isEmpty();
    TestingGate night = gate(HELD);
    SendVerdict deferred = night.request(request("q1", NOON + 14 * HOUR));
    assertThat(deferred.reasons()).containsExactly(ReasonCode.QUIET_HOURS);
    assertThat(night.assigned).isEmpty();
    SendVerdict morning = night.request(request("q1", deferred.notBefore()));
    assertThat(morning.reasons()).containsExactly(ReasonCode.HOLDOUT);
    assertThat(night.assigned).hasSize(1);
  }

  @Test
  void aRestartRepeatsVerdictAndAssignmentUnderTheSameIds() throws Exception {
    TestingGate gate = gate(HELD);
    SendRequest request = named(request("q1", NOON), "x1");
    SendVerdict before = gate.request(request);
    gate.restart(null, List.of(before));
    SendVerdict again = gate.request(request);
    assertThat(again.decisionId()).isEqualTo(before.decisionId());
    assertThat(gate.assigned).hasSize(2);
    assertThat(gate.assigned.get(1)).isEqualTo(gate.assigned.get(0));
    byte[] stored = gate.state;
    gate.restart(stored, List.of());
    gate.play(new Requested(request, NOON));
    gate.request(request("q2", NOON + DAY));
    assertThat(gate.assigned).hasSize(2);
  }

  @Test
  void anotherSaltHoldsOutOtherPeopleAndAssignsThem() throws Exception {
    String second = "id: p\nholdout: {share: 0.2, start: 2026-04-01, salt: " + HELD + "x}\n";
    PolicyBook book = GateTest.policies(POLICY.formatted(HELD));
    book.add(GateTest.version("p0", second, TestingGate.at("2026-04-01T00:00")));
    ProgrammeHoldout later = book.holdoutAt(TestingGate.at("2026-04-02T00:00"));
    List<String> both = new ArrayList<>();
    int held = 0;
    for (int i = 0; i < 20_000; i++) {
      held += later.holds("p" + i) ? 1 : 0;
      if (later.holds("p" + i) && holdout(HELD).holds("p" + i)) {
        both.add("p" + i);
      }
    }
    assertThat(held).isBetween(3_800, 4_200);
    assertThat(both).hasSizeBetween(700, 900);
    Gate gate = new Gate(book, new ExperimentBook(), new ValueBook(), GateSettings.DEFAULTS);
    TestingGate out = new TestingGate();
    Moment moment = new Moment(0, 0, 0, false, false);
    byte[] state = null;
    for (long at : new long[] {NOON, NOON + DAY, NOON + 40 * DAY, NOON + 41 * DAY}) {
      SendRequest r = request("q" + at, at);
      SendRequest theirs =
          new SendRequest(
              r.eventId(),
              at,
              both.get(0),
              r.requestId(),
              "c",
              "l",
              r.category(),
              null,
              null,
              null,
              r.region(),
              r.timeZone(),
              null);
      state = gate.process(state, new Requested(theirs, at), moment, out);
    }
    assertThat(out.emitted(SendVerdict.class)).allMatch(v -> v.verdict() == Verdict.DENY);
    assertThat(out.assigned)
        .extracting(Assignment::eventTime)
        .containsExactly(NOON, NOON + 40 * DAY);
    assertThat(out.assigned).extracting(Assignment::eventId).doesNotHaveDuplicates();
  }

  @Test
  void aMessageThatGoesOutAllTheSameDoesNotEndIt() throws Exception {
    TestingGate gate = gate(HELD);
    gate.request(request("q1", NOON));
    gate.play(sent("m1", NOON + HOUR));
    assertThat(gate.request(request("q2", NOON + 3 * DAY)).reasons())
        .containsExactly(ReasonCode.HOLDOUT);
  }

  private static SendRequest named(SendRequest r, String experiment) {
    return new SendRequest(
        r.eventId(),
        r.eventTime(),
        r.recipientId(),
        r.requestId(),
        r.campaignId(),
        r.listId(),
        r.category(),
        experiment,
        100,
        r.expiresAt(),
        r.region(),
        r.timeZone(),
        r.tags());
  }
}
