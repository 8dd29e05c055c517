package io.heed.core.gate;

import io.heed.core.model.ConfigVersion;
import io.heed.core.model.ExperimentDecision;
import io.heed.core.model.ExperimentState;
import io.heed.core.model.ReasonCode;
import java.util.List;
import java.util.Map;

/** Experiment {@code x1} with variants {@code a} and {@code b}, and decisions about it. */
final class TestingDraws {
  private static final String DOCUMENT =
      """
      id: x1
      owner: o
      hypothesis: h
      variants:
        - id: a
          weight: 1
        - id: b
          weight: 1
      primary_metric:
        event: click
        window: 24h
        expected_base_rate: 0.1
      minimum_effect: 0.2
      start: 2026-03-01
      """;

  private TestingDraws() {}

  /** Its document with more lines. */
  static ConfigVersion version(String more) {
    return new ConfigVersion("experiment", "x1", "h" + more.hashCode(), 0, 0, DOCUMENT + more);
  }

  /** A decision; RUNNING is the only state that is not final. Its seq is its epoch. */
  static ExperimentDecision decision(
      ExperimentState state, int epoch, Map<String, Double> allocation) {
    return new ExperimentDecision(
        "d" + epoch,
        TestingGate.NOON,
        0,
        List.of(ReasonCode.COLLECTING),
        epoch,
        "h",
        "x1",
        state,
        null,
        state != ExperimentState.RUNNING,
        epoch,
        TestingGate.NOON,
        allocation,
        List.of(),
        null,
        null,
        0,
        null,
        null,
        null);
  }
}
