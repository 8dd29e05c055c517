package io.heed.core.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.assertj.core.data.Percentage;
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

  @Property(tries = 20)
  void largerEffectsTakeFewer(@ForAll @DoubleRange(min = 0.1, max = 1.5) double multiple) {
    Planner planner = Planner.withDefaults();
    assertThat(planner.proportions(0.03, 0.03 * (1 + 0.2 * multiple)).total())
        .isGreaterThan(planner.proportions(0.03, 0.03 * (1 + 0.2 * (multiple + 0.1))).total());
  }
}
