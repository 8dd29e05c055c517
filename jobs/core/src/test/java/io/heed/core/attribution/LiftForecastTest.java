package io.heed.core.attribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.attribution.LiftForecast.Outcomes;
import io.heed.core.experiments.Traffic;
import io.heed.core.gate.Optimise;
import io.heed.core.gate.Optimise.Mode;
import io.heed.core.gate.Optimise.OptOuts;
import io.heed.core.statistics.MeanCounts;
import io.heed.core.statistics.MeanSequence;
import io.heed.core.statistics.Stratum;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LiftForecastTest {
  private static final Outcomes OUTCOMES = new Outcomes(0.2, 50, 30);

  private static LiftForecast forecast(double control, Traffic traffic) {
    return new LiftForecast(
        new Optimise(Mode.TEST, 0.3, control, OptOuts.FREE, "1"),
        AttributionPolicy.DEFAULTS,
        traffic,
        OUTCOMES);
  }

  @Test
  void aboutFourTrialsInFiveShowTheLiftByThen() {
    for (double control : new double[] {0.5, 0.1}) {
      double lift = 0.3;
      long people = Math.round(forecast(control, Traffic.steady(1)).people(lift));
      assertThat(people).isBetween(1_000L, 20_000L);
      int shown = 0;
      SplittableRandom random = new SplittableRandom(11);
      for (int trial = 0; trial < 400; trial++) {
        shown += isShown(random, people, control, lift) ? 1 : 0;
      }
      // Looked at ten times, which finds a few more than the one look that the forecast is about.
      assertThat(shown / 400.0).as("control %s", control).isBetween(0.75, 0.9);
    }
  }

  private static boolean isShown(
      SplittableRandom random, long people, double control, double lift) {
    double rate = MeanSequence.rate(0.05, AttributionPolicy.DEFAULTS.liftRecipients());
    MeanCounts[] arms = {MeanCounts.NONE, MeanCounts.NONE};
    for (long i = 1; i <= people; i++) {
      int arm = random.nextDouble() < control ? 0 : 1;
      double buyers = OUTCOMES.buyers() * (arm == 0 ? 1 : 1 + lift);
      double order = OUTCOMES.perBuyer() + OUTCOMES.spread() * random.nextGaussian();
      long micros = random.nextDouble() < buyers ? Math.round(0.3e6 * order) : 0;
      arms[arm] = arms[arm].plus(MeanCounts.of(micros));
      if (i % (people / 10) == 0) {
        MeanSequence sequence = MeanSequence.of(List.of(new Stratum<>(arms[0], arms[1])), rate);
        if (sequence.interval(0.05).lower() > 0) {
          return true;
        }
      }
    }
    return false;
  }

  @Test
  void saysHowManyPeopleAndDays() {
    List<String> lines = forecast(0.5, Traffic.steady(100)).lines();
    assertThat(lines.get(0)).contains("mode test: decides for 50 %");
    assertThat(lines.get(1)).contains("within 7 days: margin 3.000 on average");
    assertThat(lines).anyMatch(line -> line.startsWith("30 % "));
    assertThat(forecast(0.1, Traffic.steady(100)).people(0.3))
        .isGreaterThan(2 * forecast(0.5, Traffic.steady(100)).people(0.3));
  }

  @Test
  void aListThatIsTooSmallNeverShowsIt() {
    Traffic few = new Traffic("a list of a hundred", List.of(100.0), 0);
    assertThat(forecast(0.5, few).lines()).filteredOn(line -> line.endsWith("never")).hasSize(6);
    assertThat(String.join("\n", forecast(0.5, few).lines())).contains("ONLY 100 PEOPLE");
  }
}
