package io.heed.core.gate;

import static io.heed.core.gate.GateTest.optIn;
import static io.heed.core.gate.GateTest.optOut;
import static io.heed.core.gate.GateTest.receipt;
import static io.heed.core.gate.TestingGate.DAY;
import static io.heed.core.gate.TestingGate.HOUR;
import static io.heed.core.gate.TestingGate.NOON;
import static io.heed.core.gate.TestingGate.RECIPIENT;
import static io.heed.core.gate.TestingGate.request;
import static io.heed.core.gate.TestingGate.sent;
import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.codec.BinaryException;
import io.heed.core.experiments.ExperimentAllocation.PriorAssignment;
import io.heed.core.gate.GateEvent.Exposed;
import io.heed.core.gate.GateEvent.Revoked;
import io.heed.core.model.Category;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.SuppressionState;
import io.heed.core.model.Verdict;
import io.heed.core.rules.ErrorClass;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class EvictionTest {
  private static final Eviction TIGHT = new Eviction(0, 2, 2, 2, 2);
  private static final long NANOS_PER_SEND = 1_000_000;

  private final TestingGate gate = tight(new PolicyBook());

  private static TestingGate tight(PolicyBook policies) {
    return new TestingGate(policies, new ExperimentBook(), TIGHT);
  }

  @Test
  void aSendCostsTheSameHoweverManyWereBefore() {
    TestingGate hot = new TestingGate();
    long cost = 0;
    int bytes = 0;
    for (int n = 0; n < 50_000; n++) {
      long begun = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
      hot.play(sent("m" + n, NOON + n * 1_000L, "list-1", "q" + n));
      cost = n < 49_000 ? 0 : cost + threadNanos() - begun;
      bytes = Math.max(bytes, hot.state.length);
      hot.emitted.clear();
    }
    System.out.printf(
        "thread CPU per send of a recipient with 50,000 messages: %.1f us, state %d bytes%n",
        cost / 1e6, bytes);
    assertThat(cost / 1_000).as("nanoseconds per send").isLessThan(NANOS_PER_SEND);
    assertThat(bytes).isLessThan(20_000);
    assertThat(hot.evicted()).isGreaterThan(99_000);
    assertThat(hot.request(request("q", NOON + DAY)).reasons())
        .containsExactly(ReasonCode.CAP_REACHED);
  }

  @Test
  void aRequestOfAFullRecipientCostsTheSame() {
    TestingGate hot = new TestingGate();
    for (int n = 0; n < 2_000; n++) {
      hot.play(sent("m" + n, NOON + n * 1_000L));
    }
    long begun = 0;
    for (int n = -500; n < 1_000; n++) {
      begun = n == 0 ? threadNanos() : begun;
      // Every second request is from before the messages.
      hot.request(request("q" + n, NOON + (n % 2 == 0 ? n : -n - 2_000) * 2_000L));
      hot.emitted.clear();
    }
    System.out.printf("per request: %.1f us%n", (threadNanos() - begun) / 1e6);
    assertThat((threadNanos() - begun) / 1_000)
        .as("nanoseconds per request")
        .isLessThan(NANOS_PER_SEND);
  }

  private static long threadNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  // Caps.

  @Test
  void aRefundDoesNotMakeRoomThatAnEvictedMessageTakes() {
    for (int i = 0; i < 9; i++) {
      gate.play(sent("m" + i, NOON + i * HOUR));
    }
    assertThat(gate.evicted()).isEqualTo(5);
    // Four are known, and all of them fail: in 24 hours up to five others may have been sent.
    for (int i = 5; i < 9; i++) {
      gate.play(receipt("m" + i, NOON + 9 * HOUR, DeliveryStatus.FAILED, ErrorClass.FILTERED));
    }
    var deferred = gate.request(request("q1", NOON + 7 * HOUR));
    assertThat(deferred.reasons()).containsExactly(ReasonCode.CAP_REACHED);
    assertThat(deferred.notBefore()).isEqualTo(NOON + 4 * HOUR + 30 * DAY);
    assertThat(gate.cap("*").remaining()).as("what is published agrees").isZero();
    assertThat(gate.cap("*").nextEligibleAt()).isEqualTo(NOON + 4 * HOUR + 30 * DAY);
    assertThat(gate.request(request("q2", NOON + 4 * HOUR + 30 * DAY)).verdict())
        .isEqualTo(Verdict.ALLOW);
  }

  @Test
  void aLateRequestDoesNotFindRoomWhereMessagesWereEvicted() {
    for (int i = 0; i < 9; i++) {
      gate.play(sent("m" + i, NOON + i * 40L * DAY));
    }
    assertThat(gate.request(request("q1", NOON + HOUR)).verdict()).isEqualTo(Verdict.DEFER);
  }

  @Test
  void oneCategoryTakesNoPlaceOfAnother() {
    gate.play(sent("m", NOON));
    for (int i = 0; i < 20; i++) {
      gate.play(sent("t" + i, NOON + i, "list-1", null, Category.TRANSACTIONAL, List.of()));
    }
    assertThat(gate.request(request("q1", NOON + HOUR)).reasons())
        .containsExactly(ReasonCode.CAP_REACHED);
    assertThat(gate.request(request("q2", NOON + DAY)).verdict()).isEqualTo(Verdict.ALLOW);
  }

  @Test
  void asManyMessagesAreKeptAsTheLargestCapAllows() throws Exception {
    TestingGate wide = tight(GateTest.policies("id: p\ncaps:\n  - {limit: 30, window: 30d}\n"));
    for (int i = 0; i < 29; i++) {
      wide.play(sent("m" + i, NOON + i * HOUR));
    }
    assertThat(wide.evicted()).isZero();
    assertThat(wide.request(request("q1", NOON + 30 * HOUR)).verdict()).isEqualTo(Verdict.ALLOW);
  }

  @Test
  void anEvictedReservationHoldsItsSlotToItsEnd() throws Exception {
    TestingGate reserving = tight(GateTest.policies("id: p\ncaps:\n  - {limit: 3, window: 1d}\n"));
    for (int i = 0; i < 3; i++) {
      assertThat(reserving.request(request("q" + i, NOON + i)).verdict()).isEqualTo(Verdict.ALLOW);
    }
    assertThat(reserving.evicted()).isEqualTo(1);
    var repeated = reserving.request(request("q0", NOON + 3));
    assertThat(repeated.verdict()).as("not reserved twice").isEqualTo(Verdict.DEFER);
    var fourth = reserving.request(request("q3", NOON + 5));
    assertThat(fourth.verdict()).isEqualTo(Verdict.DEFER);
    assertThat(fourth.notBefore()).isGreaterThanOrEqualTo(NOON + 10 * 60_000L);
  }

  // Suppressions.

  /** What a gate that evicts nothing refuses, one that keeps two lists refuses as well. */
  @Property(tries = 500)
  void noSuppressionIsEverLost(@ForAll Random random) {
    TestingGate all = new TestingGate();
    TestingGate few = tight(new PolicyBook());
    List<GateEvent> events = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      long at = NOON + random.nextInt(40) * HOUR;
      String scope = random.nextInt(8) == 0 ? "*" : "list-" + random.nextInt(8);
      events.add(
          switch (random.nextInt(6)) {
            case 0, 1 -> optOut(scope, at, RevocationMethod.WEB);
            case 2 -> optOut(scope, at, RevocationMethod.COMPLAINT);
            case 3 -> new Revoked(RECIPIENT, at, null, "gone" + i, RevocationMethod.KEYWORD);
            case 4 -> optIn(scope, at, ConsentMethod.KEYWORD);
            default -> optIn(scope, at, ConsentMethod.PAPER);
          });
    }
    Collections.shuffle(events, random);
    for (GateEvent event : events) {
      all.play(event);
      few.play(event);
      String list = "list-" + random.nextInt(8);
      if (isDenied(all, list)) {
        assertThat(isDenied(few, list)).as("%s after %s", list, event).isTrue();
      }
    }
    assertThat(few.evicted()).isPositive();
  }

  private static boolean isDenied(TestingGate gate, String list) {
    byte[] before = gate.state;
    var verdict =
        gate.request(request("q", NOON + 50 * HOUR, list, Category.CONVERSATIONAL, List.of()));
    gate.state = before;
    return verdict.verdict() == Verdict.DENY;
  }

  @Test
  void whatHeldForAnEvictedListIsLiftedByANewerConsentForIt() {
    for (int i = 0; i < 4; i++) {
      gate.play(optOut("list-" + i, NOON + i, RevocationMethod.WEB));
    }
    assertThat(isDenied(gate, "list-0")).isTrue();
    assertThat(isDenied(gate, "list-9")).as("lists of which nothing is known").isTrue();
    gate.play(optIn("list-0", NOON + HOUR, ConsentMethod.WEB));
    assertThat(isDenied(gate, "list-0")).isFalse();
    assertThat(gate.suppression("list-0").state()).isEqualTo(SuppressionState.ALLOWED);
    assertThat(gate.suppression("")).as("not a scope that is published").isNull();
  }

  @Test
  void whatFailedMessagesSayIsKeptWhenTheyAreEvicted() {
    for (int i = 0; i < 3; i++) {
      gate.play(
          sent("m" + i, NOON + i * DAY),
          receipt("m" + i, NOON + i * DAY + 1, DeliveryStatus.FAILED, ErrorClass.TRANSIENT));
    }
    for (int i = 0; i < 9; i++) {
      gate.play(sent("n" + i, NOON + (3 + i) * DAY));
    }
    assertThat(isDenied(gate, "list-1")).isTrue();
  }

  // Experiments.

  @Test
  void theExperimentsUsedLastAreKept() throws BinaryException {
    for (int i = 0; i < 3; i++) {
      gate.play(new Exposed(RECIPIENT, NOON + i, new PriorAssignment("x" + i, "a", 0)));
    }
    gate.play(new Exposed(RECIPIENT, NOON - DAY, new PriorAssignment("x9", "a", 0)));
    assertThat(new StateCodec().read(gate.state).draws())
        .extracting(PriorAssignment::experimentId)
        .containsExactly("x1", "x2");
  }

  @Test
  void anExperimentThatIsUnknownOrHasNoEndExpiresAYearAfterItsLastUse() throws Exception {
    ExperimentBook endless = new ExperimentBook();
    endless.add(TestingDraws.version("design: bandit\n"));
    for (ExperimentBook book : List.of(new ExperimentBook(), endless)) {
      TestingGate drawn = new TestingGate(new PolicyBook(), book);
      drawn.play(new Exposed(RECIPIENT, NOON, new PriorAssignment("x1", "a", 0)));
      drawn.advance(NOON + 300 * DAY);
      drawn.play(new Exposed(RECIPIENT, NOON + 300 * DAY, new PriorAssignment("x1", "a", 0)));
      drawn.advance(NOON + 600 * DAY);
      assertThat(drawn.state).isNotNull();
      drawn.advance(NOON + 668 * DAY);
      assertThat(drawn.state).isNull();
    }
  }
}
