package io.heed.core.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.apache.commons.statistics.distribution.BinomialDistribution;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BinomialSamplerTest {
  private static final int DRAWS = 20_000;

  @ParameterizedTest
  @CsvSource({"1, 0.3", "7, 0.5", "40, 0.02", "40, 0.98", "2000, 0.02", "9000, 0.4", "20000, 0.6"})
  void meanAndVarianceAreTheDistributions(int units, double probability) {
    SplittableRandom random = new SplittableRandom(3);
    double mean = units * probability;
    double variance = mean * (1 - probability);
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < DRAWS; i++) {
      double distance = BinomialSampler.sample(random, units, probability) - mean;
      sum += distance;
      squares += distance * distance;
    }
    assertThat(sum / DRAWS).isCloseTo(0, within(4 * Math.sqrt(variance / DRAWS)));
    // The kurtosis of a binomial is below 3 + 1/variance.
    double error = variance * Math.sqrt((2 + 1 / variance) / DRAWS);
    assertThat(squares / DRAWS).isCloseTo(variance, within(4 * error));
  }

  @Test
  void theShapeIsTheDistributions() {
    SplittableRandom random = new SplittableRandom(5);
    BinomialDistribution binomial = BinomialDistribution.of(12, 0.2);
    int[] counts = new int[13];
    for (int i = 0; i < DRAWS; i++) {
      counts[(int) BinomialSampler.sample(random, 12, 0.2)]++;
    }
    for (int k = 0; k <= 12; k++) {
      double p = binomial.probability(k);
      assertThat((double) counts[k] / DRAWS)
          .isCloseTo(p, within(4 * Math.sqrt(p * (1 - p) / DRAWS) + 1.0 / DRAWS));
    }
  }

  @Test
  void nothingAndEverything() {
    SplittableRandom random = new SplittableRandom(7);
    assertThat(BinomialSampler.sample(random, 0, 0.5)).isZero();
    assertThat(BinomialSampler.sample(random, 50, 0)).isZero();
    assertThat(BinomialSampler.sample(random, 50, 1)).isEqualTo(50);
  }
}
