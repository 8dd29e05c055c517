package io.heed.core.experiments;

import static io.heed.core.experiments.TestingExperiments.TWO_ARMS;
import static io.heed.core.experiments.TestingExperiments.config;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heed.core.config.ConfigException;
import java.util.ArrayList;
import java.util.Collections;
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
    List<String> lines = new ExperimentForecast(config, 100, 1).withRuns(200).lines();
    assertThat(lines.get(0)).isEqualTo("Experiment test: h");
    assertThat(lines)
        .anyMatch(l -> l.matches("none +[0-4] % .* no effect of the planned size [89]\\d %.*"))
        .anyMatch(l -> l.matches("the minimum effect +[78]\\d % +[78],\\d{3} .*"))
        .anyMatch(l -> l.matches("twice that +(99|100) % +[23],\\d{3} .*"))
        // 7,682 at 100 an hour and a window of a day and an hour: 101.8 hours, 2,500 of them late.
        .anyMatch(l -> l.matches("fixed horizon, looked at once +7,6\\d\\d +4\\.2 +2,500"))
        .anyMatch(l -> l.matches("  in 7 days +14,300 recipients +(1[6-9]|2[0-3])(\\.\\d)? %"));
  }

  @Test
  void plansWhatIsNotToBeWorse() {
    String noWorse =
        TWO_ARMS.replace("primary_metric:", "primary_metric:\n  goal: non-inferior\n  margin: 0.2");
    List<String> lines = new ExperimentForecast(config(noWorse), 1_000, 1).withRuns(200).lines();
    assertThat(lines)
        .contains(
            "click within 24 hours: 10 % expected; a variant wins once it is shown to be less than"
                + " 20 % worse than the control.")
        .anyMatch(l -> l.matches("worse by the margin +[0-6] % .*"))
        .anyMatch(l -> l.matches("as good as the control +[89]\\d % .*"))
        .anyMatch(l -> l.matches("better by the margin +(9\\d|100) % .*"))
        .anyMatch(l -> l.startsWith("With power 80 % it excludes losses of click from about"))
        .noneMatch(l -> l.contains("minimum effect"));
  }

  @Test
  void capsOfArmsAreNotPlayed() {
    String capped =
        TWO_ARMS.replaceFirst("weight: 1", "weight: 1\n    caps: [{limit: 1, per: day}]");
    assertThat(new ExperimentForecast(config(capped), 1_000, 1).withRuns(4).lines())
        .anyMatch(l -> l.startsWith("ARMS' CAPS ARE NOT PLAYED"));
    assertThat(new ExperimentForecast(config(TWO_ARMS), 1_000, 1).withRuns(4).lines())
        .noneMatch(l -> l.startsWith("ARMS' CAPS"));
  }

  @Test
  void reportsWhetherAListIsLargeEnough() {
    String small = TWO_ARMS + "design: {type: planned-list, size: 20000, test_share: 0.2}\n";
    assertThat(new ExperimentForecast(config(small), 1_000, 1).withRuns(100).lines())
        .anyMatch(
            l -> l.matches("The test has 4,000 recipients, but needs [89],\\d+ for its power\\."))
        .anyMatch(l -> l.startsWith("THE POWER IS "));
    assertThat(
            new ExperimentForecast(config(small.replace("0.2}", "0.9}")), 1_000, 1)
                .withRuns(100)
                .lines())
        .anyMatch(l -> l.endsWith("more than enough."))
        .noneMatch(l -> l.startsWith("THE POWER IS "));
  }

  @Test
  void aListThatIsTooSmallIsNamed() {
    Traffic few = new Traffic("the pace of the newest day", List.of(1_000.0, 3_000.0, 3_500.0), 0);
    assertThat(new ExperimentForecast(config(TWO_ARMS), few, 1).withRuns(100).lines())
        .contains("At the pace of the newest day:")
        .anyMatch(l -> l.startsWith("ONLY 3,500 PEOPLE "))
        .anyMatch(l -> l.matches("fixed horizon, looked at once +7,6\\d\\d +never +-"));
  }

  @Test
  void progressRunsToItsEnd() {
    List<Double> done = Collections.synchronizedList(new ArrayList<>());
    new ExperimentForecast(config(TWO_ARMS), 1_000, 1).withRuns(8).lines(done::add);
    assertThat(done).hasSize(16).contains(1.0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "power: 0.99",
        "alpha: 0.0001\npower: 0.99",
        "alpha: 0.2\npower: 0.5",
        "variants: 5\npower: 0.95",
        "variants: 10\npower: 0.99\nalpha: 0.0001",
      })
  void plansWhatTheCheckCallsValid(String extremes) {
    assertPlans(document(extremes, "open-ended"));
    if (!extremes.startsWith("variants")) {
      DESIGNS.forEach(design -> assertPlans(document(extremes, design)));
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
  @Property(tries = 8, edgeCases = EdgeCasesMode.NONE)
  void plansEveryValidFile(
      @ForAll @DoubleRange(min = -4, max = -0.7) double logAlpha,
      @ForAll @DoubleRange(min = 0.5, max = 0.99) double power,
      @ForAll @DoubleRange(min = -3, max = 1) double logEffect,
      @ForAll @DoubleRange(min = -6, max = -0.01) double logRate,
      @ForAll @DoubleRange(min = -6, max = 6) double logWeight,
      @ForAll @IntRange(min = 2, max = 4) int variants,
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
    List<String> lines = new ExperimentForecast(config, 1_000, 1).withRuns(1).lines();
    assertThat(lines).as(document).noneMatch(line -> line.contains("NaN"));
    assertThat(lines).as(document).anyMatch(line -> line.startsWith("the minimum effect "));
  }
}
