package io.heed.core.gate;

import static io.heed.core.gate.TestingGate.DAY;
import static io.heed.core.gate.TestingGate.NOON;
import static io.heed.core.gate.TestingGate.RECIPIENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.gate.GateEvent.Sunset;
import io.heed.core.model.Category;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.SendRequest;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.Verdict;
import org.junit.jupiter.api.Test;

/** A policy that denies those to whom a message costs more than it brings. */
class GateSunsetTest {
  private static final String DENY = "id: p\nsunset: deny\n";

  private static TestingGate gate(String policy) throws Exception {
    return new TestingGate(GateTest.policies(policy));
  }

  private static SendVerdict verdict(TestingGate gate, long at, Category category, int priority) {
    return gate.request(
        new SendRequest(
            "e" + at + category + priority,
            at,
            RECIPIENT,
            "q" + at + category + priority,
            "campaign",
            "list-1",
            category,
            null,
            priority,
            null,
            "US-NY",
            "America/New_York",
            null));
  }

  private static Verdict promotional(TestingGate gate, long at) {
    return verdict(gate, at, Category.PROMOTIONAL, 50).verdict();
  }

  @Test
  void whoIsSunsetGetsNoPromotionalMessageUntilTheSignalEnds() throws Exception {
    TestingGate gate = gate(DENY);
    gate.play(new Sunset(RECIPIENT, NOON - DAY, NOON + 2 * DAY));
    SendVerdict denied = verdict(gate, NOON, Category.PROMOTIONAL, 50);
    assertThat(denied.verdict()).isEqualTo(Verdict.DENY);
    assertThat(denied.reasons()).containsExactly(ReasonCode.SUNSET);
    assertThat(verdict(gate, NOON, Category.TRANSACTIONAL, 50).verdict()).isEqualTo(Verdict.ALLOW);
    assertThat(promotional(gate, NOON - DAY - 1)).isEqualTo(Verdict.ALLOW);
    assertThat(promotional(gate, NOON + 2 * DAY)).isEqualTo(Verdict.ALLOW);
    assertThat(verdict(gate(DENY), NOON, Category.PROMOTIONAL, 50).verdict())
        .isEqualTo(Verdict.ALLOW);
  }

  @Test
  void aMessageOfTheHighestPriorityIsExempt() throws Exception {
    TestingGate gate = gate(DENY);
    gate.play(new Sunset(RECIPIENT, NOON - DAY, NOON + 2 * DAY));
    assertThat(verdict(gate, NOON, Category.PROMOTIONAL, 100).verdict()).isEqualTo(Verdict.ALLOW);
  }

  @Test
  void theNewestSignalHoldsWhateverComesTwice() throws Exception {
    TestingGate gate = gate(DENY);
    Sunset set = new Sunset(RECIPIENT, NOON - 2 * DAY, NOON + 2 * DAY);
    Sunset cleared = new Sunset(RECIPIENT, NOON - DAY, 0);
    gate.play(set, cleared, set);
    assertThat(promotional(gate, NOON)).isEqualTo(Verdict.ALLOW);
  }

  @Test
  void withoutThePolicyItChangesNothing() throws Exception {
    TestingGate gate = gate("id: p\nconsent: assumed\n");
    gate.play(new Sunset(RECIPIENT, NOON - DAY, NOON + 2 * DAY));
    assertThat(promotional(gate, NOON)).isEqualTo(Verdict.ALLOW);
  }

  @Test
  void theSignalOutlivesEverythingElseThatIsKnownAndExpiresItself() throws Exception {
    TestingGate gate = gate(DENY);
    gate.play(new Sunset(RECIPIENT, NOON - DAY, NOON + 2 * DAY));
    assertThat(gate.state).hasSizeLessThan(32);
    gate.advance(NOON + DAY);
    assertThat(promotional(gate, NOON + DAY)).isEqualTo(Verdict.DENY);
    gate.advance(NOON + 50 * DAY);
    assertThat(gate.state).isNull();
  }
}
