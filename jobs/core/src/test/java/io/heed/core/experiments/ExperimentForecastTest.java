package io.heed.core.experiments;

import static io.heed.core.experiments.TestingExperiments.TWO_ARMS;
import static io.heed.core.experiments.TestingExperiments.config;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ExperimentForecastTest {
  @Test
  void showsSizesDaysAndPower() {
    ExperimentConfig config = config(TWO_ARMS);
    assertThat(config.fixedSize()).isBetween(7_600.0, 7_800.0);
    List<String> lines = new ExperimentForecast(config, 100, 1).lines();
    assertThat(lines.get(0)).isEqualTo("Experiment test: h");
    assertThat(lines)
        .anyMatch(
            l -> l.matches("fixed horizon, looked at once +7,6\\d\\d +7,6\\d\\d +4\\.2 +2,500"));
    assertThat(lines)
        .anyMatch(l -> l.matches("open-ended, with twice the effect +[23],\\d+ +15,\\d+.*"));
    assertThat(lines).anyMatch(l -> l.matches("  1\\.00  #{32,36} +8\\d %"));
    assertThat(lines).anyMatch(l -> l.matches("  0\\.00  #? +[123] %"));
  }

  @Test
  void tellsWhetherAListIsLargeEnough() {
    String small = TWO_ARMS + "design: {type: planned-list, size: 20000, test_share: 0.2}\n";
    assertThat(new ExperimentForecast(config(small), 1_000, 1).lines())
        .anyMatch(
            l -> l.matches("The test has 4,000 recipients, but needs [89],\\d+ for its power\\."));
    assertThat(new ExperimentForecast(config(small.replace("0.2}", "0.9}")), 1_000, 1).lines())
        .anyMatch(l -> l.endsWith("more than enough."))
        .anyMatch(l -> l.startsWith("planned-list, without any effect"));
  }
}
