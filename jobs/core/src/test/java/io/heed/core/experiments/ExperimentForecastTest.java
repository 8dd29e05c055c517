package io.heed.core.experiments;

import static io.heed.core.experiments.TestingExperiments.TWO_ARMS;
import static io.heed.core.experiments.TestingExperiments.config;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heed.core.config.ConfigException;
import java.util.List;
import java.util.Locale;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
  void reportsWhetherAListIsLargeEnough() {
    String small = TWO_ARMS + "design: {type: planned-list, size: 20000, test_share: 0.2}\n";
    assertThat(new ExperimentForecast(config(small), 1_000, 1).lines())
        .anyMatch(
            l -> l.matches("The test has 4,000 recipients, but needs [89],\\d+ for its power\\."));
    assertThat(new ExperimentForecast(config(small.replace("0.2}", "0.9}")), 1_000, 1).lines())
        .anyMatch(l -> l.endsWith("more than enough."))
        .anyMatch(l -> l.startsWith("planned-list, without any effect"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "power: 0.99",
        "alpha: 0.0001",
        "alpha: 0.0001\npower: 0.99",
        "alpha: 0.2\npower: 0.5",
        "variants: 5\npower: 0.95",
        "variants: 10\npower: 0.9",
        "variants: 10\npower: 0.99\nalpha: 0.0001",
      })
  void plansWhatTheCheckCallsValid(String extremes) {
    for (String design : DESIGNS) {
      assertPlans(document(extremes, design));
    }
  }

  @Test
  void refusesAnEffectThatNoRateCanHave() {
    assertThatThrownBy(
            () ->
                ExperimentReader.parse(
                    "test.yaml", TWO_ARMS.replace("base_rate: 0.1", "base_rate: 0.95")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("minimum_effect")
        .hasMessageContaining("a rate of 95.0 % that is better by 20 % would be 114.0 %");
  }

  /** Levels, power, effects and rates up to the ends of what a file may say. */
  @Property(tries = 20, edgeCases = EdgeCasesMode.NONE)
  void plansEveryValidFile(
      @ForAll @DoubleRange(min = -4, max = -0.7) double logAlpha,
      @ForAll @DoubleRange(min = 0.5, max = 0.99) double power,
      @ForAll @DoubleRange(min = -3, max = 1) double logEffect,
      @ForAll @DoubleRange(min = -6, max = -0.01) double logRate,
      @ForAll @DoubleRange(min = -6, max = 6) double logWeight,
      @ForAll @IntRange(min = 2, max = 10) int variants,
      @ForAll @IntRange(min = 0, max = 3) int design) {
    String document =
        document(
            String.format(
                Locale.ROOT,
                "variants: %d\nalpha: %.4f\npower: %.4f\n",
                variants,
                Math.max(0.0001, Math.pow(10, logAlpha)),
                power),
            DESIGNS.get(design));
    String effect = plain(Math.max(0.001, Math.pow(10, logEffect)));
    String rate = plain(Math.min(0.999, Math.max(0.000001, Math.pow(10, logRate))));
    String weight = plain(Math.max(0.000001, Math.pow(10, logWeight)));
    assertPlans(
        document
            .replace("minimum_effect: 0.2", "minimum_effect: " + effect)
            .replace("expected_base_rate: 0.1", "expected_base_rate: " + rate)
            .replaceFirst("weight: 1", "weight: " + weight));
  }

  private static final List<String> DESIGNS =
      List.of(
          "open-ended",
          "bandit",
          "{type: planned-list, size: 20000, test_share: 0.2}",
          "{type: planned-list, size: 100, looks: 5, spending: obrien-fleming}");

  private static String plain(double value) {
    return String.format(Locale.ROOT, "%.6f", value);
  }

  /** The document with other settings in place of its own. */
  private static String document(String settings, String design) {
    StringBuilder document = new StringBuilder(TWO_ARMS);
    for (String line : settings.lines().toList()) {
      if (line.startsWith("variants: ")) {
        StringBuilder more = new StringBuilder();
        for (int variant = 2; variant < Integer.parseInt(line.substring(10)); variant++) {
          more.append("  - id: offer-").append(variant).append("\n    weight: 1\n");
        }
        document.insert(document.indexOf("primary_metric"), more);
      } else {
        document.append(line).append('\n');
      }
    }
    return document + "design: " + design + "\n";
  }

  private static void assertPlans(String document) {
    ExperimentConfig config;
    try {
      config = ExperimentReader.parse("test.yaml", document);
    } catch (ConfigException refused) {
      return;
    }
    List<String> lines = new ExperimentForecast(config, 1_000, 1).lines();
    assertThat(lines).as(document).noneMatch(line -> line.contains("NaN"));
    // Power grows with the effect and never leaves 0 to 100 %.
    List<Integer> power =
        lines.stream()
            .filter(line -> line.matches("  \\d\\.\\d\\d  .* %"))
            .map(line -> Integer.parseInt(line.replaceAll(".*?(\\d+) %", "$1")))
            .toList();
    assertThat(power).as(document).hasSize(9).isSorted();
  }
}
