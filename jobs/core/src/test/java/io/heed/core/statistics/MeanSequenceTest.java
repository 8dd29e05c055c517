package io.heed.core.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

class MeanSequenceTest {
  @ParameterizedTest
  @Reference(file = "asympcs_two_sided_proportion", cases = 30, where = "difference=absolute")
  void intervalAndPValueOfProportions(ReferenceCase c) {
    assertSequence(c);
  }

  @ParameterizedTest
  @Reference(file = "asympcs_two_sided_mean", cases = 18, where = "difference=absolute")
  void intervalAndPValueOfMeans(ReferenceCase c) {
    assertSequence(c);
  }

  private static void assertSequence(ReferenceCase c) {
    double rate = MeanSequence.rate(c.in("alpha"), c.count("tuning_N"));
    assertThat(Math.sqrt(rate)).isCloseTo(c.out("rho"), c.relative("relative", c.out("rho")));
    MeanSequence sequence =
        new MeanSequence(
            new MeanEffect(
                c.out("point_estimate"), c.out("standard_error"), c.count("n_a") + c.count("n_b")),
            rate);
    Interval interval = sequence.interval(c.in("alpha"));
    assertThat(interval.lower())
        .isCloseTo(c.out("ci_lower"), c.relative("relative", c.out("ci_lower")));
    assertThat(interval.upper())
        .isCloseTo(c.out("ci_upper"), c.relative("relative", c.out("ci_upper")));
    assertThat(Math.min(1, Math.exp(-sequence.logE(0))))
        .isCloseTo(c.out("p_value"), c.relative("relative", c.out("p_value")));
  }

  /**
   * The peer's one-sided bound has ln(1 + x/(2α)) where the two-sided sequence has ln(x/α): it is
   * the two-sided half-width at the level that makes the two equal.
   */
  @ParameterizedTest
  @Reference(file = "asympcs_one_sided_proportion", cases = 12)
  void halfWidthAtTheLevelOfTheOneSidedBound(ReferenceCase c) {
    double n = c.count("n_a") + c.count("n_b");
    double alpha = c.in("alpha");
    double rate = MeanSequence.rate(2 * alpha, c.count("tuning_N"));
    double level = 1 / (1 / Math.sqrt(1 + n * rate) + 1 / (2 * alpha));
    double halfWidth =
        c.out("standard_error") * Math.sqrt(n) * MeanSequence.standardHalfWidth(n, rate, level);
    boolean upper = c.inputs().get("side").asText().equals("treatment_lesser");
    double expected = c.out(upper ? "ci_upper" : "ci_lower");
    assertThat(c.out("point_estimate") + (upper ? halfWidth : -halfWidth))
        .isCloseTo(expected, c.relative("relative", expected));
    // What Heed uses for a one-sided statement is the two-sided sequence at 2α.
    assertThat(MeanSequence.standardHalfWidth(n, rate, 2 * alpha))
        .isLessThan(MeanSequence.standardHalfWidth(n, rate, level));
  }

  @ParameterizedTest
  @Reference(file = "asympcs_margin_drconfseq", cases = 7)
  void marginOfUnitVariance(ReferenceCase c) {
    assertThat(MeanSequence.rate(c.in("alpha"), c.count("t_opt")))
        .isCloseTo(c.out("rho2_approx"), c.relative("relative", c.out("rho2_approx")));
    assertThat(MeanSequence.standardHalfWidth(c.in("t"), c.out("rho2_exact"), c.in("alpha")))
        .isCloseTo(c.out("std_margin"), c.relative("relative", c.out("std_margin")));
  }

  @ParameterizedTest
  @Reference(file = "cuped", cases = 7)
  void adjustsByTheCovariate(ReferenceCase c) {
    MeanCounts a = counts(c, "a");
    MeanCounts b = counts(c, "b");
    double theta = MeanEffect.theta(a.plus(b));
    assertThat(theta).isCloseTo(c.out("theta"), c.relative("relative", c.out("theta")));
    assertThat(adjustedVariance(a, theta))
        .isCloseTo(c.out("adj_var_a"), c.relative("relative", c.out("adj_var_a")));
    assertThat(adjustedVariance(b, theta))
        .isCloseTo(c.out("adj_var_b"), c.relative("relative", c.out("adj_var_b")));
    MeanEffect effect = MeanEffect.of(List.of(new Stratum<>(a, b)));
    double difference = c.out("adj_mean_b") - c.out("adj_mean_a");
    assertThat(effect.estimate() / 1e6).isCloseTo(difference, c.relative("relative", difference));
  }

  @ParameterizedTest
  @Reference(file = "cuped", cases = 4, where = "difference=absolute")
  void sequenceOfAdjustedMeans(ReferenceCase c) {
    var outputs = c.outputs().get("sequential");
    MeanEffect effect =
        new MeanEffect(
            outputs.get("point_estimate").doubleValue(),
            outputs.get("standard_error").doubleValue(),
            c.count("n_a") + c.count("n_b"));
    MeanSequence sequence =
        new MeanSequence(effect, MeanSequence.rate(c.in("alpha"), c.count("tuning_N")));
    double lower = outputs.get("ci_lower").doubleValue();
    double p = outputs.get("p_value").doubleValue();
    assertThat(sequence.interval(c.in("alpha")).lower())
        .isCloseTo(lower, c.relative("relative", lower));
    assertThat(Math.min(1, Math.exp(-sequence.logE(0)))).isCloseTo(p, c.relative("relative", p));
  }

  private static double adjustedVariance(MeanCounts arm, double theta) {
    return MeanEffect.adjustedSquares(arm, theta) / (arm.recipients() - 1) / 1e12;
  }

  private static MeanCounts counts(ReferenceCase c, String arm) {
    long n = c.count("n_" + arm);
    return new MeanCounts(
        n,
        n,
        exact(c, "post_sum_" + arm, 6),
        exact(c, "post_sum_sq_" + arm, 12),
        exact(c, "pre_sum_" + arm, 6),
        exact(c, "pre_sum_sq_" + arm, 12),
        exact(c, "sum_products_" + arm, 12));
  }

  private static BigInteger exact(ReferenceCase c, String name, int decimals) {
    return new BigDecimal(c.inputs().get(name).asText())
        .scaleByPowerOfTen(decimals)
        .setScale(0, RoundingMode.HALF_EVEN)
        .toBigIntegerExact();
  }

  /** Whatever the order and grouping of merging, the same bits: in the sums and in the results. */
  @Property(tries = 100)
  void mergingInAnyOrderGivesTheSameBits(
      @ForAll @Size(min = 60, max = 120)
          List<@IntRange(min = 0, max = 2_000_000_000) Integer> values,
      @ForAll long seed) {
    List<MeanCounts> units = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      // Squares of these leave 64 bits.
      units.add(MeanCounts.of(values.get(i) * 1_000_000L, i * 3_000_000_000L));
    }
    MeanCounts forwards = units.stream().reduce(MeanCounts.NONE, MeanCounts::plus);
    Collections.shuffle(units, new Random(seed));
    MeanCounts left = units.subList(0, 31).stream().reduce(MeanCounts.NONE, MeanCounts::plus);
    MeanCounts right =
        units.subList(31, units.size()).stream().reduce(MeanCounts.NONE, MeanCounts::plus);
    assertThat(right.plus(left)).isEqualTo(forwards);
    assertThat(forwards.minus(left)).isEqualTo(right);
    Stratum<MeanCounts> stratum = new Stratum<>(left, forwards);
    Stratum<MeanCounts> again = new Stratum<>(left, right.plus(left));
    assertThat(MeanEffect.of(List.of(stratum))).isEqualTo(MeanEffect.of(List.of(again)));
  }

  @Property(tries = 200)
  void swappingTheArmsTurnsTheSign(@ForAll long seed) {
    List<Stratum<MeanCounts>> strata = strata(seed, 2);
    MeanEffect effect = MeanEffect.of(strata);
    MeanEffect swapped = MeanEffect.of(strata.stream().map(Stratum::swapped).toList());
    assertThat(swapped.estimate()).isCloseTo(-effect.estimate(), within(1e-6));
    assertThat(swapped.standardError()).isCloseTo(effect.standardError(), within(1e-6));
  }

  @Property(tries = 200)
  void testAndIntervalAgree(@ForAll long seed) {
    MeanSequence sequence = MeanSequence.of(strata(seed, 1), MeanSequence.rate(0.05, 1_000));
    for (double alpha : new double[] {0.5, 0.2, 0.05, 0.001}) {
      assertThat(sequence.interval(alpha).contains(0)).isEqualTo(!sequence.excludes(0, alpha));
    }
  }

  @Test
  void epochsAreCombinedByInverseVariance() {
    List<Stratum<MeanCounts>> strata = strata(7, 2);
    MeanEffect first = MeanEffect.of(strata.subList(0, 1));
    MeanEffect second = MeanEffect.of(strata.subList(1, 2));
    double w1 = Math.pow(first.standardError(), -2);
    double w2 = Math.pow(second.standardError(), -2);
    MeanEffect both = MeanEffect.of(strata);
    assertThat(both.estimate())
        .isCloseTo((w1 * first.estimate() + w2 * second.estimate()) / (w1 + w2), within(1e-6));
    assertThat(both.standardError()).isCloseTo(1 / Math.sqrt(w1 + w2), within(1e-6));
    assertThat(both.recipients()).isEqualTo(first.recipients() + second.recipients());
  }

  @Test
  void tooFewConvertersOrNoVarianceAreNoEvidence() {
    MeanCounts few = repeat(MeanCounts.of(5_000_000), 24).plus(repeat(MeanCounts.of(0), 500));
    MeanCounts constant = repeat(MeanCounts.of(1_000_000), 30);
    MeanCounts many = repeat(MeanCounts.of(5_000_000), 25).plus(repeat(MeanCounts.of(0), 500));
    for (Stratum<MeanCounts> stratum :
        List.of(new Stratum<>(few, many), new Stratum<>(constant, many))) {
      MeanSequence sequence = MeanSequence.of(List.of(stratum), 1e-3);
      assertThat(sequence.logE(0)).isZero();
      assertThat(sequence.interval(0.05))
          .isEqualTo(new Interval(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY));
    }
    assertThat(MeanEffect.of(List.of(new Stratum<>(many, many))).recipients()).isEqualTo(1_050);
  }

  private static MeanCounts repeat(MeanCounts unit, int times) {
    return Collections.nCopies(times, unit).stream().reduce(MeanCounts.NONE, MeanCounts::plus);
  }

  private static List<Stratum<MeanCounts>> strata(long seed, int epochs) {
    Random random = new Random(seed);
    List<Stratum<MeanCounts>> strata = new ArrayList<>();
    for (int e = 0; e < epochs; e++) {
      strata.add(new Stratum<>(arm(random), arm(random)));
    }
    return strata;
  }

  private static MeanCounts arm(Random random) {
    MeanCounts counts = MeanCounts.NONE;
    int n = 60 + random.nextInt(200);
    for (int i = 0; i < n; i++) {
      long covariate = random.nextInt(50_000_000);
      counts = counts.plus(MeanCounts.of(covariate / 2 + random.nextInt(40_000_000), covariate));
    }
    return counts;
  }
}
