package io.heed.flink;

import static io.heed.flink.sendgate.TestingGateTask.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.heed.core.gate.Optimise;
import io.heed.core.model.Assignment;
import io.heed.core.model.Category;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Conversion;
import io.heed.core.model.ConversionKind;
import io.heed.core.model.ExperimentDecision;
import io.heed.core.model.ExperimentState;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.OptOut;
import io.heed.core.model.OptOutMethod;
import io.heed.core.model.Send;
import io.heed.core.model.SendRequest;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.Topic;
import io.heed.core.model.ValueModelVersion;
import io.heed.core.model.Verdict;
import io.heed.flink.attribution.TestingPipeline;
import io.heed.flink.sendgate.TestingGateTask;
import io.heed.flink.streaming.Output;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * An optimizer that believes that a campaign brings nothing, through the operators of the gate and
 * of attribution: where it is right it is found to earn, where it is wrong it is stopped.
 */
class OptimizerTrialSimulationTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final JsonCodec<ExperimentDecision> DECISION =
      JsonCodec.of(ExperimentDecision.class);
  private static final Path MODEL =
      Path.of("../core/src/test/resources/documents/value-model.base64");
  private static final long HOUR = 3_600_000L;
  private static final long DAY = 24 * HOUR;
  private static final int PEOPLE = 1_600;
  private static final long REVENUE = 40_000_000;
  private static final long COST = 10_000;
  private static final double MARGIN = 0.5;
  private static final ConfigVersion POLICY =
      new ConfigVersion(
          "policy",
          "p",
          "h",
          0,
          0,
          """
          id: p
          quiet_hours: {categories: []}
          optimise: {mode: test, margin: 0.5, salt: s}
          """);

  @BeforeEach
  void reset() {
    TestingGateTask.reset();
  }

  /** What one world came to. */
  private record Played(
      List<Assignment> entered, JsonNode netValue, List<ExperimentDecision> decisions) {}

  private static ValueModelVersion version(long from, String part, String tables, Integer click) {
    return new ValueModelVersion(
        "d",
        from,
        0,
        List.of(),
        1,
        "list-1",
        part,
        "v",
        from,
        true,
        tables,
        null,
        null,
        click,
        click == null ? null : 1_000);
  }

  private static void learn(TestingGateTask gate, long from) throws Exception {
    String tables = Files.readString(MODEL).replaceAll("\\s", "");
    gate.learn(version(from, ValueModelVersion.MODEL, tables, null));
    gate.learn(version(from, ValueModelVersion.CAMPAIGN + "campaign", null, 1));
  }

  /** One message to everybody; each makes some people buy and some leave. */
  private static Played run(long seed, double buy, double leave) throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    Map<Long, JsonNode> netValue = new HashMap<>();
    List<ExperimentDecision> decisions = new ArrayList<>();
    try (TestingGateTask gate = TestingGateTask.trusting(null, NOON);
        TestingPipeline attribution =
            new TestingPipeline(null, NOON, output -> keep(output, netValue, decisions))) {
      gate.configure(POLICY);
      learn(gate, NOON - HOUR);
      attribution.configure(POLICY);
      for (int i = 0; i < PEOPLE; i++) {
        String person = "p" + i;
        long at = NOON + random.nextLong(HOUR);
        SendRequest request = TestingGateTask.request(person, "q" + i, at, null);
        SendVerdict verdict = gate.request(request, at);
        if (verdict.verdict() == Verdict.ALLOW) {
          attribution.process(send(request));
          if (random.nextDouble() < buy) {
            attribution.process(
                new Conversion(
                    "c" + i, at + HOUR, person, "o" + i, ConversionKind.PURCHASE, REVENUE, null));
          }
          if (random.nextDouble() < leave) {
            attribution.process(
                new OptOut("x" + i, at + HOUR, person, "list-1", OptOutMethod.WEB, null));
          }
        }
      }
      for (Assignment entered : gate.assigned()) {
        attribution.process(entered);
      }
      for (int day = 0; day < 10; day++) {
        attribution.advance(NOON + day * DAY);
      }
      JsonNode newest = netValue.get(netValue.keySet().stream().max(Long::compare).orElseThrow());
      return new Played(List.copyOf(gate.assigned()), newest, decisions);
    }
  }

  private static void keep(
      Output output, Map<Long, JsonNode> netValue, List<ExperimentDecision> decisions) {
    try {
      if (output.topic() == Topic.EXPERIMENT) {
        decisions.add(DECISION.read(output.value()));
        return;
      }
      JsonNode row = JSON.readTree(output.value());
      if (row.path("metric").asText().equals("net_value")) {
        netValue.put(row.get("evaluated_at").asLong(), row);
      }
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static Send send(SendRequest request) {
    return new Send(
        "s-" + request.requestId(),
        request.eventTime(),
        request.recipientId(),
        "m-" + request.requestId(),
        request.campaignId(),
        request.listId(),
        Category.PROMOTIONAL,
        null,
        null,
        null,
        null,
        null,
        null,
        1,
        COST,
        request.requestId(),
        null);
  }

  /** Share of the optimised that get the message, as pilot and by chance. */
  private static double meant(Played trial, double buy, double leave) {
    double subscriber =
        trial.entered.stream().mapToLong(Assignment::subscriberMicros).average().orElseThrow();
    double perMessage = buy * MARGIN * REVENUE - COST - leave * subscriber;
    return (0.03 + 0.97 * 0.01 - 1) * perMessage;
  }

  @Test
  void whatKeepingHarmBackEarnsIsFound() throws Exception {
    int covered = 0;
    for (int seed = 0; seed < 5; seed++) {
      reset();
      Played trial = run(seed, 0, 0.3);
      assertThat(trial.entered).hasSize(PEOPLE);
      double truth = meant(trial, 0, 0.3);
      assertThat(truth).isPositive();
      assertThat(trial.netValue.get("effect_lower").asDouble()).isPositive();
      covered +=
          trial.netValue.get("effect_lower").asDouble() <= truth
                  && truth <= trial.netValue.get("effect_upper").asDouble()
              ? 1
              : 0;
      assertThat(trial.decisions)
          .extracting(ExperimentDecision::state)
          .containsOnly(ExperimentState.RUNNING);
    }
    assertThat(covered).isGreaterThanOrEqualTo(4);
  }

  @Test
  void harmStopsItAndTheGateGoesBackToPlainCaps() throws Exception {
    Played trial = run(7, 0.3, 0);
    assertThat(trial.netValue.get("effect_upper").asDouble()).isNegative();
    ExperimentDecision stopped = trial.decisions.get(trial.decisions.size() - 1);
    assertThat(stopped.state()).isEqualTo(ExperimentState.STOPPED_HARM);
    assertThat(stopped.experimentId()).isEqualTo("optimizer|list-1|s");
    assertThat(Optimise.listOf(stopped.experimentId())).isEqualTo("list-1");
    reset();
    try (TestingGateTask gate = TestingGateTask.trusting(null, NOON)) {
      gate.configure(POLICY);
      learn(gate, stopped.effectiveFrom() - HOUR);
      gate.decide(stopped);
      assertThat(deferred(gate, stopped.effectiveFrom() - 1)).isGreaterThan(50);
      assertThat(deferred(gate, stopped.effectiveFrom())).isZero();
    }
  }

  private static int deferred(TestingGateTask gate, long at) throws Exception {
    int deferred = 0;
    for (int i = 0; i < 200; i++) {
      SendRequest request = TestingGateTask.request("n" + at + "-" + i, "q" + at + i, at, null);
      deferred += gate.request(request, at).verdict() == Verdict.DEFER ? 1 : 0;
    }
    return deferred;
  }
}
