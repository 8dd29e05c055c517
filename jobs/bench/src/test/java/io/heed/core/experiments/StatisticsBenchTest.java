package io.heed.core.experiments;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.experiments.StatisticsBench.Finding;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StatisticsBenchTest {
  /** The small version: enough to notice what has broken, not enough to prove a goal. */
  @Test
  void goalsAreMetWithinTheErrorOfFewReplications() {
    List<Finding> findings = new ArrayList<>();
    boolean met = StatisticsBench.run(80, 5, findings::add);
    assertThat(findings).hasSize(38).allMatch(Finding::met);
    assertThat(met).isTrue();
  }

  @Test
  void aMissedGoalIsReported() {
    assertThat(new Finding("w", 0.08, 0.01, Double.NEGATIVE_INFINITY, 0.05))
        .matches(f -> !f.met())
        .asString()
        .startsWith("MISS w")
        .contains("0.080", "at most 0.050");
  }
}
