package io.heed.core.gate;

import static io.heed.core.gate.TestingGate.HOUR;
import static io.heed.core.gate.TestingGate.NOON;
import static io.heed.core.gate.TestingGate.RECIPIENT;
import static io.heed.core.gate.TestingGate.request;
import static io.heed.core.gate.TestingGate.sent;
import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.codec.BinaryException;
import io.heed.core.gate.GateEvent.Consented;
import io.heed.core.gate.GateEvent.Recovered;
import io.heed.core.gate.GateEvent.Revoked;
import io.heed.core.model.Erasure;
import io.heed.core.model.KeptSuppression;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.SuppressionDecision;
import io.heed.core.model.SuppressionState;
import io.heed.core.model.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;

/** People who were erased: what is known of them is a hash and what stays suppressed. */
class GateErasureTest {
  private static final Erasure UNSUPPRESSED =
      new Erasure("e", NOON + HOUR, RECIPIENT, "hash", null);

  private final TestingGate gate = new TestingGate();

  private static Revoked stop(String scope, long at, RevocationMethod method) {
    return new Revoked(RECIPIENT, at, scope, null, method);
  }

  private static Erasure erased(KeptSuppression... kept) {
    return UNSUPPRESSED.keeping(List.of(kept));
  }

  private TestingGate known() {
    return new TestingGate()
        .play(
            sent("m1", NOON - 2 * HOUR),
            stop("list-1", NOON, RevocationMethod.KEYWORD),
            stop("list-2", NOON, RevocationMethod.COMPLAINT),
            stop("list-3", NOON, RevocationMethod.KEYWORD),
            new Consented(RECIPIENT, NOON + 1, "list-3", null, ConsentMethod.WEB));
  }

  @Test
  void nothingIsLeftOfWhatTheErasureSays() {
    KeptSuppression first = new KeptSuppression("list-1", "KEYWORD", NOON);
    KeptSuppression second = new KeptSuppression("list-2", "COMPLAINT", NOON);
    KeptSuppression other = new KeptSuppression("list-4", "WEB", NOON - HOUR);
    assertThat(known().erase(erased(first, second, other), true).state).isNull();
    assertThat(new TestingGate().erase(erased(other), true).state).isNull();
  }

  @Test
  void whatTheErasureDoesNotSayIsLeftWithWhatItSays() throws Exception {
    KeptSuppression older = new KeptSuppression("list-1", "WEB", NOON - HOUR);
    KeptSuppression other = new KeptSuppression("list-4", "WEB", NOON - HOUR);
    assertThat(suppressions(known().erase(erased(older, other), true)))
        .containsExactly(
            "list-1 SUPPRESSED KEYWORD", "list-2 SUPPRESSED COMPLAINT", "list-4 SUPPRESSED WEB");
    Consented later = new Consented(RECIPIENT, NOON + 2 * HOUR, "list-9", null, ConsentMethod.WEB);
    assertThat(suppressions(new TestingGate().play(later).erase(erased(other), true)))
        .containsExactly("list-4 SUPPRESSED WEB", "list-9 ALLOWED WEB");
    assertThat(RecipientAccount.of(known().erase(erased(), true).state).messages()).isEmpty();
  }

  @Test
  void aComplaintIsNoKeywordThoughBothAreOfOneInstant() throws Exception {
    KeptSuppression stop = new KeptSuppression("list-2", "KEYWORD", NOON);
    gate.play(stop("list-2", NOON, RevocationMethod.COMPLAINT)).erase(erased(stop), true);
    assertThat(suppressions(gate)).containsExactly("list-2 SUPPRESSED COMPLAINT");
  }

  @Test
  void allThatSuppressesIsLeftOfWhoWillNotBeRecognised() throws Exception {
    KeptSuppression first = new KeptSuppression("list-1", "KEYWORD", NOON);
    KeptSuppression second = new KeptSuppression("list-2", "COMPLAINT", NOON);
    assertThat(suppressions(known().erase(erased(first, second), false)))
        .containsExactly("list-1 SUPPRESSED KEYWORD", "list-2 SUPPRESSED COMPLAINT");
    assertThat(suppressions(new TestingGate().erase(erased(first), false)))
        .containsExactly("list-1 SUPPRESSED KEYWORD");
    assertThat(new TestingGate().play(sent("m1", NOON)).erase(UNSUPPRESSED, false).state).isNull();
  }

  private static List<String> suppressions(TestingGate of) throws BinaryException {
    return RecipientAccount.of(of.state).suppressions().stream()
        .map(each -> each.scope() + " " + each.state() + " " + each.method())
        .sorted()
        .toList();
  }

  @Test
  void thePersonStaysSuppressedAndADenialLeavesNothing() {
    Erasure erasure = erased(new KeptSuppression("*", "COMPLAINT", NOON));
    gate.playErased(erasure, requested("q1", NOON + 2 * HOUR));
    assertThat(gate.verdict().verdict()).isEqualTo(Verdict.DENY);
    assertThat(gate.verdict().reasons()).containsExactly(ReasonCode.COMPLAINT);
    String first = gate.verdict().decisionId();
    assertThat(gate.state).isNull();
    assertThat(gate.timersRegistered).as("a timer would keep the id").isZero();
    assertThat(gate.latest()).as("nothing is published of the person").isEmpty();
    gate.playErased(erasure, requested("q1", NOON + 2 * HOUR));
    assertThat(gate.verdict().decisionId()).as("the same again").isEqualTo(first);
  }

  @Test
  void whoWasNotSuppressedIsANewPerson() {
    gate.playErased(UNSUPPRESSED, requested("q1", NOON + 2 * HOUR));
    assertThat(gate.verdict().verdict()).isEqualTo(Verdict.ALLOW);
    assertThat(gate.state).isNotNull();
  }

  @Test
  void whatComesAgainFromBeforeChangesNothing() {
    Erasure erasure = erased(new KeptSuppression("list-1", "KEYWORD", NOON));
    gate.playErased(
        erasure,
        sent("m1", NOON),
        requested("q1", NOON + HOUR),
        new Consented(RECIPIENT, NOON + 1, "list-1", null, ConsentMethod.WEB),
        stop("list-1", NOON, RevocationMethod.KEYWORD),
        stop("list-1", NOON - HOUR, RevocationMethod.KEYWORD),
        new Recovered(published(NOON)));
    assertThat(gate.state).isNull();
    assertThat(gate.emitted).isEmpty();
  }

  @Test
  void aRevocationThatWasNotKnownIsNeverLost() {
    gate.playErased(
        erased(new KeptSuppression("list-1", "KEYWORD", NOON)),
        stop("*", NOON + 1, RevocationMethod.WEB));
    assertThat(gate.suppression("*").state()).isEqualTo(SuppressionState.SUPPRESSED);
    assertThat(gate.request(request("q1", NOON + 3 * HOUR)).verdict()).isEqualTo(Verdict.DENY);
  }

  @Test
  void aNewConsentLiftsWhatItMayLift() {
    long later = NOON + 2 * HOUR;
    Consented start = new Consented(RECIPIENT, later, "list-1", null, ConsentMethod.KEYWORD);
    gate.playErased(erased(new KeptSuppression("list-1", "KEYWORD", NOON)), start);
    assertThat(gate.suppression("list-1").state()).isEqualTo(SuppressionState.ALLOWED);
    assertThat(gate.request(request("q1", later + 1)).verdict()).isEqualTo(Verdict.ALLOW);

    TestingGate complained = new TestingGate();
    complained.playErased(erased(new KeptSuppression("list-1", "COMPLAINT", NOON)), start);
    assertThat(complained.request(request("q1", later + 1)).reasons())
        .as("a keyword lifts no complaint, before an erasure and after it")
        .containsExactly(ReasonCode.COMPLAINT);
  }

  private static GateEvent requested(String id, long at) {
    return new GateEvent.Requested(request(id, at), at);
  }

  private static SuppressionDecision published(long since) {
    return new SuppressionDecision(
        "d",
        since,
        since,
        List.of(ReasonCode.OPTED_OUT),
        1,
        null,
        RECIPIENT,
        "list-1",
        SuppressionState.SUPPRESSED,
        "KEYWORD",
        since,
        null);
  }
}
