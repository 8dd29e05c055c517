package io.heed.flink;

import static io.heed.flink.sendgate.TestingGateTask.NOON;
import static io.heed.flink.sendgate.TestingGateTask.sent;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.heed.core.experiments.ProgrammeHoldout;
import io.heed.core.gate.Policy;
import io.heed.core.model.Assignment;
import io.heed.core.model.Category;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Conversion;
import io.heed.core.model.ConversionKind;
import io.heed.core.model.IncrementalLiftRow;
import io.heed.core.model.Send;
import io.heed.core.model.SendRequest;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.Verdict;
import io.heed.flink.attribution.TestingPipeline;
import io.heed.flink.sendgate.TestingGateTask;
import io.heed.flink.streaming.Output;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A programme of three campaigns and two tests, one with a hold-out of its own, whose effect is
 * known: through the operators of the gate and of attribution.
 */
class ProgrammeSimulationTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final long HOUR = 3_600_000L;
  private static final long DAY = 24 * HOUR;
  private static final int PEOPLE = 1_200;

  private static final String POLICY =
      document("programme-policy").replace("share: 0.3", "share: 0.25");
  private static final String TEST = document("programme-test");
  private static final String[] CAMPAIGN_TESTS = {"x1", "x2", null};
  private static final double TEST_HOLDOUT = 0.2;

  /** Probability that a campaign is for a person. */
  private static final double REACH = 0.8;

  /** Probability of a purchase within an hour of a message, because of it. */
  private static final double BY_MESSAGE = 0.12;

  /** Probability of a purchase at any time within the first 13 days. */
  private static final double ANYWAY = 0.3;

  private static final double BY_CHANCE_IN_WINDOW = ANYWAY * 7 / 13;
  private static final long MEAN_MICROS = 40_000_000;

  private final Truth truth = truth();

  private static String document(String name) {
    try {
      return Files.readString(Path.of("../core/src/test/resources/documents", name + ".yaml"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @BeforeEach
  void reset() {
    TestingGateTask.reset();
  }

  @Test
  void nobodyHeldOutIsTextedAndTheIntervalsCoverTheTruth() throws Exception {
    Coverage coverage = coverage(8);
    assertThat(coverage.converting).isGreaterThanOrEqualTo(7);
    assertThat(coverage.revenue).isGreaterThanOrEqualTo(7);
    assertThat(coverage.aboveZero).isGreaterThanOrEqualTo(7);
  }

  @Test
  @Tag("proof")
  void inAHundredProgrammesTheIntervalsCoverTheTruth() throws Exception {
    Coverage coverage = coverage(100);
    System.out.println("programme lift in 100 runs: " + coverage);
    assertThat(coverage.converting).isGreaterThanOrEqualTo(95);
    assertThat(coverage.revenue).isGreaterThanOrEqualTo(95);
    assertThat(coverage.aboveZero).isGreaterThanOrEqualTo(90);
  }

  /** Of how many runs the last interval covers the truth, and lies above zero for both metrics. */
  private record Coverage(int converting, int revenue, int aboveZero) {}

  private record Truth(double converting, double revenueMicros) {}

  private Coverage coverage(int runs) throws Exception {
    int converting = 0;
    int revenue = 0;
    int aboveZero = 0;
    for (int seed = 0; seed < runs; seed++) {
      Map<String, JsonNode> lift = run(seed);
      JsonNode share = lift.get("converting");
      JsonNode money = lift.get("revenue");
      converting += covers(share, truth.converting) ? 1 : 0;
      revenue += covers(money, truth.revenueMicros) ? 1 : 0;
      boolean found =
          share.path("effect_lower").asDouble() > 0 && money.path("effect_lower").asDouble() > 0;
      aboveZero += found ? 1 : 0;
    }
    return new Coverage(converting, revenue, aboveZero);
  }

  private static boolean covers(JsonNode row, double effect) {
    return row.get("effect_lower").asDouble() <= effect
        && effect <= row.get("effect_upper").asDouble();
  }

  /** What a message adds, over all ways in which the campaigns reach a person. */
  private static Truth truth() {
    double exposed = 0;
    double converting = 0;
    double messages = 0;
    for (int reached = 1; reached < 8; reached++) {
      for (boolean heldOutOfTest : new boolean[] {false, true}) {
        int campaigns = Integer.bitCount(reached);
        double p =
            Math.pow(REACH, campaigns)
                * Math.pow(1 - REACH, 3 - campaigns)
                * (heldOutOfTest ? TEST_HOLDOUT : 1 - TEST_HOLDOUT);
        int sent = heldOutOfTest ? Integer.bitCount(reached & 0b101) : campaigns;
        exposed += p;
        messages += p * sent;
        converting += p * (1 - BY_CHANCE_IN_WINDOW) * (1 - Math.pow(1 - BY_MESSAGE, sent));
      }
    }
    return new Truth(converting / exposed, BY_MESSAGE * MEAN_MICROS * messages / exposed);
  }

  /** One programme; the newest row of its lift by metric. */
  private static Map<String, JsonNode> run(int seed) throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    ProgrammeHoldout holdout = Policy.parse("p", POLICY).holdout();
    Map<String, JsonNode> lift = new HashMap<>();
    ConfigVersion policy = new ConfigVersion("policy", "p", "h", 0, 0, POLICY);
    try (TestingGateTask gate = TestingGateTask.trusting(null, NOON);
        TestingPipeline attribution =
            new TestingPipeline(null, NOON, output -> keepLift(output, lift))) {
      gate.configure(policy);
      gate.configure(test("x1", ""));
      gate.configure(test("x2", "holdout: " + TEST_HOLDOUT));
      attribution.configure(policy);
      Set<String> reachedHeldOut = new HashSet<>();
      for (int i = 0; i < PEOPLE; i++) {
        String person = "p" + seed + "-" + i;
        for (int campaign = 0; campaign < 3; campaign++) {
          if (random.nextDouble() < REACH) {
            long at = NOON + 3 * DAY * campaign + random.nextLong(HOUR);
            SendRequest request = request(person, campaign, at);
            SendVerdict verdict = gate.request(request, at);
            if (random.nextInt(10) == 0) {
              assertThat(gate.request(request, at).decisionId()).isEqualTo(verdict.decisionId());
            }
            if (holdout.holds(person)) {
              reachedHeldOut.add(person);
              assertThat(verdict.verdict()).isEqualTo(Verdict.DENY);
            }
            if (verdict.verdict() == Verdict.ALLOW) {
              gate.play(sent(person, request.requestId(), at, request.requestId()));
              attribution.process(send(request, verdict));
              if (random.nextDouble() < BY_MESSAGE) {
                attribution.process(purchase(person, "m" + campaign, at + HOUR, random));
              }
            }
          }
        }
        if (random.nextDouble() < ANYWAY) {
          attribution.process(purchase(person, "any", NOON + random.nextLong(13 * DAY), random));
        }
      }
      for (Assignment assignment : gate.assigned()) {
        attribution.process(assignment);
      }
      assertThat(gate.assigned().stream().filter(a -> a.experimentId().equals("programme")))
          .extracting(Assignment::recipientId)
          .containsExactlyInAnyOrderElementsOf(reachedHeldOut);
      for (int day = 0; day < 16; day++) {
        attribution.advance(NOON + day * DAY);
      }
    }
    return lift;
  }

  private static void keepLift(Output output, Map<String, JsonNode> lift) {
    try {
      JsonNode row = JSON.readTree(output.value());
      if (row.get("table").asText().equals(IncrementalLiftRow.TABLE)
          && row.get("experiment_id").asText().equals(ProgrammeHoldout.EXPERIMENT)) {
        assertThat(row.get("variant_id").asText()).isEqualTo("spring");
        lift.merge(
            row.get("metric").asText(),
            row,
            (a, b) -> a.get("evaluated_at").asLong() > b.get("evaluated_at").asLong() ? a : b);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ConfigVersion test(String id, String more) {
    return new ConfigVersion("experiment", id, "h", 0, 0, "id: " + id + "\n" + TEST + more);
  }

  private static SendRequest request(String person, int campaign, long at) {
    SendRequest r =
        TestingGateTask.request(person, person + "-" + campaign, at, CAMPAIGN_TESTS[campaign]);
    assertThat(r.category()).isEqualTo(Category.PROMOTIONAL);
    return r;
  }

  private static Send send(SendRequest request, SendVerdict verdict) {
    return new Send(
        "s-" + request.requestId(),
        request.eventTime(),
        request.recipientId(),
        request.requestId(),
        request.campaignId(),
        request.listId(),
        Category.PROMOTIONAL,
        request.experimentId(),
        verdict.variantId(),
        verdict.epoch(),
        null,
        null,
        null,
        1,
        0,
        request.requestId(),
        null);
  }

  private static Conversion purchase(String person, String id, long at, SplittableRandom random) {
    return new Conversion(
        "c-" + person + id,
        at,
        person,
        person + id,
        ConversionKind.PURCHASE,
        random.nextLong(2 * MEAN_MICROS),
        null);
  }
}
