package io.heed.core.gate;

import static io.heed.core.gate.TestingGate.DAY;
import static io.heed.core.gate.TestingGate.NOON;
import static io.heed.core.gate.TestingGate.RECIPIENT;
import static io.heed.core.gate.TestingGate.request;
import static io.heed.core.gate.TestingGate.sent;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryWriter;
import io.heed.core.config.ConfigException;
import io.heed.core.gate.GateEvent.Clicked;
import io.heed.core.model.Assignment;
import io.heed.core.model.Category;
import io.heed.core.model.ExperimentDecision;
import io.heed.core.model.ExperimentState;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.SendRequest;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.ValueModelVersion;
import io.heed.core.model.Verdict;
import io.heed.core.optimizer.PersonState;
import io.heed.core.optimizer.TestingModel;
import io.heed.core.optimizer.ValueModel;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The gate with what the optimizer has learnt. */
class GateValueTest {
  private static final String LOOSE =
      """
      id: p
      caps:
        - {category: PROMOTIONAL, limit: 20, window: 30d}
      """;
  private static final String ON = LOOSE + "optimise: {mode: on, control: 0}\n";
  private static final String GOOD = "0123456789abcdef";

  private static TestingGate gate(String policy) {
    try {
      return new TestingGate(GateTest.policies(policy));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** What a list has learnt: a click is worth so much, and each message costs a cent. */
  private static ValueModelVersion model(long from, long valuePerClickMicros) {
    ValueModel model = TestingModel.of(valuePerClickMicros);
    BinaryWriter out = new BinaryWriter();
    model.write(out);
    return new ValueModelVersion(
        "d",
        from,
        0,
        List.of(),
        1,
        "list-1",
        ValueModelVersion.MODEL,
        GOOD,
        from,
        model.ready(),
        Base64.getEncoder().encodeToString(out.toByteArray()),
        valuePerClickMicros,
        7,
        null,
        null);
  }

  private static ValueModelVersion factor(long from, int click, int optOut, boolean open) {
    return new ValueModelVersion(
        "d",
        from,
        0,
        List.of(),
        1,
        "list-1",
        ValueModelVersion.CAMPAIGN + "campaign",
        "fedcba9876543210",
        from,
        open,
        null,
        null,
        null,
        click,
        optOut);
  }

  private static SendRequest of(String recipient, String id, long at, Integer priority) {
    return new SendRequest(
        "e-" + id,
        at,
        recipient,
        id,
        "campaign",
        "list-1",
        Category.PROMOTIONAL,
        null,
        priority,
        null,
        "US-NY",
        "America/New_York",
        null);
  }

  /** Verdicts on many people, who are all new. */
  private static List<SendVerdict> crowd(TestingGate gate, long at) {
    List<SendVerdict> verdicts = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      gate.state = null;
      verdicts.add(gate.request(of("p" + i, "q" + i, at, null)));
    }
    return verdicts;
  }

  private static long count(List<SendVerdict> verdicts, Verdict verdict) {
    return verdicts.stream().filter(each -> each.verdict() == verdict).count();
  }

  private static TestingGate learnt(String policy, int click) {
    TestingGate gate = gate(policy);
    gate.values.add(model(NOON - DAY, 2_000_000));
    gate.values.add(factor(NOON - 3_600_000, click, 1_000, true));
    return gate;
  }

  @Test
  void whatIsWorthItsPlaceIsAllowedButForTheFewThatAreWithheld() {
    List<SendVerdict> verdicts = crowd(learnt(ON, 3_000), NOON);
    assertThat(count(verdicts, Verdict.DEFER) / 2_000.0).isBetween(0.01, 0.03);
    for (SendVerdict verdict : verdicts) {
      assertThat(verdict.modelVersion()).isEqualTo(GOOD + "+fedcba9876543210");
      if (verdict.verdict() == Verdict.DEFER) {
        assertThat(verdict.reasons()).containsExactly(ReasonCode.LOW_VALUE);
        assertThat(verdict.propensity()).isEqualTo(0.02);
        // The next day's draw is another: at midnight UTC it is seven in the evening in New York.
        assertThat(verdict.notBefore()).isEqualTo(TestingGate.at("2026-03-03T00:00"));
      } else {
        // The pilot passes without chance.
        assertThat(verdict.propensity()).isIn(0.98, null);
      }
    }
  }

  @Test
  void whatIsNotWorthItsPlaceWaitsButForThePilotAndTheFewThatAreSent() {
    List<SendVerdict> verdicts = crowd(learnt(ON, 1), NOON);
    assertThat(count(verdicts, Verdict.ALLOW) / 2_000.0).isBetween(0.025, 0.06);
    assertThat(verdicts)
        .filteredOn(verdict -> verdict.verdict() == Verdict.DEFER)
        .allSatisfy(
            verdict -> {
              assertThat(verdict.reasons()).containsExactly(ReasonCode.LOW_VALUE);
              assertThat(verdict.propensity()).isEqualTo(0.99);
              assertThat(verdict.notBefore()).isNull();
            });
  }

  @Test
  void aCampaignWaitsForItsPilot() {
    TestingGate gate = gate(ON);
    gate.values.add(model(NOON - DAY, 2_000_000));
    List<SendVerdict> verdicts = crowd(gate, NOON);
    assertThat(count(verdicts, Verdict.ALLOW) / 2_000.0).isBetween(0.02, 0.04);
    assertThat(verdicts)
        .filteredOn(verdict -> verdict.verdict() == Verdict.DEFER)
        .allSatisfy(verdict -> assertThat(verdict.notBefore()).isEqualTo(NOON + 600_000));
    gate.values.add(factor(NOON + 300_000, 3_000, 1_000, true));
    assertThat(count(crowd(gate, NOON + 299_999), Verdict.ALLOW)).isLessThan(100);
    assertThat(count(crowd(gate, NOON + 300_000), Verdict.ALLOW)).isGreaterThan(1_900);
  }

  @Test
  void withoutAModelOrWithAnOldOneEverythingIsAsIfOff() {
    TestingGate gate = gate(ON);
    gate.values.add(factor(NOON - DAY, 1, 1_000, true));
    assertThat(crowd(gate, NOON)).allSatisfy(GateValueTest::isPlain);
    gate.values.add(model(NOON - DAY, 2_000_000));
    assertThat(count(crowd(gate, NOON + DAY), Verdict.DEFER)).isPositive();
    assertThat(crowd(gate, NOON + DAY + 1)).allSatisfy(GateValueTest::isPlain);
    assertThat(crowd(gate, NOON - DAY - 1)).allSatisfy(GateValueTest::isPlain);
  }

  private static void isPlain(SendVerdict verdict) {
    assertThat(verdict.verdict()).isEqualTo(Verdict.ALLOW);
    assertThat(verdict.modelVersion()).isNull();
    assertThat(verdict.propensity()).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {LOOSE, LOOSE + "optimise: {mode: off}\n"})
  void offIsOff(String policy) {
    assertThat(crowd(learnt(policy, 1), NOON)).allSatisfy(GateValueTest::isPlain);
  }

  @Test
  void shadowSaysWhatItWouldDecideAndChangesNothing() {
    List<SendVerdict> verdicts =
        crowd(learnt(LOOSE + "optimise: {mode: shadow, control: 0}\n", 1), NOON);
    assertThat(count(verdicts, Verdict.ALLOW)).isEqualTo(2_000);
    assertThat(verdicts)
        .filteredOn(verdict -> verdict.valueVerdict() == Verdict.DEFER)
        .hasSizeBetween(1_880, 1_950);
    assertThat(verdicts).allMatch(verdict -> verdict.modelVersion() != null);
  }

  @Test
  void theControlHasPlainCaps() {
    TestingGate gate = learnt(LOOSE + "optimise: {mode: on, control: 0.25}\n", 1);
    List<SendVerdict> verdicts = crowd(gate, NOON);
    assertThat(verdicts)
        .filteredOn(verdict -> verdict.modelVersion() == null)
        .hasSizeBetween(440, 560)
        .allSatisfy(GateValueTest::isPlain);
  }

  @Test
  void priorityOneHundredAndOtherCategoriesAreExempt() {
    TestingGate gate = learnt(ON, 1);
    for (int i = 0; i < 200; i++) {
      gate.state = null;
      isPlain(gate.request(of("p" + i, "q" + i, NOON, 100)));
    }
    SendRequest service = request("t", NOON, "list-1", Category.TRANSACTIONAL, List.of());
    gate.state = null;
    isPlain(gate.request(service));
    gate.state = null;
    assertThat(
            IntStream.range(0, 200)
                .filter(
                    i -> {
                      gate.state = null;
                      return gate.request(of("p" + i, "r" + i, NOON, 99)).verdict()
                          == Verdict.ALLOW;
                    }))
        .hasSizeLessThan(30);
  }

  /** It can only be stricter than the caps. */
  @Test
  void aFullCapDefersWhateverTheValue() {
    TestingGate gate = learnt(ON.replace("limit: 20", "limit: 1"), 3_000);
    gate.play(sent("m", NOON - DAY));
    SendVerdict verdict = gate.request(request("q", NOON));
    assertThat(verdict.reasons()).containsExactly(ReasonCode.CAP_REACHED);
    assertThat(verdict.modelVersion()).isNull();
  }

  @Test
  void aDeferredRequestIsDecidedAgainAndAVerdictIsRepeatedWithItsVersions() {
    TestingGate gate = learnt(ON, 1);
    int i = 0;
    while (gate.request(of("p" + i, "q" + i, NOON, null)).verdict() == Verdict.ALLOW) {
      gate.state = null;
      i++;
    }
    SendVerdict deferred = gate.request(of("p" + i, "q" + i, NOON + 1, null));
    assertThat(deferred.verdict()).isEqualTo(Verdict.DEFER);
    gate.values.add(factor(NOON + 60_000, 4_000, 1_000, true));
    byte[] before = gate.state;
    SendVerdict allowed = gate.request(of("p" + i, "q" + i, NOON + 60_000, null));
    assertThat(allowed.verdict()).isEqualTo(Verdict.ALLOW);
    SendVerdict repeated = gate.request(of("p" + i, "q" + i, NOON + 61_000, null));
    assertThat(repeated.decisionId()).isEqualTo(allowed.decisionId());
    assertThat(repeated.modelVersion()).isEqualTo(allowed.modelVersion());
    assertThat(repeated.propensity()).isEqualTo(allowed.propensity());
    // Read back after a restart, it stands with all that it contained.
    gate.state = before;
    gate.restart(before, List.of(allowed));
    SendVerdict restored = gate.request(of("p" + i, "q" + i, NOON + 61_000, null));
    assertThat(restored.decisionId()).isEqualTo(allowed.decisionId());
  }

  /** Messages tire and clicks count, in whatever order they come, with at most 32 bytes more. */
  @Test
  void thePersonsStateIsAFunctionOfTheEvents() {
    List<GateEvent> events = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      events.add(sent("m" + i, NOON - i * DAY));
      events.add(new Clicked(RECIPIENT, NOON - i * DAY + 60_000, "m" + i, true));
    }
    TestingGate straight = gate(LOOSE).play(events.toArray(GateEvent[]::new));
    Collections.reverse(events);
    events.addAll(List.copyOf(events));
    TestingGate reversed = gate(LOOSE).play(events.toArray(GateEvent[]::new));
    assertThat(person(reversed)).isEqualTo(person(straight));
    assertThat(straight.state.length - without(straight).length).isLessThanOrEqualTo(32);
  }

  private static List<Object> person(TestingGate gate) {
    try {
      PersonState person = new StateCodec().read(gate.state).person;
      assertThat(person.clicks()).isEqualTo(6);
      assertThat(person.borne()).isEqualTo(6);
      BinaryWriter out = new BinaryWriter();
      person.write(out);
      return List.of(HexFormat.of().formatHex(out.toByteArray()));
    } catch (BinaryException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] without(TestingGate gate) {
    try {
      RecipientState state = new StateCodec().read(gate.state);
      state.person = null;
      return new StateCodec().write(state);
    } catch (BinaryException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "optimise: {mode: fast}",
        "optimise: {margin: 0.2}",
        "optimise: {mode: on, margin: 0}",
        "optimise: {mode: on, margin: 30}",
        "optimise: {mode: on, control: 1}",
        "optimise: {mode: on, controll: 0.1}",
        "optimise: on"
      })
  void mistakesNameTheFieldAndWhatIsAllowed(String optimise) {
    assertThatThrownBy(() -> Policy.parse("p.yaml", "id: p\n" + optimise + "\n"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("optimise")
        .hasMessageContaining("p.yaml:2");
  }

  private static final String TEST = LOOSE + "optimise: {mode: test, salt: s1}\n";

  @Test
  void everybodyEntersTheComparisonOnceWithTheFirstMessageThatAllElseAllows() {
    TestingGate gate = learnt(TEST, 1);
    List<SendVerdict> verdicts = crowd(gate, NOON);
    assertThat(gate.assigned).hasSize(2_000);
    for (int i = 0; i < 2_000; i++) {
      Assignment entered = gate.assigned.get(i);
      assertThat(entered.recipientId()).isEqualTo("p" + i);
      assertThat(entered.experimentId()).isEqualTo("optimizer|list-1|s1");
      assertThat(entered.epoch()).isEqualTo(500_000);
      assertThat(entered.eventTime()).isEqualTo(NOON);
      assertThat(entered.subscriberMicros()).isPositive();
      if (entered.variantId().equals("control")) {
        isPlain(verdicts.get(i));
      } else {
        assertThat(entered.variantId()).isEqualTo("optimised");
        assertThat(verdicts.get(i).modelVersion()).isNotNull();
      }
    }
    assertThat(gate.assigned)
        .filteredOn(entered -> entered.variantId().equals("control"))
        .hasSizeBetween(930, 1_070);
    // Whatever comes next, nobody enters again: not with another message, nor after a restart.
    gate.assigned.clear();
    gate.state = null;
    SendVerdict first = gate.request(of("x", "q1", NOON, null));
    gate.request(of("x", "q2", NOON + 1, null));
    gate.restart(null, List.of(first));
    gate.request(of("x", "q1", NOON, null));
    gate.request(of("x", "q3", NOON + 2, null));
    assertThat(gate.assigned)
        .extracting(Assignment::eventId)
        .hasSize(2)
        .containsOnly(gate.assigned.get(0).eventId());
  }

  @Test
  void nobodyEntersWithoutAModelInTheShadowOrPastACap() {
    TestingGate none = gate(TEST);
    crowd(none, NOON);
    TestingGate shadow = learnt(LOOSE + "optimise: {mode: shadow, control: 0.5}\n", 1);
    crowd(shadow, NOON);
    TestingGate alone = learnt(ON, 1);
    crowd(alone, NOON);
    TestingGate full = learnt(TEST.replace("limit: 20", "limit: 1"), 1);
    full.play(sent("m", NOON - DAY));
    full.request(request("q", NOON));
    assertThat(none.assigned).isEmpty();
    assertThat(shadow.assigned).isEmpty();
    assertThat(alone.assigned).isEmpty();
    assertThat(full.assigned).isEmpty();
  }

  @Test
  void whatWasStoppedForHarmIsAsIfOffFromThenOn() throws Exception {
    ExperimentBook experiments = new ExperimentBook();
    TestingGate gate = new TestingGate(GateTest.policies(TEST), experiments);
    gate.values.add(model(NOON - DAY, 2_000_000));
    gate.values.add(factor(NOON - 3_600_000, 1, 1_000, true));
    experiments.add(stopped("optimizer|list-1|s1", NOON + 60_000));
    experiments.add(stopped("optimizer|list-2|s1", NOON));
    assertThat(count(crowd(gate, NOON + 59_999), Verdict.DEFER)).isPositive();
    gate.assigned.clear();
    assertThat(crowd(gate, NOON + 60_000)).allSatisfy(GateValueTest::isPlain);
    assertThat(gate.assigned).isEmpty();
  }

  private static ExperimentDecision stopped(String key, long from) {
    return new ExperimentDecision(
        "d",
        from,
        from,
        List.of(ReasonCode.GUARDRAIL_BREACHED),
        1,
        "h",
        key,
        ExperimentState.STOPPED_HARM,
        null,
        true,
        500_000,
        from,
        Map.of("control", 1.0),
        List.of(),
        null,
        null,
        0,
        null,
        null,
        null);
  }
}
