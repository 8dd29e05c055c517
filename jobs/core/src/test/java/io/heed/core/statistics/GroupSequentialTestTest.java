package io.heed.core.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.heed.core.statistics.GroupSequentialTest.Boundaries;
import io.heed.core.statistics.GroupSequentialTest.Exit;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

class GroupSequentialTestTest {
  private static final SpendingFunction POCOCK = (level, t) -> level * Math.log1p((Math.E - 1) * t);

  private static SpendingFunction power(double exponent) {
    return (level, t) -> level * Math.pow(t, exponent);
  }

  private static SpendingFunction hwangShihDeCani(double gamma) {
    return (level, t) -> level * Math.expm1(-gamma * t) / Math.expm1(-gamma);
  }

  @ParameterizedTest
  @Reference(file = "spending_functions", cases = 6)
  void spendingFunctions(ReferenceCase c) {
    double alpha = c.in("alpha");
    double t = c.in("t");
    assertThat(SpendingFunction.OBRIEN_FLEMING.spent(alpha, t))
        .isCloseTo(c.out("LDOF"), c.relative("relative", c.out("LDOF")));
    assertThat(SpendingFunction.QUADRATIC.spent(alpha, t))
        .isCloseTo(c.out("power2"), c.relative("relative", c.out("power2")));
    assertThat(POCOCK.spent(alpha, t))
        .isCloseTo(c.out("LDPocock"), c.relative("relative", c.out("LDPocock")));
    assertThat(hwangShihDeCani(-4).spent(alpha, t))
        .isCloseTo(c.out("HSDm4"), c.relative("relative", c.out("HSDm4")));
  }

  @ParameterizedTest
  @Reference(file = "gst_rpact", cases = 21)
  void rpact(ReferenceCase c) {
    double[] fractions = c.ins("information_rates");
    double[] expected = c.outs("critical_values");
    boolean oneSided = c.count("sided") == 1;
    double alpha = oneSided ? 2 * c.in("alpha") : c.in("alpha");
    String type = c.inputs().get("type").asText();
    Offset<Double> tolerance = c.absolute("absolute");
    GroupSequentialTest test = new GroupSequentialTest(alpha, 0.2, POCOCK);
    switch (type) {
      case "OF", "P" -> assertThat(level(fractions, expected)).isCloseTo(alpha / 2, within(1e-5));
      default ->
          assertCritical(
              test.with(spending(type, c, "gammaA")).criticalValues(fractions),
              expected,
              tolerance);
    }
    // The peer's sizes come out of the same recursion, whatever the shape of the boundary.
    double inflation = c.out("inflation_factor_power80");
    double drift = test.fixedDrift() * Math.sqrt(inflation);
    double[] lower = new double[expected.length];
    Arrays.setAll(lower, k -> oneSided ? Double.NEGATIVE_INFINITY : -expected[k]);
    Exit alternative = Exit.of(drift, fractions, lower, expected);
    assertThat(alternative.power()).isCloseTo(0.8, tolerance);
    assertThat(inflation * alternative.expectedFraction())
        .isCloseTo(c.out("average_sample_number_h1"), tolerance);
    assertThat(inflation * Exit.of(0, fractions, lower, expected).expectedFraction())
        .isCloseTo(c.out("average_sample_number_h0"), tolerance);
  }

  @ParameterizedTest
  @Reference(file = "gst_gsdesign", cases = 14)
  void gsDesign(ReferenceCase c) {
    double[] fractions = c.ins("timing");
    double[] expected = c.outs("upper_bounds_z");
    String name = c.inputs().get("spending").asText();
    Offset<Double> tolerance = c.absolute("absolute");
    double alpha = 2 * c.in("alpha_one_sided");
    if (name.contains("classical")) {
      assertThat(level(fractions, expected)).isCloseTo(alpha / 2, within(1e-5));
    } else {
      SpendingFunction spending =
          switch (name) {
            case "LanDeMets OBF" -> SpendingFunction.OBRIEN_FLEMING;
            case "LanDeMets Pocock" -> POCOCK;
            case "HSD gamma=-4" -> hwangShihDeCani(-4);
            default -> throw new AssertionError("no spending function for " + name);
          };
      GroupSequentialTest test = new GroupSequentialTest(alpha, c.in("beta"), spending);
      assertCritical(test.criticalValues(fractions), expected, tolerance);
      double[] sizes = c.outs("n_I_relative_to_fixed");
      double drift = test.driftWithoutFutility(fractions) / test.fixedDrift();
      assertThat(drift * drift).isCloseTo(sizes[sizes.length - 1], tolerance);
    }
  }

  @ParameterizedTest
  @Reference(file = "gst_spotify_power_family", cases = 6)
  void spotifyAtUnequalLooks(ReferenceCase c) {
    double alpha = c.count("sides") == 2 ? c.in("alpha") : 2 * c.in("alpha");
    double[] critical =
        new GroupSequentialTest(alpha, 0.2, power(c.in("power_family_exponent")))
            .criticalValues(c.ins("information_fractions"));
    assertThat(critical).containsExactly(c.outs("upper_bounds_z"), c.absolute("absolute"));
  }

  @ParameterizedTest
  @Reference(file = "gst_rpact_futility", cases = 5)
  void futility(ReferenceCase c) {
    double[] fractions = c.ins("information_rates");
    SpendingFunction alphaSpending = spending(c.inputs().get("type").asText(), c, "gammaA");
    SpendingFunction betaSpending =
        spending(c.inputs().get("beta_type").asText().replace("bs", "as"), c, "gammaB");
    double alpha = 2 * c.in("alpha");
    double beta = c.in("beta");
    assertThat(c.inputs().get("binding").booleanValue()).isFalse();
    // One function that is called for two levels: which one shows which error is being spent.
    GroupSequentialTest test =
        new GroupSequentialTest(
            alpha,
            beta,
            (level, t) -> (level == beta ? betaSpending : alphaSpending).spent(level, t));
    double drift = test.drift(fractions);
    Boundaries boundaries = test.boundaries(drift, fractions);
    Offset<Double> tolerance = c.absolute("absolute");
    assertCritical(boundaries.critical(), c.outs("critical_values"), tolerance);
    double[] futility = c.outs("futility_bounds_z");
    assertThat(Arrays.copyOf(boundaries.futility(), futility.length))
        .containsExactly(futility, tolerance);
    assertThat(drift * drift).isCloseTo(c.out("shift"), tolerance);
    assertThat(test.inflation(fractions)).isCloseTo(c.out("inflation_factor"), tolerance);
    for (double effect : new double[] {0, 1}) {
      Exit exit = Exit.of(effect * drift, fractions, boundaries.futility(), boundaries.critical());
      assertThat(test.inflation(fractions) * exit.expectedFraction())
          .isCloseTo(
              c.out(effect == 0 ? "average_sample_number_h0" : "average_sample_number_h1"),
              tolerance);
    }
  }

  private static SpendingFunction spending(String type, ReferenceCase c, String parameter) {
    return switch (type) {
      case "asOF" -> SpendingFunction.OBRIEN_FLEMING;
      case "asP" -> POCOCK;
      case "asKD" -> power(c.in(parameter));
      case "asHSD" -> hwangShihDeCani(c.in(parameter));
      default -> throw new AssertionError("no spending function for " + type);
    };
  }

  /** Where a peer prints 20 or infinity it means "nothing is spent"; Heed has the root, above 9. */
  private static void assertCritical(double[] actual, double[] expected, Offset<Double> tolerance) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int k = 0; k < actual.length; k++) {
      if (expected[k] >= 20) {
        assertThat(actual[k]).isGreaterThan(9);
      } else {
        assertThat(actual[k]).isCloseTo(expected[k], tolerance);
      }
    }
  }

  private static double level(double[] fractions, double[] critical) {
    double[] never = new double[critical.length];
    Arrays.fill(never, Double.NEGATIVE_INFINITY);
    return Exit.of(0, fractions, never, critical).power();
  }

  @Test
  void documentedBoundaries() {
    assertThat(
            GroupSequentialTest.withDefaults().criticalValues(GroupSequentialTest.equallySpaced(5)))
        .containsExactly(new double[] {4.877, 3.357, 2.680, 2.290, 2.031}, within(0.0005));
  }

  /** Looks need not come when they were planned, not even a thousandth apart. */
  @Property(tries = 40)
  void spendsItsLevelAtAnyLooks(
      @ForAll @IntRange(min = 2, max = 12) int looks,
      @ForAll @DoubleRange(min = 0.3, max = 3) double bunching,
      @ForAll @DoubleRange(min = 0.01, max = 0.2) double alpha) {
    double[] fractions = new double[looks];
    Arrays.setAll(fractions, k -> Math.pow((k + 1.0) / looks, bunching));
    for (SpendingFunction spending :
        new SpendingFunction[] {SpendingFunction.OBRIEN_FLEMING, SpendingFunction.QUADRATIC}) {
      GroupSequentialTest test = new GroupSequentialTest(alpha, 0.2, spending);
      assertThat(level(fractions, test.criticalValues(fractions)))
          .isCloseTo(alpha / 2, within(1e-7));
    }
  }

  /** Decision, repeated p-value and repeated interval share one boundary. */
  @Property(tries = 25)
  void repeatedPValueAgreesWithTheBoundary(
      @ForAll @DoubleRange(min = -5, max = 5) double z,
      @ForAll @IntRange(min = 1, max = 10) int look) {
    double[] fractions = Arrays.copyOf(GroupSequentialTest.equallySpaced(10), look);
    GroupSequentialTest test = GroupSequentialTest.withDefaults().with(SpendingFunction.QUADRATIC);
    double critical = test.criticalValues(fractions)[look - 1];
    boolean rejected = test.logP(z, fractions) <= Math.log(0.05);
    if (Math.abs(Math.abs(z) - critical) > 1e-4) {
      assertThat(rejected).isEqualTo(Math.abs(z) >= critical);
    }
  }

  @Test
  void rejectsLooksThatDoNotAscend() {
    assertThatThrownBy(() -> GroupSequentialTest.withDefaults().criticalValues(0.5, 0.5))
        .hasMessageContaining("[0.5, 0.5]");
    assertThatThrownBy(() -> GroupSequentialTest.withDefaults().criticalValues(0.5, 1.1))
        .hasMessageContaining("at most 1");
  }
}
