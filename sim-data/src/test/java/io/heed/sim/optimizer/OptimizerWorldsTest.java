package io.heed.sim.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.heed.core.optimizer.HalfLife;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The simulated worlds keep their own promises, and the optimizer earns in them what it is for. */
class OptimizerWorldsTest {
  private static final int PEOPLE = 1_500;
  private static final World DIFFER = World.ALL.get(0);

  @Test
  void everyDrawIsTheSameForEveryPolicy() {
    Nature nature = new Nature(DIFFER, 1, PEOPLE);
    RunResult first = FixedPolicy.NONE.run(nature);
    FixedPolicy.DEFAULT.run(nature);
    RunResult again = FixedPolicy.NONE.run(new Nature(DIFFER, 1, PEOPLE));
    assertThat(again.value()).isEqualTo(first.value());
    assertThat(again.valueByWeek()).isEqualTo(first.valueByWeek());
    assertThat(FixedPolicy.NONE.run(new Nature(DIFFER, 2, PEOPLE)).value())
        .isNotEqualTo(first.value());
  }

  @Test
  void drawsHaveTheRatesThatTheWorldStates() {
    Nature nature = new Nature(World.ALL.get(3), 1, PEOPLE);
    long clicks = 0;
    long margin = 0;
    double expected = 0;
    double worth = 0;
    int minutes = 0;
    for (int c = 0; c < nature.campaigns; c++) {
      for (int i = 0; i < PEOPLE; i++) {
        double probability = nature.clickProbability(i, c, 1);
        boolean clicked = nature.clicks(i, c, probability);
        clicks += clicked ? 1 : 0;
        expected += probability;
        margin += nature.margin(i, c, clicked, probability) - World.COST_MICROS;
        worth += nature.expectedMargin(probability);
        minutes += nature.clickDelay(i, c) <= 4 ? 1 : 0;
      }
    }
    double messages = (double) nature.campaigns * PEOPLE;
    assertThat(clicks / expected).isCloseTo(1, within(0.02));
    assertThat(margin / worth).isCloseTo(1, within(0.05));
    // Whole minutes, so that the fifth belongs to the median of four.
    assertThat(minutes / messages).isCloseTo(0.57, within(0.02));
  }

  @Test
  void capsAndGapsAreNeverExceeded() {
    FixedPolicy cap = FixedPolicy.cap(3, 7);
    FixedPolicy.History history = new FixedPolicy.History(1);
    int sent = 0;
    for (int hour = 0; hour < 14 * 24; hour++) {
      if (history.allows(cap, 0, hour * 60)) {
        history.sent(0, hour * 60, false);
        sent++;
      }
    }
    assertThat(sent).isEqualTo(6);
    assertThat(FixedPolicy.caps()).hasSize(33).doesNotHaveDuplicates();
  }

  @Test
  void theOracleLeavesNothingToTheCaps() {
    Nature nature = new Nature(DIFFER, 1, PEOPLE);
    double oracle = new Oracle(nature).run().value();
    for (FixedPolicy cap : List.of(FixedPolicy.cap(8, 30), FixedPolicy.gap(3), FixedPolicy.NONE)) {
      assertThat(oracle).isGreaterThan(1.3 * cap.run(nature).value());
    }
  }

  @Test
  void theOptimizerEarnsMoreThanCapsAndIsTheSameTwice() {
    Nature nature = new Nature(DIFFER, 3, PEOPLE);
    double best =
        List.of(FixedPolicy.cap(8, 30), FixedPolicy.gap(2), FixedPolicy.gap(3), FixedPolicy.gap(4))
            .stream()
            .mapToDouble(cap -> cap.run(nature).value())
            .max()
            .orElseThrow();
    OptimizedRun run = OptimizedRun.free(nature, FixedPolicy.cap(3, 7));
    RunResult optimized = run.run("optimizer");
    assertThat(optimized.value()).isGreaterThan(1.1 * best);
    assertThat(OptimizedRun.free(nature, FixedPolicy.cap(3, 7)).run("optimizer").value())
        .isEqualTo(optimized.value());
    // A click brings 0.08 + 0.02 of 21.5.
    assertThat(run.model().valuePerClickMicros() / 1e6).isBetween(1.3, 3.2);
  }

  @Test
  void whereCampaignsAreEqualTheOptimizerLosesLittle() {
    Nature nature = new Nature(World.ALL.get(3), 1, PEOPLE);
    double best =
        Math.max(FixedPolicy.gap(2).run(nature).value(), FixedPolicy.gap(3).run(nature).value());
    OptimizedRun run = OptimizedRun.free(nature, FixedPolicy.cap(3, 7));
    assertThat(run.run("optimizer").value()).isGreaterThan(0.95 * best);
    assertThat(run.model().halfLife()).isEqualTo(HalfLife.SEVEN_DAYS);
  }

  @Test
  void valueIsWhatMessagesBringOnAverage() {
    Nature nature = new Nature(DIFFER, 1, PEOPLE);
    Subscribers people = new Subscribers(nature);
    double brings = 0;
    for (int i = 0; i < PEOPLE; i++) {
      brings += nature.expectedMargin(nature.clickProbability(i, 0, 0)) / 1e6 / PEOPLE;
      people.send(i, 0, nature.requestMinute(i, 0));
    }
    RunResult result = people.result("one campaign");
    assertThat(result.value()).isCloseTo(brings, within(1e-9));
    assertThat(result.messages()).isEqualTo(1);
    assertThat(result.value(0, 1)).isCloseTo(brings, within(1e-9));
    assertThat(result.optOuts()).isCloseTo(result.risk(0, 1), within(0.005));
  }
}
