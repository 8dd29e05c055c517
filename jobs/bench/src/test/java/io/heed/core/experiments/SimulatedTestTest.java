package io.heed.core.experiments;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.config.ConfigException;
import io.heed.core.model.ExperimentState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Whole tests as people send them, few of each; the bench plays thousands. */
class SimulatedTestTest {
  private static final int RUNS = 40;
  private static final double[][] NOTHING = {{0.1, 0.1}, {0.02, 0.02}};
  private static final double[][] BETTER = {{0.1, 0.15}, {0.02, 0.02}};

  /** Whose split nobody checks while the campaign goes on. */
  private final String bySender = twoArmsBySender();

  private static String twoArmsBySender() {
    try {
      String document =
          Files.readString(Path.of("../core/src/test/resources/documents/two-arms.yaml"));
      return document.replace("window: 24h", "window: 1h") + "assigned_by: sender\n";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<ExperimentState> states(
      String document, double shareB, int batch, double[][] rates, int winner) {
    ExperimentPlan plan = plan(document);
    SimulatedTest test = new SimulatedTest(plan, new TwoArmSending(plan, shareB, batch), rates);
    ExperimentEvaluator evaluator = new ExperimentEvaluator(test.plan());
    SplittableRandom random = new SplittableRandom(11);
    List<ExperimentState> states = new ArrayList<>();
    for (int i = 0; i < RUNS; i++) {
      SimulatedTest.End end = test.run(evaluator, random);
      boolean right = end.winner() == winner || end.winner() < 0;
      states.add(right ? end.state() : ExperimentState.INVALID);
    }
    return states;
  }

  private static ExperimentPlan plan(String document) {
    try {
      return ExperimentPlan.of(ExperimentReader.parse("test", document), "hash");
    } catch (ConfigException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static long count(List<ExperimentState> states, ExperimentState state) {
    return states.stream().filter(state::equals).count();
  }

  /** With the design's share in place of the realised one, every second run has a winner. */
  @Test
  void aSplitThatIsNotTheFilesMakesNoWinner() {
    List<ExperimentState> states = states(bySender, 0.6, 0, NOTHING, -1);
    assertThat(states).hasSize(RUNS);
    // Nothing but a false winner counts as invalid here: no campaign has ended.
    assertThat(count(states, ExperimentState.INVALID)).isLessThanOrEqualTo(5);
    assertThat(count(states, ExperimentState.STOPPED_HARM)).isLessThanOrEqualTo(4);
  }

  @Test
  void batchesOfOneArmFirstDoNoHarmAndFindTheRightWinner() {
    List<ExperimentState> nothing = states(bySender, 0.5, 500, NOTHING, -1);
    assertThat(count(nothing, ExperimentState.INVALID)).isLessThanOrEqualTo(5);
    assertThat(count(nothing, ExperimentState.STOPPED_HARM)).isLessThanOrEqualTo(4);
    assertThat(count(states(bySender, 0.5, 500, BETTER, 1), ExperimentState.WINNER))
        .isGreaterThanOrEqualTo(35);
  }

  /** The shipped example, A's batch an hour before B's, a thousand of each. */
  @Test
  void theShippedSendTimeTestFindsTheBetterHour() throws IOException {
    String file = Files.readString(Path.of("../../experiment-config/examples/send-time.yaml"));
    double[][] rates = {{0.03, 0.042}, {0.005, 0.005}, {0, 0}};
    List<ExperimentState> states = states(file, 0.5, 1_000, rates, 1);
    assertThat(count(states, ExperimentState.WINNER)).isGreaterThanOrEqualTo(35);
    assertThat(count(states, ExperimentState.STOPPED_HARM)).isZero();
  }
}
