package io.heed.core.experiments;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.experiments.StatisticsBench.Finding;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DecisionsBenchTest {
  /** The small version: enough to notice what has broken, not enough to prove a goal. */
  @Test
  void goalsAreMetWithinTheErrorOfFewRuns() throws IOException {
    List<Finding> findings = new ArrayList<>();
    Path shipped = Path.of("../../experiment-config/experiments/deals-emoji.yaml");
    boolean met = DecisionsBench.run(15, shipped, findings::add);
    assertThat(findings).hasSize(29).allMatch(Finding::met);
    assertThat(met).isTrue();
  }
}
