package io.heed.flink.experiments;

import static io.heed.flink.experiments.TestingTraffic.DAY;
import static io.heed.flink.experiments.TestingTraffic.HOUR;
import static io.heed.flink.experiments.TestingTraffic.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.experiments.Recipient;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.ExperimentDecision;
import io.heed.core.model.ExperimentState;
import io.heed.core.model.VariantEstimate;
import io.heed.sim.Arrival;
import io.heed.sim.Scenario;
import io.heed.sim.Scenarios;
import io.heed.sim.Simulation;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/**
 * Tests without any effect as the simulator plays them: event by event, late, doubled and out of
 * order, and with one arm that answers twice as slowly.
 */
class SimulatedTestsTest {
  private static final long END = START + 4 * DAY;
  private static final ConfigVersion FILE = TestingTraffic.experiment("a-a-test", "");

  @Test
  void winnersAreRareInFewRuns(TestReporter reporter) throws Exception {
    assertWinnersAreRare(60, reporter);
  }

  @Test
  @Tag("proof")
  void winnersAreRareInAThousandRuns(TestReporter reporter) throws Exception {
    assertWinnersAreRare(1_000, reporter);
  }

  private static void assertWinnersAreRare(int runs, TestReporter reporter) throws Exception {
    Map<ExperimentState, Integer> ends = new EnumMap<>(ExperimentState.class);
    Scenario scenario = Scenarios.shipped("a-a-test");
    for (long seed = 1; seed <= runs; seed++) {
      ends.merge(end(scenario.with(seed, 400, null)), 1, Integer::sum);
    }
    double allowed = 0.05 + 2 * Math.sqrt(0.05 * 0.95 / runs);
    reporter.publishEntry(runs + " tests without effect ended as", ends.toString());
    assertThat(ends.getOrDefault(ExperimentState.WINNER, 0) / (double) runs)
        .isLessThanOrEqualTo(allowed);
    assertThat(ends.getOrDefault(ExperimentState.INVALID, 0) / (double) runs)
        .isLessThanOrEqualTo(0.001 + 2 * Math.sqrt(0.001 / runs));
  }

  private static ExperimentState end(Scenario scenario) throws Exception {
    try (TestingPipeline pipeline = new TestingPipeline(() -> List.of(FILE))) {
      Iterator<Arrival> arrivals = new Simulation(scenario, END).history().iterator();
      long watermark = START;
      while (arrivals.hasNext()) {
        Arrival arrival = arrivals.next();
        if (arrival.event() != null && Recipient.concerns(arrival.event())) {
          pipeline.event(arrival.event());
        }
        if (arrival.at() - HOUR > watermark) {
          watermark = arrival.at() - HOUR + HOUR / 4;
          pipeline.watermark(arrival.at() - HOUR);
        }
      }
      pipeline.watermark(END + 2 * DAY);
      List<ExperimentDecision> decisions = pipeline.published(ExperimentDecision.class);
      ExperimentDecision last = decisions.get(decisions.size() - 1);
      long recipients = last.variants().stream().mapToLong(VariantEstimate::recipients).sum();
      assertThat(recipients).isGreaterThan(last.isFinal() ? 0 : 300);
      return last.state();
    }
  }
}
