package io.heed.core.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Revenue per click: clicks as covariate, revenue as value. */
class RatioEffectTest {
  private static final double ALPHA = 0.05;

  /** One recipient: clicks now and then, and buys for a click in twenty. */
  private static MeanCounts recipient(Random random, double clickRate, double factor) {
    int clicks = 0;
    long revenue = 0;
    while (random.nextDouble() < clickRate) {
      clicks++;
      if (random.nextDouble() < 0.2) {
        revenue += Math.round(factor * 1e7 * Math.exp(0.6 * random.nextGaussian()));
      }
    }
    return MeanCounts.of(revenue, clicks);
  }

  private static Stratum<MeanCounts> arms(
      Random random, int recipients, double shareB, double clicksB, double factorB) {
    MeanCounts a = MeanCounts.NONE;
    MeanCounts b = MeanCounts.NONE;
    for (int i = 0; i < recipients; i++) {
      if (random.nextDouble() < shareB) {
        b = b.plus(recipient(random, clicksB, factorB));
      } else {
        a = a.plus(recipient(random, 0.3, 1));
      }
    }
    return new Stratum<>(a, b);
  }

  /** The delta method's standard error against the spread of simulated estimates. */
  @ParameterizedTest
  @CsvSource({"0.5, 0.3", "0.5, 0.15", "0.8, 0.3"})
  void theStandardErrorIsTheSpread(double shareB, double clicksB) {
    Random random = new Random(4);
    int runs = 400;
    double sum = 0;
    double squares = 0;
    double variance = 0;
    for (int i = 0; i < runs; i++) {
      MeanEffect log = RatioEffect.of(List.of(arms(random, 3_000, shareB, clicksB, 1.2))).log();
      double distance = log.estimate() - Math.log(1.2);
      sum += distance;
      squares += distance * distance;
      variance += log.standardError() * log.standardError() / runs;
    }
    double spread = squares / runs;
    assertThat(sum / runs).isCloseTo(0, within(4 * Math.sqrt(spread / runs)));
    assertThat(variance / spread).isBetween(0.8, 1.35);
  }

  /** Looked at a hundred times, as many clicks or half of them, even or uneven split. */
  @ParameterizedTest
  @CsvSource({"0.5, 0.3", "0.5, 0.15", "0.1, 0.3", "0.1, 0.15", "0.9, 0.15"})
  void theIntervalHoldsAtEveryLook(double shareB, double clicksB) {
    Random random = new Random(6);
    int runs = 200;
    int missed = 0;
    for (int i = 0; i < runs; i++) {
      Stratum<MeanCounts> sum = new Stratum<>(MeanCounts.NONE, MeanCounts.NONE);
      boolean out = false;
      for (int look = 0; look < 100 && !out; look++) {
        Stratum<MeanCounts> more = arms(random, 60, shareB, clicksB, 1);
        sum = new Stratum<>(sum.a().plus(more.a()), sum.b().plus(more.b()));
        out = RatioOfMeans.of(List.of(sum), MeanSequence.rate(ALPHA, 3_000)).excludes(0, ALPHA);
      }
      missed += out ? 1 : 0;
    }
    // 5 % and two standard errors.
    assertThat((double) missed / runs).isLessThanOrEqualTo(0.081);
  }

  @Test
  void anEffectIsFoundAndItsIntervalContainsTheEstimate() {
    Stratum<MeanCounts> arms = arms(new Random(8), 30_000, 0.5, 0.2, 1.5);
    RatioOfMeans sequence = RatioOfMeans.of(List.of(arms), MeanSequence.rate(ALPHA, 30_000));
    assertThat(sequence.excludes(0, ALPHA)).isTrue();
    assertThat(sequence.interval(ALPHA).contains(0.5)).isTrue();
    assertThat(sequence.interval(ALPHA).contains(sequence.estimate())).isTrue();
    assertThat(sequence.interval(ALPHA).lower()).isPositive();
    RatioEffect effect = RatioEffect.of(List.of(arms));
    assertThat(effect.z(effect.estimate())).isCloseTo(0, within(1e-9));
    assertThat(effect.interval(2).contains(effect.estimate())).isTrue();
  }

  @Test
  void theUnitOfMoneyDoesNotMatterAndSwappingInverts() {
    Stratum<MeanCounts> arms = arms(new Random(9), 2_000, 0.5, 0.3, 1.5);
    MeanEffect log = RatioEffect.of(List.of(arms)).log();
    MeanEffect swapped = RatioEffect.of(List.of(arms.swapped())).log();
    assertThat(swapped.estimate()).isCloseTo(-log.estimate(), within(1e-12));
    assertThat(swapped.standardError()).isCloseTo(log.standardError(), within(1e-12));
  }

  @Test
  void fewConvertersAreNoEvidence() {
    Stratum<MeanCounts> arms = arms(new Random(10), 100, 0.5, 0.3, 1);
    assertThat(RatioEffect.of(List.of(arms)).estimate()).isNaN();
    assertThat(RatioOfMeans.of(List.of(arms), 1e-3).logE(0)).isZero();
    assertThat(RatioOfMeans.of(List.of(arms), 1e-3).interval(ALPHA))
        .isEqualTo(new Interval(-1, Double.POSITIVE_INFINITY));
  }
}
