package io.heed.core.gate;

import static io.heed.core.gate.TestingGate.HOUR;
import static io.heed.core.gate.TestingGate.NOON;
import static io.heed.core.gate.TestingGate.RECIPIENT;
import static io.heed.core.gate.TestingGate.request;
import static io.heed.core.gate.TestingGate.sent;
import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.config.ConfigException;
import io.heed.core.gate.GateEvent.Consented;
import io.heed.core.gate.GateEvent.Invalid;
import io.heed.core.gate.GateEvent.Revoked;
import io.heed.core.model.Category;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.OptInMethod;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.SendRequest;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.SuppressionState;
import io.heed.core.model.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Consent by text and by import, requests that are broken, and regions as people write them. */
class GateConsentTest {
  private final TestingGate gate = new TestingGate();

  @ParameterizedTest
  @CsvSource({"KEYWORD, true", "FUZZY, true", "WEB, false", "AGENT, false", "COMPLAINT, false"})
  void aStartThatNamesNoListLiftsAllThatWasStoppedByText(RevocationMethod method, boolean lifted) {
    Revoked stop = new Revoked(RECIPIENT, NOON, "list-1", null, method);
    Consented start = new Consented(RECIPIENT, NOON + 1, null, null, ConsentMethod.KEYWORD);
    Verdict expected = lifted ? Verdict.ALLOW : Verdict.DENY;
    assertThat(gate.play(stop, start).request(request("q1", NOON + HOUR)).verdict())
        .isEqualTo(expected);
    // In the other order of arrival, too.
    assertThat(new TestingGate().play(start, stop).request(request("q1", NOON + HOUR)).verdict())
        .isEqualTo(expected);
    Consented before = new Consented(RECIPIENT, NOON, null, null, ConsentMethod.KEYWORD);
    assertThat(new TestingGate().play(stop, before).request(request("q1", NOON + HOUR)).verdict())
        .as("not strictly newer")
        .isEqualTo(Verdict.DENY);
  }

  @Test
  void whatAStartLiftsIsPublishedForTheList() {
    gate.play(
        sent("m1", NOON - 2 * HOUR),
        new Revoked(RECIPIENT, NOON, null, "m1", RevocationMethod.KEYWORD),
        new Consented(RECIPIENT, NOON + 1, null, null, ConsentMethod.KEYWORD));
    assertThat(gate.suppression("list-1").state()).isEqualTo(SuppressionState.ALLOWED);
    assertThat(gate.suppression("list-1").since()).isEqualTo(NOON + 1);
  }

  @Test
  void anImportCountsWithItsEvidenceOrWhereAPolicyTakesAny() throws Exception {
    ConsentMethod proven = ConsentMethod.of(OptInMethod.IMPORT, "s3://proofs/1");
    assertThat(proven).isEqualTo(ConsentMethod.IMPORT);
    assertThat(ConsentMethod.of(OptInMethod.IMPORT, " ")).isEqualTo(ConsentMethod.UNPROVEN_IMPORT);
    ConsentMethod unproven = ConsentMethod.of(OptInMethod.IMPORT, null);
    assertThat(verdictAfterImport("consent: required\n", unproven).reasons())
        .containsExactly(ReasonCode.NO_CONSENT);
    assertThat(verdictAfterImport("consent: required\nimports: any\n", unproven).verdict())
        .isEqualTo(Verdict.ALLOW);
    assertThat(verdictAfterImport("consent: required\n", proven).verdict())
        .isEqualTo(Verdict.ALLOW);
    assertThat(verdictAfterImport("consent: required\n", proven, unproven).verdict())
        .isEqualTo(Verdict.ALLOW);
    assertThat(verdictAfterImport("consent: required\n", unproven, proven).verdict())
        .isEqualTo(Verdict.ALLOW);
  }

  private static SendVerdict verdictAfterImport(String policy, ConsentMethod... imports)
      throws ConfigException {
    TestingGate strict = new TestingGate(policies(policy));
    for (ConsentMethod method : imports) {
      strict.play(new Consented(RECIPIENT, NOON, "list-1", null, method));
    }
    return strict.request(request("q1", NOON));
  }

  private static PolicyBook policies(String policy) throws ConfigException {
    PolicyBook book = new PolicyBook();
    book.add(new ConfigVersion("policy", "p", "h", 0, 0, "id: p\n" + policy));
    return book;
  }

  @Test
  void anInvalidRequestIsDeniedOnceAndForAll() {
    gate.play(new Invalid(RECIPIENT, NOON, "q1"));
    SendVerdict denied = (SendVerdict) gate.emitted.get(0);
    assertThat(denied.verdict()).isEqualTo(Verdict.DENY);
    assertThat(denied.reasons()).containsExactly(ReasonCode.INVALID_REQUEST);
    assertThat(denied.requestId()).isEqualTo("q1");
    assertThat(denied.decidedAt()).isEqualTo(NOON);
    // Delivered twice, or mended under the same id: the verdict stands.
    gate.play(new Invalid(RECIPIENT, NOON, "q1"));
    assertThat(((SendVerdict) gate.emitted.get(1)).decisionId()).isEqualTo(denied.decisionId());
    SendVerdict mended = gate.request(request("q1", NOON));
    assertThat(mended.decisionId()).isEqualTo(denied.decisionId());
    assertThat(gate.request(request("q2", NOON)).verdict()).isEqualTo(Verdict.ALLOW);
  }

  @Test
  void anInvalidRequestChangesNoVerdictThatWasGiven() {
    assertThat(gate.request(request("q1", NOON)).verdict()).isEqualTo(Verdict.ALLOW);
    int emitted = gate.emitted.size();
    gate.play(new Invalid(RECIPIENT, NOON + 1, "q1"));
    assertThat(gate.emitted).hasSize(emitted);
    assertThat(gate.request(request("q1", NOON + 2)).verdict()).isEqualTo(Verdict.ALLOW);
  }

  @ParameterizedTest
  @ValueSource(strings = {"US-FL", "FL", "us-fl", "US_FL", "Florida", "florida", "Atlantis"})
  void noSpellingOfARegionSwitchesTheLawsOff(String region) throws Exception {
    TestingGate wide =
        new TestingGate(
            policies(
                """
                caps:
                  - {limit: 100, window: 24h}
                quiet_hours:
                  countries: [US]
                """));
    wide.play(sent("m1", NOON - 3 * HOUR), sent("m2", NOON - 2 * HOUR), sent("m3", NOON - HOUR));
    SendVerdict verdict = wide.request(inRegion(region));
    assertThat(verdict.verdict()).isEqualTo(Verdict.DEFER);
    assertThat(verdict.reasons()).contains(ReasonCode.STATE_CAP_REACHED);
  }

  private static SendRequest inRegion(String region) {
    return new SendRequest(
        "e",
        NOON + 2 * HOUR,
        RECIPIENT,
        "q1",
        "c",
        "list-1",
        Category.PROMOTIONAL,
        null,
        null,
        null,
        region,
        null,
        List.of());
  }

  @Test
  void aPolicyChoosesTheReadingOfTheLaw() throws Exception {
    // A Sunday at noon in Birmingham, Alabama.
    long sunday = TestingGate.at("2026-03-01T18:00");
    SendRequest request =
        new SendRequest(
            "e",
            sunday,
            RECIPIENT,
            "q1",
            "c",
            "list-1",
            Category.PROMOTIONAL,
            null,
            null,
            null,
            "US-AL",
            null,
            List.of());
    assertThat(new TestingGate().request(request).reasons()).contains(ReasonCode.QUIET_HOURS);
    assertThat(new TestingGate(policies("law: settled\n")).request(request).verdict())
        .isEqualTo(Verdict.ALLOW);
    PolicyBook both = policies("law: settled\n");
    both.add(new ConfigVersion("policy", "p2", "h2", 0, 0, "id: p2\nlaw: strict\n"));
    assertThat(new TestingGate(both).request(request).reasons()).contains(ReasonCode.QUIET_HOURS);
  }
}
