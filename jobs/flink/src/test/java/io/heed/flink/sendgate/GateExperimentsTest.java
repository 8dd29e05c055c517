package io.heed.flink.sendgate;

import static io.heed.flink.sendgate.TestingGateTask.NOON;
import static io.heed.flink.sendgate.TestingGateTask.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.model.Assignment;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.ExperimentDecision;
import io.heed.core.model.ExperimentState;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.Verdict;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The gate's end of the loop: what it reads of experiments, and what it answers by it. */
class GateExperimentsTest {
  private static final long DAY = 86_400_000L;
  private static final int RECIPIENTS = 400;
  private static final String EXPERIMENT =
      """
      id: x1
      owner: o
      hypothesis: h
      variants:
        - id: a
          weight: 1
        - id: b
          weight: 1
      holdout: 0.2
      primary_metric:
        event: conversion
        window: 24h
        expected_base_rate: 0.1
      minimum_effect: 0.2
      start: 2026-03-01
      """;
  private static final String PLANNED =
      EXPERIMENT
          + """
          design: {type: planned-list, size: 400, test_share: 0.5, remainder: {}}
          """;

  @BeforeEach
  void reset() {
    TestingGateLog.reset();
  }

  @Test
  void testsAPartHoldsOutAPartAndSendsTheWinnerToTheRest() throws Exception {
    try (TestingGateTask gate = TestingGateTask.trusting(null, NOON)) {
      gate.play(GateInput.of("\u0000", version(PLANNED)));
      Map<String, SendVerdict> tested = requestAll(gate, "test", NOON);
      Map<String, Integer> drawn = count(tested);
      assertThat(drawn.keySet()).isEqualTo(Set.of("a", "b", "HOLDOUT", "WAITING_FOR_RESULT"));
      assertThat(drawn.get("WAITING_FOR_RESULT")).isBetween(160, 240);
      assertThat(drawn.get("HOLDOUT")).isBetween(20, 60);
      assertThat(drawn.get("a")).isBetween(55, 105);
      assertThat(drawn.get("b")).isBetween(55, 105);
      assertThat(gate.assigned)
          .hasSize(drawn.get("HOLDOUT"))
          .allMatch(each -> each.variantId().equals("holdout") && each.epoch() == 0);

      gate.play(GateInput.of("\u0000", decision(ExperimentState.WINNER, 1, "b")));
      Map<String, SendVerdict> rest = requestAll(gate, "rest", NOON + DAY);
      tested.forEach(
          (recipient, before) -> {
            SendVerdict now = rest.get(recipient);
            if (before.reasons().contains(ReasonCode.WAITING_FOR_RESULT)) {
              assertThat(now.variantId()).isEqualTo("b");
              assertThat(now.epoch()).isEqualTo(1);
            } else {
              assertThat(now.variantId()).isEqualTo(before.variantId());
              assertThat(now.reasons()).isEqualTo(before.reasons());
            }
          });
    }
  }

  @Test
  void drawsTheSameAfterAKillAndEmitsEveryHoldOut() throws Exception {
    OperatorSubtaskState state;
    Map<String, SendVerdict> before;
    List<Assignment> assigned;
    TestingGateLog.CONFIGURATION.add(version(EXPERIMENT));
    try (TestingGateTask gate = TestingGateTask.fresh(NOON)) {
      state = gate.snapshot();
      before = requestAll(gate, "q", NOON);
      assigned = gate.assigned;
      before.values().forEach(TestingGateLog::append);
    }
    // Meanwhile the weights have changed: who has been drawn keeps the variant.
    String changed = EXPERIMENT.replaceFirst("weight: 1", "weight: 99");
    TestingGateLog.CONFIGURATION.add(
        new ConfigVersion("experiment", "x1", "h2", NOON + 1, NOON + 1, changed));
    try (TestingGateTask gate = TestingGateTask.trusting(state, NOON)) {
      Map<String, SendVerdict> again = requestAll(gate, "q", NOON);
      before.forEach(
          (recipient, verdict) ->
              assertThat(again.get(recipient).decisionId()).isEqualTo(verdict.decisionId()));
      assertThat(gate.assigned).containsExactlyInAnyOrderElementsOf(assigned);
      Map<String, SendVerdict> later = requestAll(gate, "later", NOON + DAY);
      before.forEach(
          (recipient, verdict) -> {
            assertThat(later.get(recipient).variantId()).isEqualTo(verdict.variantId());
            assertThat(later.get(recipient).epoch()).isEqualTo(verdict.epoch());
          });
    }
  }

  @Test
  void holdsTheSamePeopleOutOfTheProgrammeAfterAKill() throws Exception {
    String policy = "id: p\nholdout: {share: 0.25, start: 2026-03-01}\n";
    TestingGateLog.CONFIGURATION.add(new ConfigVersion("policy", "p", "h1", 0, 0, policy));
    TestingGateLog.CONFIGURATION.add(version(EXPERIMENT));
    OperatorSubtaskState state;
    Map<String, SendVerdict> before;
    List<Assignment> assigned;
    try (TestingGateTask gate = TestingGateTask.fresh(NOON)) {
      state = gate.snapshot();
      before = requestAll(gate, "q", NOON);
      assigned = gate.assigned;
      before.values().forEach(TestingGateLog::append);
    }
    assertThat(assigned.stream().filter(each -> each.experimentId().equals("programme")))
        .hasSizeBetween(60, 140);
    try (TestingGateTask gate = TestingGateTask.trusting(state, NOON)) {
      Map<String, SendVerdict> again = requestAll(gate, "q", NOON);
      before.forEach(
          (recipient, verdict) ->
              assertThat(again.get(recipient).decisionId()).isEqualTo(verdict.decisionId()));
      assertThat(gate.assigned).containsExactlyInAnyOrderElementsOf(assigned);
      Map<String, SendVerdict> later = requestAll(gate, "later", NOON + DAY);
      before.forEach(
          (recipient, verdict) ->
              assertThat(later.get(recipient).reasons()).isEqualTo(verdict.reasons()));
      assertThat(gate.assigned).hasSameSizeAs(assigned);
    }
  }

  @Test
  void readsWhatWasDecidedBeforeItsFirstRecord() throws Exception {
    TestingGateLog.CONFIGURATION.add(version(EXPERIMENT));
    TestingGateLog.EXPERIMENTS.add(decision(ExperimentState.WINNER, 1, "a"));
    try (TestingGateTask gate = TestingGateTask.fresh(NOON)) {
      assertThat(count(requestAll(gate, "q", NOON))).isEqualTo(Map.of("a", RECIPIENTS));
    }
  }

  private static Map<String, SendVerdict> requestAll(TestingGateTask gate, String prefix, long at)
      throws Exception {
    Map<String, SendVerdict> verdicts = new TreeMap<>();
    for (int i = 0; i < RECIPIENTS; i++) {
      String recipient = "r" + i;
      verdicts.put(recipient, gate.request(request(recipient, prefix + i, at, "x1"), at));
    }
    return verdicts;
  }

  /** Variants of what was allowed, reasons of what was not. */
  private static Map<String, Integer> count(Map<String, SendVerdict> verdicts) {
    Map<String, Integer> count = new HashMap<>();
    for (SendVerdict verdict : verdicts.values()) {
      boolean allowed = verdict.verdict() == Verdict.ALLOW;
      count.merge(allowed ? verdict.variantId() : "" + verdict.reasons().get(0), 1, Integer::sum);
    }
    return count;
  }

  private static ConfigVersion version(String document) {
    return new ConfigVersion("experiment", "x1", "h1", 0, 0, document);
  }

  static ExperimentDecision decision(ExperimentState state, int epoch, String everybodyGets) {
    return new ExperimentDecision(
        "d" + epoch,
        NOON,
        0,
        List.of(ReasonCode.EVIDENCE_FOR_WINNER),
        epoch,
        "h1",
        "x1",
        state,
        everybodyGets,
        state != ExperimentState.RUNNING,
        epoch,
        NOON,
        Map.of(everybodyGets, 1.0),
        List.of(),
        null,
        null,
        0,
        null,
        null,
        null);
  }
}
