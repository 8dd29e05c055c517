package io.heed.core.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.heed.core.optimizer.FactorModel.Evidence;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Campaigns that differ by chance alone count as alike, and those that differ do not. */
class FactorModelTest {
  private static final int CAMPAIGNS = 140;
  private static final double EXPECTED = 60;
  private static final int WORLDS = 30;

  private static FactorModel fitted(long seed, double sigma) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Evidence> campaigns = new ArrayList<>();
    for (int i = 0; i < CAMPAIGNS; i++) {
      double factor = Math.exp(sigma * random.nextGaussian() - sigma * sigma / 2);
      campaigns.add(
          new Evidence(
              List.of("kind-" + i % 6), poisson(random, EXPECTED * factor), EXPECTED, i > 120));
    }
    return FactorModel.fit(campaigns);
  }

  private static long poisson(SplittableRandom random, double mean) {
    long events = -1;
    for (double sum = 0; sum < mean; events++) {
      sum += random.nextExponential();
    }
    return events;
  }

  @Test
  void luckIsNoDifference() {
    // 80 where 60 are expected is luck of 2.6 standard errors: one of 140 campaigns has it.
    assertThat(meanChange(0, 80)).isCloseTo(1, within(0.05));
    assertThat(meanChange(0, 42)).isCloseTo(1, within(0.05));
  }

  @Test
  void aDifferenceIsKept() {
    assertThat(meanChange(0.4, 120)).isBetween(1.7, 2.05);
    assertThat(meanChange(0.4, 30)).isBetween(0.5, 0.7);
  }

  /** What so many clicks where 60 are expected change in what is believed of a campaign. */
  private static double meanChange(double sigma, long clicks) {
    List<String> tags = List.of("kind-1");
    return LongStream.range(0, WORLDS)
        .mapToObj(seed -> fitted(seed, sigma))
        .mapToDouble(
            model -> {
              double prior = model.prior(tags);
              return model.posterior(tags, clicks, EXPECTED / prior) / prior;
            })
        .average()
        .orElseThrow();
  }

  @Test
  void anotherHalfLifeThanTheUsualMustPredictClearlyBetter() {
    assertThat(ModelBuilder.best(Map.of())).isEqualTo(HalfLife.SEVEN_DAYS);
    assertThat(best(3, 0, -5)).isEqualTo(HalfLife.SEVEN_DAYS);
    assertThat(best(30, 0, 12)).isEqualTo(HalfLife.THREE_DAYS);
    assertThat(best(-900, -600, -580)).isEqualTo(HalfLife.FOURTEEN_DAYS);
  }

  private static HalfLife best(long threeDays, long sevenDays, long fourteenDays) {
    return ModelBuilder.best(
        Map.of(
            HalfLife.THREE_DAYS, threeDays * 1_000_000,
            HalfLife.SEVEN_DAYS, sevenDays * 1_000_000,
            HalfLife.FOURTEEN_DAYS, fourteenDays * 1_000_000));
  }
}
