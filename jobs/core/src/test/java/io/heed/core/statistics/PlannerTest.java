package io.heed.core.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

class PlannerTest {
  @ParameterizedTest
  @Reference(file = "sample_size_proportions", cases = 7)
  void proportions(ReferenceCase c) {
    double margin = c.in("ni_margin_abs");
    Planner planner =
        new Planner(2 * c.in("alpha_one_sided"), c.in("beta"), c.in("ratio_treat_over_control"));
    double p1 = c.in("p_control");
    double p2 = c.in("p_treatment");
    double total =
        (margin == 0 ? planner.proportions(p1, p2) : planner.nonInferiority(p1, p2, margin))
            .total();
    boolean plain = margin == 0 && c.in("ratio_treat_over_control") == 1;
    double relative =
        c.tolerance().get(plain ? "relative_to_named_column" : "relative_any").doubleValue();
    assertThat(total)
        .isCloseTo(c.out("gsDesign_nBinomial_total"), Percentage.withPercentage(100 * relative));
  }

  @ParameterizedTest
  @Reference(file = "sample_size_means", cases = 4)
  void means(ReferenceCase c) {
    Planner planner = new Planner(c.in("alpha_two_sided"), 1 - c.in("power"), 1);
    double expected = c.out("gsDesign_nNormal_total");
    assertThat(planner.means(c.in("delta"), c.in("sd")).total())
        .isCloseTo(expected, c.relative("relative", expected));
  }

  @Test
  void openEndedNeedsAboutOnePointSevenTimesTheFixedSizeAndOneOnAverage() {
    Planner planner = Planner.withDefaults();
    double cap = planner.openEndedCap();
    assertThat(cap).isBetween(1.55, 1.8);
    assertThat(planner.openEnded(10_000, 1, cap).power()).isCloseTo(0.8, within(0.005));
    assertThat(planner.openEnded(10_000, 1, cap).expectedRecipients()).isBetween(9_000.0, 10_500.0);
    // Simulated at the null, both directions together: 2.3 to 2.7 % by two fixed sizes.
    assertThat(2 * planner.openEnded(1, 0, 2).power()).isBetween(0.015, 0.03);
  }

  @Test
  void plannedListStopsEarlier() {
    Planner planner = Planner.withDefaults();
    Planner.Expectation planned =
        planner.plannedList(10_000, SpendingFunction.QUADRATIC, 10).apply(1);
    assertThat(planned.power()).isCloseTo(0.8, within(1e-6));
    // rpact: inflation 1.16966, expected 0.735118 under the effect and 0.551688 without.
    assertThat(planned.maximumRecipients()).isCloseTo(11_696.6, within(1.0));
    assertThat(planned.expectedRecipients()).isCloseTo(7_351.2, within(1.0));
    assertThat(
            planner
                .plannedList(10_000, SpendingFunction.QUADRATIC, 10)
                .apply(0)
                .expectedRecipients())
        .isCloseTo(5_516.9, within(1.0));
    assertThat(planner.fixedHorizon(10_000, 1).power()).isCloseTo(0.8, within(1e-3));
  }

  @Property(tries = 20)
  void powerGrowsWithTheEffect(@ForAll @DoubleRange(min = 0.1, max = 1.5) double multiple) {
    Planner planner = Planner.withDefaults();
    assertThat(planner.openEnded(1, multiple + 0.1, 2).power())
        .isGreaterThan(planner.openEnded(1, multiple, 2).power());
    assertThat(planner.proportions(0.03, 0.03 * (1 + 0.2 * multiple)).total())
        .isGreaterThan(planner.proportions(0.03, 0.03 * (1 + 0.2 * (multiple + 0.1))).total());
  }

  @Test
  void timelineCountsWhatIsOnItsWay() {
    Planner.Timeline endless = Planner.timeline(10_000, Double.POSITIVE_INFINITY, 1_000, 25);
    assertThat(endless).isEqualTo(new Planner.Timeline(35, 25_000));
    assertThat(Planner.timeline(10_000, 12_000, 1_000, 25).messagesInFlight()).isEqualTo(2_000);
  }
}
