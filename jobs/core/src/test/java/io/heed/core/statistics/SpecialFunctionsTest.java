package io.heed.core.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.apache.commons.numbers.gamma.LogBeta;
import org.apache.commons.numbers.gamma.LogGamma;
import org.apache.commons.numbers.gamma.RegularizedBeta;
import org.apache.commons.statistics.distribution.NormalDistribution;
import org.junit.jupiter.params.ParameterizedTest;

/** Holds the library's special functions, and the two of our own, against 50-digit values. */
class SpecialFunctionsTest {
  private static final NormalDistribution NORMAL = NormalDistribution.of(0, 1);

  @ParameterizedTest
  @Reference(file = "special_functions", cases = 29)
  void agreesWithHighPrecision(ReferenceCase c) {
    switch (c.inputs().get("f").asText()) {
      case "lgamma" -> {
        assertRelative(c, LogGamma.value(c.in("x")), c.out("y"));
        double x = c.in("x");
        double stirling =
            (x - 0.5) * Math.log(x)
                - x
                + 0.5 * Math.log(2 * Math.PI)
                + LogSpace.stirlingRemainder(x);
        assertRelative(c, stirling, c.out("y"));
      }
      case "log_beta" -> assertRelative(c, LogBeta.value(c.in("a"), c.in("b")), c.out("y"));
      case "regularized_incomplete_beta" -> {
        double value = RegularizedBeta.value(c.in("x"), c.in("a"), c.in("b"));
        double complement = RegularizedBeta.complement(c.in("x"), c.in("a"), c.in("b"));
        assertThat(value).isCloseTo(c.out("I"), within(1e-10 * c.out("I")));
        assertThat(value < 0.5 ? Math.log(value) : Math.log1p(-complement))
            .isCloseTo(c.out("log_I"), within(1e-10));
        assertThat(complement < 0.5 ? Math.log(complement) : Math.log1p(-value))
            .isCloseTo(c.out("log_1mI"), within(1e-10));
      }
      case "normal_quantile" ->
          assertRelative(c, NORMAL.inverseCumulativeProbability(c.in("p")), c.out("z"));
      case "log_normal_cdf" ->
          assertThat(LogSpace.logNormalCdf(c.in("z"))).isCloseTo(c.out("y"), within(1e-10));
      default -> throw new AssertionError("no function for " + c);
    }
  }

  private static void assertRelative(ReferenceCase c, double actual, double expected) {
    assertThat(actual).isCloseTo(expected, c.relative("relative", expected));
  }
}
