package io.heed.core.gate;

import static io.heed.core.gate.TestingDraws.decision;
import static io.heed.core.gate.TestingGate.DAY;
import static io.heed.core.gate.TestingGate.HOUR;
import static io.heed.core.gate.TestingGate.NOON;
import static io.heed.core.gate.TestingGate.RECIPIENT;
import static io.heed.core.gate.TestingGate.at;
import static io.heed.core.gate.TestingGate.request;
import static io.heed.core.gate.TestingGate.sent;
import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.config.ConfigException;
import io.heed.core.experiments.ExperimentAllocation.PriorAssignment;
import io.heed.core.gate.GateEvent.Consented;
import io.heed.core.gate.GateEvent.HelpRequested;
import io.heed.core.gate.GateEvent.Receipt;
import io.heed.core.gate.GateEvent.Recovered;
import io.heed.core.gate.GateEvent.Revoked;
import io.heed.core.model.Alert;
import io.heed.core.model.CapSource;
import io.heed.core.model.CapState;
import io.heed.core.model.Category;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.model.ExperimentState;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.SendRequest;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.SuppressionDecision;
import io.heed.core.model.SuppressionState;
import io.heed.core.model.Verdict;
import io.heed.core.optimizer.PersonState;
import io.heed.core.rules.ErrorClass;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GateTest {
  private static final long MINUTE = 60_000L;
  private static final List<String> CONFIRMATION = List.of(Exemption.CONFIRMATION_TAG);

  private final TestingGate gate = new TestingGate();

  // Suppression.

  @Test
  void anOptOutSuppressesAtOnceAndSaysUntilWhenTheLawWantsIt() {
    gate.play(optOut("list-1", NOON, RevocationMethod.KEYWORD));
    SuppressionDecision decision = gate.suppression("list-1");
    assertThat(decision.state()).isEqualTo(SuppressionState.SUPPRESSED);
    assertThat(decision.method()).isEqualTo("KEYWORD");
    assertThat(decision.since()).isEqualTo(NOON);
    assertThat(decision.honourBy()).isEqualTo(NOON + 14 * DAY);
    assertThat(verdict("q1", NOON + HOUR, "list-1").reasons())
        .containsExactly(ReasonCode.OPTED_OUT);
    assertThat(verdict("q2", NOON + HOUR, "list-2").verdict()).isEqualTo(Verdict.ALLOW);
    assertThat(verdict("q3", NOON - HOUR, "list-1").verdict()).isEqualTo(Verdict.DENY);
  }

  @Test
  void anOptInLiftsOnlyWhatIsStrictlyOlder() {
    gate.play(
        optOut("list-1", NOON, RevocationMethod.WEB), optIn("list-1", NOON, ConsentMethod.WEB));
    assertThat(gate.suppression("list-1").state()).isEqualTo(SuppressionState.SUPPRESSED);
    gate.play(optIn("list-1", NOON + 1, ConsentMethod.WEB));
    assertThat(gate.suppression("list-1").state()).isEqualTo(SuppressionState.ALLOWED);
    assertThat(verdict("q1", NOON + HOUR, "list-1").verdict()).isEqualTo(Verdict.ALLOW);
  }

  @Test
  void anImportLiftsNothingAndStartLiftsNoComplaint() {
    gate.play(
        optOut("list-1", NOON, RevocationMethod.KEYWORD),
        optIn("list-1", NOON + 1, ConsentMethod.IMPORT));
    assertThat(verdict("q1", NOON + HOUR, "list-1").verdict()).isEqualTo(Verdict.DENY);
    gate.play(
        optOut("list-2", NOON, RevocationMethod.COMPLAINT),
        optIn("list-2", NOON + 1, ConsentMethod.KEYWORD));
    assertThat(verdict("q2", NOON + HOUR, "list-2").reasons())
        .containsExactly(ReasonCode.COMPLAINT);
    gate.play(optIn("list-2", NOON + 2, ConsentMethod.AGENT));
    assertThat(verdict("q3", NOON + HOUR, "list-2").verdict()).isEqualTo(Verdict.ALLOW);
  }

  @Test
  void aNewerConsentOpensItsListAlone() {
    gate.play(
        optOut("*", NOON, RevocationMethod.KEYWORD),
        optIn("list-1", NOON + 1, ConsentMethod.KEYWORD));
    assertThat(verdict("q1", NOON + HOUR, "list-1").verdict()).isEqualTo(Verdict.ALLOW);
    assertThat(verdict("q2", NOON + HOUR, "list-2").verdict()).isEqualTo(Verdict.DENY);
    gate.play(optOut("*", NOON + 2, RevocationMethod.KEYWORD));
    assertThat(verdict("q3", NOON + HOUR, "list-1").verdict()).isEqualTo(Verdict.DENY);
  }

  @Test
  void startOnAListDoesNotOpenItAgainstAComplaintAboutEverything() {
    gate.play(
        optOut("*", NOON, RevocationMethod.COMPLAINT),
        optIn("list-1", NOON + 1, ConsentMethod.KEYWORD));
    // Consumers compare instants alone, so the list must not be published as ALLOWED since later.
    assertThat(gate.suppression("list-1").state()).isEqualTo(SuppressionState.SUPPRESSED);
    assertThat(verdict("q1", NOON + HOUR, "list-1").verdict()).isEqualTo(Verdict.DENY);
  }

  @Test
  void aReplyCountsForItsMessagesListOrForEverything() {
    gate.play(
        sent("m1", NOON),
        new Revoked(RECIPIENT, NOON + 1, null, "m1", RevocationMethod.FUZZY),
        new Revoked(RECIPIENT, NOON + 2, null, "gone", RevocationMethod.FUZZY));
    assertThat(gate.suppression("list-1").method()).isEqualTo("FUZZY");
    assertThat(gate.suppression("*").state()).isEqualTo(SuppressionState.SUPPRESSED);
    gate.play(sent("gone", NOON, "list-9", null));
    assertThat(gate.suppression("*").state()).isEqualTo(SuppressionState.ALLOWED);
    assertThat(gate.suppression("list-9").state()).isEqualTo(SuppressionState.SUPPRESSED);
  }

  @Test
  void fromTheEndOfTheWaiverAReplyRevokesEverything() {
    long later = at("2027-02-01T17:00");
    gate.play(
        sent("m1", later), new Revoked(RECIPIENT, later + 1, null, "m1", RevocationMethod.KEYWORD));
    assertThat(gate.suppression("*").state()).isEqualTo(SuppressionState.SUPPRESSED);
  }

  @Test
  void yesResumesOnlyAsTheReplyToAConfirmation() {
    gate.play(
        sent("m1", NOON),
        optOut("list-1", NOON + 1, RevocationMethod.KEYWORD),
        new Consented(RECIPIENT, NOON + 2, null, "m1", ConsentMethod.YES),
        new Consented(RECIPIENT, NOON + 2, null, null, ConsentMethod.YES));
    assertThat(gate.suppression("list-1").state()).isEqualTo(SuppressionState.SUPPRESSED);
    gate.play(
        sent("c1", NOON + 3, "list-1", null, Category.TRANSACTIONAL, CONFIRMATION),
        new Consented(RECIPIENT, NOON + 4, null, "c1", ConsentMethod.YES));
    assertThat(gate.suppression("list-1").state()).isEqualTo(SuppressionState.ALLOWED);
  }

  @Test
  void receiptsSuppressByTheClassOfTheirError() {
    gate.play(
        receipt("m1", NOON, DeliveryStatus.UNDELIVERED, ErrorClass.FILTERED),
        receipt("m2", NOON, DeliveryStatus.UNDELIVERED, ErrorClass.UNKNOWN),
        receipt("m3", NOON, DeliveryStatus.FAILED, ErrorClass.QUEUE_OVERFLOW));
    assertThat(gate.emitted).isEmpty();
    gate.play(receipt("m4", NOON, DeliveryStatus.FAILED, ErrorClass.OPTED_OUT));
    assertThat(gate.suppression("*").reasons()).containsExactly(ReasonCode.OPTED_OUT);
    gate.play(receipt("m5", NOON + 1, DeliveryStatus.UNDELIVERED, ErrorClass.INVALID_NUMBER));
    assertThat(verdict("q1", NOON + HOUR, "list-1").reasons())
        .containsExactly(ReasonCode.INVALID_NUMBER);
  }

  @Test
  void transientFailuresSuppressAfterDaysUnlessSomethingCameThrough() {
    for (int day = 0; day < 2; day++) {
      gate.play(
          sent("m" + day, NOON + day * DAY),
          receipt("m" + day, NOON + day * DAY + 1, DeliveryStatus.FAILED, ErrorClass.TRANSIENT));
    }
    assertThat(gate.suppression("*")).isNull();
    gate.play(receipt("m2", NOON + 2 * DAY + 1, DeliveryStatus.FAILED, ErrorClass.TRANSIENT));
    assertThat(gate.suppression("*").method()).isEqualTo("UNREACHABLE");
    gate.play(receipt("m1", NOON + 2 * DAY, DeliveryStatus.DELIVERED, ErrorClass.NONE));
    assertThat(gate.suppression("*").state()).isEqualTo(SuppressionState.ALLOWED);
  }

  @Test
  void oneConfirmationMayGoOutWithinFiveMinutes() {
    gate.play(optOut("list-1", NOON, RevocationMethod.KEYWORD));
    SendRequest first =
        request("c1", NOON + MINUTE, "list-1", Category.TRANSACTIONAL, CONFIRMATION);
    assertThat(gate.request(first).verdict()).isEqualTo(Verdict.ALLOW);
    assertThat(gate.request(first).verdict()).isEqualTo(Verdict.ALLOW);
    gate.play(sent("c1", NOON + MINUTE + 5, "list-1", "c1", Category.TRANSACTIONAL, CONFIRMATION));
    assertThat(gate.alerts()).isEmpty();
    assertThat(
            gate.request(
                    request(
                        "c2", NOON + 2 * MINUTE, "list-1", Category.TRANSACTIONAL, CONFIRMATION))
                .verdict())
        .isEqualTo(Verdict.DENY);
    gate.play(optOut("list-2", NOON, RevocationMethod.KEYWORD));
    assertThat(
            gate.request(
                    request(
                        "c3", NOON + 6 * MINUTE, "list-2", Category.TRANSACTIONAL, CONFIRMATION))
                .verdict())
        .isEqualTo(Verdict.DENY);
  }

  @Test
  void aCallForHelpIsAnsweredInSpiteOfASuppression() {
    gate.play(optOut("*", NOON, RevocationMethod.KEYWORD), new HelpRequested(RECIPIENT, NOON + 1));
    assertThat(
            gate.request(request("h1", NOON + MINUTE, "list-1", Category.TRANSACTIONAL, null))
                .verdict())
        .isEqualTo(Verdict.ALLOW);
    assertThat(
            gate.request(request("h2", NOON + MINUTE, "list-1", Category.TRANSACTIONAL, null))
                .verdict())
        .isEqualTo(Verdict.DENY);
    assertThat(verdict("p1", NOON + MINUTE, "list-1").verdict()).isEqualTo(Verdict.DENY);
  }

  @Test
  void whatAPreviousRunPublishedIsKnownAgainAndNotPublishedAgain() {
    TestingGate prior = new TestingGate();
    prior.play(optOut("*", NOON, RevocationMethod.COMPLAINT));
    SuppressionDecision decision = prior.suppression("*");
    gate.play(new Recovered(decision));
    assertThat(gate.emitted).isEmpty();
    assertThat(verdict("q1", NOON + HOUR, "list-1").reasons())
        .containsExactly(ReasonCode.COMPLAINT);
    gate.play(optIn("*", NOON + 1, ConsentMethod.WEB));
    assertThat(gate.suppression("*").seq()).isGreaterThan(decision.seq());
  }

  @Test
  void whatWasPublishedTooEarlyInThisRunIsCorrectedFromThePreviousOne() {
    TestingGate prior = new TestingGate();
    prior.play(optOut("*", NOON, RevocationMethod.COMPLAINT));
    gate.play(optIn("*", NOON - 1, ConsentMethod.WEB), new Recovered(prior.suppression("*")));
    assertThat(gate.suppression("*").state()).isEqualTo(SuppressionState.SUPPRESSED);
  }

  // Caps and verdicts.

  @Test
  void aReceiptIsAwaitedForThirtyDays() throws Exception {
    TestingGate rich = new TestingGate(policies("id: p\ncaps:\n  - {limit: 1, window: 31d}\n"));
    rich.play(sent("m", NOON)).advance(NOON + 30 * DAY);
    assertThat(rich.request(request("q1", NOON + 30 * DAY + HOUR)).reasons())
        .containsExactly(ReasonCode.CAP_REACHED);
    rich.play(
        new Receipt(RECIPIENT, NOON + 30 * DAY, "m", DeliveryStatus.EXPIRED, ErrorClass.UNKNOWN));
    assertThat(rich.request(request("q2", NOON + 30 * DAY + HOUR)).verdict())
        .isEqualTo(Verdict.ALLOW);
  }

  @Test
  void anIdThatAnotherSendHasHadCountsAgainInEitherOrder() throws Exception {
    String policy = "id: p\ncaps:\n  - {limit: 2, window: 48h}\n";
    GateEvent first = sent("welcome", NOON, "list-1", null);
    GateEvent second = sent("welcome", NOON + DAY, "list-2", null);
    GateEvent failed =
        new Receipt(RECIPIENT, NOON + 1, "welcome", DeliveryStatus.UNDELIVERED, ErrorClass.UNKNOWN);
    TestingGate one = new TestingGate(policies(policy)).play(first, second, first, second);
    TestingGate other = new TestingGate(policies(policy)).play(second, first, second);
    assertThat(one.request(request("q1", NOON + DAY + HOUR)).reasons())
        .containsExactly(ReasonCode.CAP_REACHED);
    assertThat(other.request(request("q1", NOON + DAY + HOUR)).reasons())
        .containsExactly(ReasonCode.CAP_REACHED);
    // Its receipts are the earlier one's, which did not reach the person.
    for (TestingGate each : List.of(one, other)) {
      each.play(failed);
      assertThat(each.request(request("q2", NOON + DAY + HOUR)).verdict()).isEqualTo(Verdict.ALLOW);
    }
  }

  @Test
  void withoutAPolicyOneADayAndFourInThirtyDays() {
    gate.play(sent("m1", NOON));
    assertThat(gate.cap("*").state()).isEqualTo(CapState.CAPPED);
    assertThat(gate.cap("*").nextEligibleAt()).isEqualTo(NOON + DAY);
    SendVerdict next = verdict("q1", NOON + HOUR, "list-2");
    assertThat(next.verdict()).isEqualTo(Verdict.DEFER);
    assertThat(next.reasons()).containsExactly(ReasonCode.CAP_REACHED);
    assertThat(next.notBefore()).isEqualTo(NOON + DAY);
    gate.advance(NOON + DAY);
    assertThat(gate.cap("*").state()).isEqualTo(CapState.OPEN);
    assertThat(gate.cap("*").remaining()).isEqualTo(1);
    assertThat(gate.cap("*").decidedAt()).isEqualTo(NOON + DAY);
    for (int day = 1; day <= 3; day++) {
      gate.play(sent("n" + day, NOON + day * DAY));
    }
    gate.advance(NOON + 5 * DAY);
    assertThat(gate.cap("*").state()).isEqualTo(CapState.CAPPED);
    assertThat(verdict("q2", NOON + 5 * DAY, "list-1").notBefore()).isEqualTo(NOON + 30 * DAY);
    gate.advance(NOON + 30 * DAY);
    assertThat(gate.cap("*").state()).isEqualTo(CapState.OPEN);
  }

  @Test
  void aReservationHoldsItsSlotUntilTheSendOrItsEnd() {
    SendVerdict first = verdict("q1", NOON, "list-1");
    assertThat(first.verdict()).isEqualTo(Verdict.ALLOW);
    assertThat(first.expiresAt()).isEqualTo(NOON + 10 * MINUTE);
    SendVerdict second = verdict("q2", NOON + MINUTE, "list-2");
    assertThat(second.verdict()).isEqualTo(Verdict.DEFER);
    assertThat(second.notBefore()).isEqualTo(NOON + 10 * MINUTE);
    assertThat(verdict("q1", NOON + 2 * MINUTE, "list-1").decisionId())
        .isEqualTo(first.decisionId());
    assertThat(verdict("q2", NOON + 2 * MINUTE, "list-2").decisionId())
        .isEqualTo(second.decisionId());
    // Nobody sent: the slot is free again, and the first has had its chance.
    assertThat(verdict("q2", NOON + 11 * MINUTE, "list-2").verdict()).isEqualTo(Verdict.ALLOW);
    assertThat(verdict("q1", NOON + 11 * MINUTE, "list-1").reasons())
        .containsExactly(ReasonCode.REQUEST_EXPIRED);
  }

  @Test
  void aSendTakesItsReservationsPlaceWithAndWithoutTheRequestsId() throws Exception {
    TestingGate two = new TestingGate(policies("id: p\ncaps:\n  - {limit: 2, window: 24h}\n"));
    two.request(request("q1", NOON));
    two.play(sent("m1", NOON + MINUTE, "list-1", "q1"));
    assertThat(two.request(request("q2", NOON + 2 * MINUTE)).verdict()).isEqualTo(Verdict.ALLOW);
    two.play(sent("m2", NOON + 3 * MINUTE));
    assertThat(two.request(request("q3", NOON + 4 * MINUTE)).notBefore())
        .isEqualTo(NOON + MINUTE + DAY);
  }

  @Test
  void anExpiredReservationIsNoMessagesAndNoRequests() throws Exception {
    TestingGate two = new TestingGate(policies("id: p\ncaps:\n  - {limit: 2, window: 1d}\n"));
    SendVerdict first = two.request(request("q1", NOON));
    // A sender after the end has no slot: the message takes another's, not this one's.
    SendVerdict second = two.request(request("q2", first.expiresAt()));
    two.play(sent("m1", first.expiresAt() + 1));
    assertThat(new StateCodec().read(two.state).request(Hash.of("q1")).used).isFalse();
    assertThat(new StateCodec().read(two.state).request(Hash.of("q2")).used).isTrue();
    assertThat(second.verdict()).isEqualTo(Verdict.ALLOW);
    SendVerdict again = two.request(request("q1", first.expiresAt()));
    assertThat(again.verdict()).isEqualTo(Verdict.DENY);
    assertThat(again.reasons()).containsExactly(ReasonCode.REQUEST_EXPIRED);
  }

  @Test
  void afterASuppressionARepeatedRequestIsDenied() {
    assertThat(verdict("q1", NOON, "list-1").verdict()).isEqualTo(Verdict.ALLOW);
    assertThat(verdict("q2", NOON, "list-1").verdict()).isEqualTo(Verdict.DEFER);
    gate.play(optOut("list-1", NOON + 1, RevocationMethod.KEYWORD));
    assertThat(verdict("q1", NOON, "list-1").verdict()).isEqualTo(Verdict.DENY);
    assertThat(verdict("q2", NOON, "list-1").verdict()).isEqualTo(Verdict.DENY);
    gate.play(optIn("list-1", NOON + 2, ConsentMethod.WEB));
    assertThat(verdict("q1", NOON + 3, "list-1").verdict()).isEqualTo(Verdict.DENY);
  }

  @Test
  void failedMessagesAreRefundedUnlessAttemptsCount() throws Exception {
    gate.play(
        sent("m1", NOON), receipt("m1", NOON + 1, DeliveryStatus.FAILED, ErrorClass.FILTERED));
    assertThat(gate.cap("*").state()).isEqualTo(CapState.OPEN);
    assertThat(verdict("q1", NOON + HOUR, "list-1").verdict()).isEqualTo(Verdict.ALLOW);
    TestingGate attempts =
        new TestingGate(policies("id: p\ncaps:\n  - {limit: 1, window: 24h, counts: attempts}\n"));
    attempts.play(
        sent("m1", NOON), receipt("m1", NOON + 1, DeliveryStatus.FAILED, ErrorClass.FILTERED));
    assertThat(attempts.request(request("q1", NOON + HOUR)).verdict()).isEqualTo(Verdict.DEFER);
  }

  @Test
  void calendarWindowsFollowTheRecipientsOwnZone() throws Exception {
    TestingGate daily = new TestingGate(policies("id: p\ncaps:\n  - {limit: 1, per: day}\n"));
    long evening = at("2026-03-03T00:30"); // 19:30 on the 2nd in New York
    daily.play(sent("m1", evening));
    assertThat(daily.cap("*").nextEligibleAt()).isEqualTo(at("2026-03-03T05:00"));
    assertThat(daily.request(request("q1", evening + MINUTE)).notBefore())
        .isEqualTo(at("2026-03-03T14:00"));
    assertThat(daily.request(request("q2", at("2026-03-03T14:00"))).verdict())
        .isEqualTo(Verdict.ALLOW);
  }

  @Test
  void listsTagsAndTouchesHaveTheirOwnLimits() throws Exception {
    TestingGate limited =
        new TestingGate(
            policies(
                """
                id: p
                lists: [list-1]
                caps:
                  - {limit: 10, window: 24h}
                  - {limit: 1, window: 7d, tag: flash}
                  - {limit: 2, window: 7d, list: list-1, touches: [email]}
                """));
    limited.play(
        sent("m1", NOON, "list-1", null, Category.PROMOTIONAL, List.of("flash")),
        new GateEvent.Touched(RECIPIENT, NOON, "t0", "social"));
    assertThat(limited.request(tagged("q1", NOON + HOUR, "flash")).verdict())
        .isEqualTo(Verdict.DEFER);
    assertThat(limited.cap("list-1").remaining()).isEqualTo(1);
    limited.play(
        new GateEvent.Touched(RECIPIENT, NOON, "t1", "email"),
        new GateEvent.Touched(RECIPIENT, NOON, "t1", "email"));
    assertThat(limited.cap("list-1").state()).isEqualTo(CapState.CAPPED);
    assertThat(limited.cap("*").remaining()).isZero();
    assertThat(limited.cap("*").nextEligibleAt()).isEqualTo(NOON + DAY);
  }

  @Test
  void aStatesLawLimitsAPolicyThatAllowsMore() throws Exception {
    TestingGate florida = new TestingGate(policies("id: p\ncaps:\n  - {limit: 9, window: 24h}\n"));
    for (int i = 0; i < 3; i++) {
      florida.play(
          new GateEvent.Sent(
              RECIPIENT,
              NOON + i,
              true,
              "m" + i,
              "c",
              "list-1",
              Category.PROMOTIONAL,
              "US-FL",
              "America/New_York",
              null,
              List.of(),
              null));
    }
    assertThat(florida.cap("*").capSource()).isEqualTo(CapSource.STATE_LAW);
    assertThat(florida.cap("*").reasons()).containsExactly(ReasonCode.STATE_CAP_REACHED);
    assertThat(florida.request(request("q1", NOON + HOUR)).verdict()).isEqualTo(Verdict.ALLOW);
    SendRequest there =
        new SendRequest(
            "e",
            NOON + HOUR,
            RECIPIENT,
            "q2",
            "c",
            "list-1",
            Category.PROMOTIONAL,
            null,
            null,
            null,
            "US-FL",
            "America/New_York",
            null);
    assertThat(florida.request(there).reasons()).containsExactly(ReasonCode.STATE_CAP_REACHED);
  }

  @Test
  void quietHoursDeferToTheFirstAllowedInstantAndEndAReservation() {
    SendVerdict night = verdict("q1", at("2026-03-03T05:00"), "list-1");
    assertThat(night.reasons()).containsExactly(ReasonCode.QUIET_HOURS);
    assertThat(night.notBefore()).isEqualTo(at("2026-03-03T14:00"));
    assertThat(verdict("q2", at("2026-03-03T00:55"), "list-1").expiresAt())
        .isEqualTo(at("2026-03-03T01:00"));
    assertThat(
            gate.request(
                    request("t1", at("2026-03-03T05:00"), "list-1", Category.TRANSACTIONAL, null))
                .verdict())
        .isEqualTo(Verdict.ALLOW);
  }

  @Test
  void capsAndHoursDeferTogether() {
    gate.play(sent("m1", at("2026-03-03T00:30")));
    SendVerdict verdict = verdict("q1", at("2026-03-03T03:00"), "list-1");
    assertThat(verdict.reasons()).containsExactly(ReasonCode.CAP_REACHED, ReasonCode.QUIET_HOURS);
    assertThat(verdict.notBefore()).isEqualTo(at("2026-03-04T00:30"));
  }

  @Test
  void staleStateDefersAndExpiredOrUnconsentedRequestsAreDenied() throws Exception {
    gate.stale = true;
    assertThat(verdict("q1", NOON, "list-1").reasons()).containsExactly(ReasonCode.STALE_STATE);
    gate.stale = false;
    assertThat(verdict("q1", NOON + MINUTE, "list-1").verdict()).isEqualTo(Verdict.ALLOW);
    SendRequest late =
        new SendRequest(
            "e",
            NOON,
            RECIPIENT,
            "q3",
            "c",
            "l",
            Category.PROMOTIONAL,
            null,
            null,
            NOON,
            null,
            null,
            null);
    assertThat(gate.request(late).reasons()).containsExactly(ReasonCode.REQUEST_EXPIRED);
    TestingGate strict = new TestingGate(policies("id: p\nconsent: required\n"));
    assertThat(strict.request(request("q1", NOON)).reasons())
        .containsExactly(ReasonCode.NO_CONSENT);
    strict.play(optIn("list-1", NOON, ConsentMethod.IMPORT));
    assertThat(strict.request(request("q2", NOON)).verdict()).isEqualTo(Verdict.ALLOW);
  }

  @Test
  void aChangedPolicyHoldsFromItsInstantAndIsReviewed() throws Exception {
    PolicyBook book = policies("id: p\ncaps:\n  - {limit: 3, window: 24h}\n");
    TestingGate changed = new TestingGate(book);
    changed.play(sent("m1", NOON));
    assertThat(changed.cap("*").remaining()).isEqualTo(2);
    book.add(version("p", "id: p\ncaps:\n  - {limit: 1, window: 24h}\n", NOON - HOUR));
    changed.reviewing = true;
    assertThat(changed.request(request("q0", NOON + HOUR)).verdict()).isEqualTo(Verdict.DEFER);
    assertThat(changed.cap("*").state())
        .as("published with the verdict")
        .isEqualTo(CapState.CAPPED);
    int emitted = changed.emitted.size();
    changed.review();
    assertThat(changed.emitted).as("not published twice").hasSize(emitted);
    assertThat(changed.request(request("q1", NOON + HOUR)).verdict()).isEqualTo(Verdict.DEFER);
  }

  // Experiments.

  @Test
  void aDrawComesLastAndIsKeptWhateverBecomesOfTheExperiment() throws Exception {
    ExperimentBook experiments = experiments("design: bandit\n");
    experiments.add(decision(ExperimentState.RUNNING, 1, Map.of("b", 1.0)));
    TestingGate drawing = new TestingGate(new PolicyBook(), experiments);
    drawing.play(sent("m1", NOON));
    SendVerdict capped = drawing.request(experiment("q1", NOON + HOUR));
    assertThat(capped.verdict()).isEqualTo(Verdict.DEFER);
    assertThat(capped.variantId()).isNull();
    assertThat(new StateCodec().read(drawing.state).drawn).isEmpty();
    SendVerdict drawn = drawing.request(experiment("q1", NOON + DAY));
    assertThat(drawn.variantId()).isEqualTo("b");
    assertThat(drawn.epoch()).isEqualTo(1);
    experiments.add(decision(ExperimentState.RUNNING, 2, Map.of("a", 1.0)));
    assertThat(drawing.request(experiment("q1", NOON + DAY + 1)).variantId()).isEqualTo("b");
    SendVerdict later = drawing.request(experiment("q2", NOON + 2 * DAY));
    assertThat(later.variantId()).isEqualTo("b");
    assertThat(later.epoch()).isEqualTo(1);
    assertThat(drawing.assigned).isEmpty();
  }

  @Test
  void whoWasExposedWithoutARequestKeepsTheVariant() throws Exception {
    ExperimentBook experiments = experiments("design: bandit\n");
    experiments.add(decision(ExperimentState.RUNNING, 1, Map.of("b", 1.0)));
    TestingGate exposed = new TestingGate(new PolicyBook(), experiments);
    exposed.play(new GateEvent.Exposed(RECIPIENT, NOON, new PriorAssignment("x1", "a", 0)));
    SendVerdict verdict = exposed.request(experiment("q1", NOON));
    assertThat(verdict.variantId()).isEqualTo("a");
    assertThat(verdict.epoch()).isZero();
    assertThat(exposed.assigned).isEmpty();
  }

  @Test
  void anExperimentThatIsLongOverExpires() throws Exception {
    TestingGate over = new TestingGate(new PolicyBook(), experiments("horizon: 10d\n"));
    over.request(experiment("q1", NOON));
    assertThat(new StateCodec().read(over.state).drawn).hasSize(1);
    over.advance(NOON + 60 * DAY);
    assertThat(over.state).isNull();
  }

  @Test
  void whoIsHeldOutGetsNothingAndIsAssignedOnce() throws Exception {
    TestingGate holding = new TestingGate(new PolicyBook(), experiments("holdout: 0.9999\n"));
    SendVerdict held = holding.request(experiment("q1", NOON));
    assertThat(held.verdict()).isEqualTo(Verdict.DENY);
    assertThat(held.reasons()).containsExactly(ReasonCode.HOLDOUT);
    assertThat(held.variantId()).isNull();
    holding.request(experiment("q1", NOON + 1));
    holding.request(experiment("q2", NOON + DAY));
    assertThat(holding.assigned)
        .singleElement()
        .satisfies(
            assignment -> {
              assertThat(assignment.recipientId()).isEqualTo(RECIPIENT);
              assertThat(assignment.experimentId()).isEqualTo("x1");
              assertThat(assignment.variantId()).isEqualTo("holdout");
              assertThat(assignment.eventTime()).isEqualTo(NOON);
              assertThat(assignment.epoch()).isZero();
            });
    // Nothing was sent, so nothing is used up.
    assertThat(holding.request(request("q3", NOON + DAY)).verdict()).isEqualTo(Verdict.ALLOW);
  }

  @Test
  void theRemainderOfAPlannedListWaitsForTheWinner() throws Exception {
    ExperimentBook experiments =
        experiments(
            """
            design: {type: planned-list, size: 1000, test_share: 0.001, remainder: {}}
            """);
    TestingGate waiting = new TestingGate(new PolicyBook(), experiments);
    SendVerdict deferred = waiting.request(experiment("q1", NOON));
    assertThat(deferred.verdict()).isEqualTo(Verdict.DEFER);
    assertThat(deferred.reasons()).containsExactly(ReasonCode.WAITING_FOR_RESULT);
    experiments.add(decision(ExperimentState.WINNER, 1, Map.of("b", 1.0)));
    SendVerdict winner = waiting.request(experiment("q1", deferred.notBefore()));
    assertThat(winner.verdict()).isEqualTo(Verdict.ALLOW);
    assertThat(winner.variantId()).isEqualTo("b");
    assertThat(winner.epoch()).isEqualTo(1);
    experiments.add(decision(ExperimentState.RUNNING, 2, Map.of("a", 1.0)));
    assertThat(waiting.request(experiment("q2", NOON + DAY)).variantId())
        .as("a final decision stands")
        .isEqualTo("b");
  }

  @Test
  void afterARestartWhatWasDrawnIsKeptThoughTheSharesHaveChanged() throws Exception {
    ExperimentBook experiments = experiments("design: bandit\n");
    experiments.add(decision(ExperimentState.RUNNING, 1, Map.of("b", 1.0)));
    TestingGate restarted = new TestingGate(new PolicyBook(), experiments);
    SendVerdict before = restarted.request(experiment("q1", NOON));
    restarted.restart(null, List.of(before));
    experiments.add(decision(ExperimentState.RUNNING, 2, Map.of("a", 1.0)));
    SendVerdict again = restarted.request(experiment("q1", NOON));
    assertThat(again.decisionId()).isEqualTo(before.decisionId());
    assertThat(restarted.request(experiment("q2", NOON + DAY)).variantId()).isEqualTo("b");
  }

  @Test
  void afterARestartAHoldOutIsAssignedAgainUnderTheSameId() throws Exception {
    TestingGate restarted = new TestingGate(new PolicyBook(), experiments("holdout: 0.9999\n"));
    SendVerdict before = restarted.request(experiment("q1", NOON));
    restarted.restart(null, List.of(before));
    assertThat(restarted.request(experiment("q1", NOON)).decisionId())
        .isEqualTo(before.decisionId());
    assertThat(restarted.assigned).hasSize(2);
    assertThat(restarted.assigned.get(1)).isEqualTo(restarted.assigned.get(0));
  }

  private static ExperimentBook experiments(String more) throws ConfigException {
    ExperimentBook experiments = new ExperimentBook();
    experiments.add(TestingDraws.version(more));
    return experiments;
  }

  // Breaches.

  @Test
  void whatShouldNotHaveGoneOutRaisesAlertsWithEvidence() {
    gate.play(optOut("list-1", NOON, RevocationMethod.KEYWORD), sent("m1", NOON + MINUTE));
    Alert alert = gate.emitted(Alert.class).get(0);
    assertThat(alert.kind()).isEqualTo("sent_after_suppression");
    assertThat(alert.evidence())
        .containsEntry("message_id", "m1")
        .containsEntry("after_millis", MINUTE)
        .containsEntry("exposure_usd_high", 1500L);
    gate.play(sent("m2", NOON + 2 * MINUTE, "list-2", null));
    assertThat(gate.alerts()).contains("sent_above_cap");
    gate.play(sent("m3", at("2026-03-08T06:00"), "list-2", null));
    assertThat(gate.alerts()).contains("sent_in_quiet_hours");
  }

  @Test
  void aMessageFromBeforeTheOptOutAndABackFillRaiseNone() {
    gate.play(optOut("list-1", NOON, RevocationMethod.KEYWORD), sent("m1", NOON - 1));
    assertThat(gate.alerts()).isEmpty();
    GateEvent.Sent old = sent("m2", NOON + 1);
    gate.play(
        new GateEvent.Sent(
            RECIPIENT,
            old.time(),
            false,
            "m2",
            "c",
            "list-1",
            Category.PROMOTIONAL,
            null,
            null,
            null,
            List.of(),
            null));
    assertThat(gate.alerts()).isEmpty();
  }

  // State.

  @Test
  void duplicatesChangeNothing() {
    gate.play(
        sent("m1", NOON),
        receipt("m1", NOON + 1, DeliveryStatus.DELIVERED, ErrorClass.NONE),
        optOut("list-1", NOON + 2, RevocationMethod.WEB));
    byte[] before = gate.state;
    int emitted = gate.emitted.size();
    gate.play(
        sent("m1", NOON),
        receipt("m1", NOON + 1, DeliveryStatus.DELIVERED, ErrorClass.NONE),
        optOut("list-1", NOON + 2, RevocationMethod.WEB));
    assertThat(gate.state).isSameAs(before);
    assertThat(gate.emitted).hasSize(emitted);
  }

  @Test
  void whatIsOlderThanTheHorizonExpiresButForSuppressions() {
    gate.play(sent("m1", NOON));
    gate.request(request("q1", NOON));
    gate.advance(NOON + 40 * DAY);
    assertThat(gate.state).isNull();
    gate.play(new Revoked(RECIPIENT, NOON, null, "gone", RevocationMethod.KEYWORD));
    gate.advance(NOON + 90 * DAY);
    gate.play(sent("gone", NOON));
    assertThat(gate.suppression("*").state()).isEqualTo(SuppressionState.SUPPRESSED);
  }

  @Test
  void aRevokingReplyWhoseMessageNeverArrivesRevokesForGood() {
    gate.play(new Revoked(RECIPIENT, NOON, null, "never", RevocationMethod.FUZZY));
    gate.advance(NOON + 90 * DAY);
    SendVerdict verdict = verdict("q1", NOON + 90 * DAY, "list-1");
    assertThat(verdict.verdict()).isEqualTo(Verdict.DENY);
    assertThat(verdict.reasons()).containsExactly(ReasonCode.OPTED_OUT);
  }

  @Test
  void oneCallCleansUpHoweverManyMessagesThereWere() {
    for (int day = 0; day < 6; day += 2) {
      gate.advance(NOON + day * DAY).play(sent("m" + day, NOON + day * DAY));
    }
    gate.advance(NOON + 30 * DAY);
    assertThat(gate.timersRegistered).as("a lapse per message, one cleaning").isEqualTo(4);
    gate.advance(NOON + 39 * DAY);
    assertThat(gate.state).as("the newest message counts").isNotNull();
    gate.advance(NOON + 41 * DAY);
    assertThat(gate.state).isNull();
    assertThat(gate.timersRegistered).as("a second cleaning, after the first").isEqualTo(5);
  }

  @Test
  void fourMessagesFitIntoAHundredAndFiftyBytesBesideThePerson() {
    for (int i = 0; i < 4; i++) {
      gate.play(
          sent("message-" + i, NOON + i * 8L * DAY - i * HOUR, "list-" + i % 2, null),
          receipt("message-" + i, NOON + i * 8L * DAY, DeliveryStatus.DELIVERED, ErrorClass.NONE));
    }
    int bytes = gate.state.length;
    assertThat(bytes - PersonState.BYTES).isLessThanOrEqualTo(150);
    gate.request(request("q1", NOON + 30 * DAY));
    assertThat(gate.state.length - bytes).as("one answer").isLessThanOrEqualTo(40);
  }

  static SendRequest tagged(String id, long at, String tag) {
    return request(id, at, "list-1", Category.PROMOTIONAL, List.of(tag));
  }

  private static SendRequest experiment(String id, long at) {
    SendRequest r = request(id, at);
    return new SendRequest(
        r.eventId(),
        at,
        RECIPIENT,
        id,
        "c",
        "list-1",
        Category.PROMOTIONAL,
        "x1",
        null,
        null,
        "US-NY",
        "America/New_York",
        null);
  }

  private SendVerdict verdict(String id, long at, String list) {
    return gate.request(request(id, at, list, Category.PROMOTIONAL, null));
  }

  static Revoked optOut(String scope, long at, RevocationMethod method) {
    return new Revoked(RECIPIENT, at, scope, null, method);
  }

  static Consented optIn(String scope, long at, ConsentMethod method) {
    return new Consented(RECIPIENT, at, scope, null, method);
  }

  static Receipt receipt(String message, long at, DeliveryStatus status, ErrorClass error) {
    return new Receipt(RECIPIENT, at, message, status, error);
  }

  static PolicyBook policies(String... documents) throws Exception {
    PolicyBook book = new PolicyBook();
    int number = 0;
    for (String document : documents) {
      book.add(version("p" + number++, document, 0));
    }
    return book;
  }

  static ConfigVersion version(String id, String document, long from) {
    String hash = "hash-" + Integer.toHexString((document + from).hashCode());
    return new ConfigVersion("policy", id.equals("p0") ? "p" : id, hash, from, from, document);
  }
}
