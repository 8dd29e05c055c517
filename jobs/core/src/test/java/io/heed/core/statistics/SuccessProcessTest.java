package io.heed.core.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.params.ParameterizedTest;

/** The independent cross-check of the ratio mixture, itself held against its reference values. */
class SuccessProcessTest {
  private static SuccessProcess process(ReferenceCase c) {
    return new SuccessProcess(
        c.in("assignment_probability_b"),
        c.in("concentration"),
        c.count("successes_a"),
        c.count("successes_b"));
  }

  @ParameterizedTest
  @Reference(file = "rate_ratio_success_process", cases = 11)
  void twoSided(ReferenceCase c) {
    assertThat(process(c).logE(1)).isCloseTo(c.out("log_e_value"), c.absolute("log_e_absolute"));
    double[] interval = process(c).interval(c.in("alpha"));
    assertEnd(c, "rate_ratio_lower", interval[0]);
    assertEnd(c, "rate_ratio_upper", interval[1]);
  }

  private static void assertEnd(ReferenceCase c, String name, double actual) {
    if (Double.isFinite(c.out(name))) {
      assertThat(actual).as(name).isCloseTo(c.out(name), c.relative("ratio_relative", c.out(name)));
    } else {
      assertThat(actual).as(name).isInfinite();
    }
  }

  @ParameterizedTest
  @Reference(file = "rate_ratio_one_sided", cases = 11)
  void oneSided(ReferenceCase c) {
    double margin = c.in("ratio_margin");
    assertThat(process(c).logEOfHarm(margin))
        .isCloseTo(c.out("log_e_superiority_H0_ratio_le_1_plus_m"), c.absolute("log_e_absolute"));
    assertThat(process(c).logEOfNonInferiority(margin))
        .isCloseTo(
            c.out("log_e_noninferiority_H0_ratio_ge_1_plus_m"), c.absolute("log_e_absolute"));
    assertThat(process(c).logE(1 + margin))
        .isCloseTo(c.out("log_e_two_sided"), c.absolute("log_e_absolute"));
  }

  /** At a rate of 1 % both ways to the ratio find intervals that differ by a few per cent. */
  @Property(tries = 60)
  void agreesWithTheRatioMixtureAtRareOutcomes(
      @ForAll @IntRange(min = 150, max = 2_000) int successesA,
      @ForAll @IntRange(min = 70, max = 150) int percent) {
    int successesB = successesA * percent / 100;
    long recipients = 100L * successesA;
    double effect = 0.2;
    double[] expected =
        new SuccessProcess(0.5, 4 / (effect * effect) - 1, successesA, successesB).interval(0.05);
    Interval actual =
        new RatioSequence(
                RatioMixture.of(0.5, effect, 0.01),
                List.of(
                    new Stratum<>(
                        new BinaryCounts(recipients, successesA),
                        new BinaryCounts(recipients, successesB))))
            .interval(0.05);
    assertThat(1 + actual.lower()).isCloseTo(expected[0], Percentage.withPercentage(6));
    assertThat(1 + actual.upper()).isCloseTo(expected[1], Percentage.withPercentage(6));
  }
}
