package io.heed.core.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

class SplitTestTest {
  @ParameterizedTest
  @Reference(file = "srm_chi2_fixed", cases = 9)
  void chiSquare(ReferenceCase c) {
    List<Double> shares = Arrays.stream(c.ins("weights")).boxed().toList();
    List<Long> counts = Arrays.stream(c.ins("counts")).mapToObj(n -> (long) n).toList();
    assertThat(SplitTest.pValue(shares, counts))
        .isCloseTo(c.out("p_value"), c.relative("relative", c.out("p_value")));
  }

  @Test
  void exactHalvesFitAndFewAreCountedExactly() {
    assertThat(SplitTest.pValue(List.of(0.5, 0.5), List.of(1_000L, 1_000L))).isEqualTo(1);
    // Two-sided: twice the tail of the binomial distribution.
    assertThat(SplitTest.pValue(List.of(0.5, 0.5), List.of(10L, 0L)))
        .isCloseTo(2 / 1024.0, within(1e-12));
    assertThat(SplitTest.pValue(List.of(0.9, 0.0, 0.1), List.of(20L, 5L, 0L)))
        .isCloseTo(2 * Math.pow(0.9, 20), within(1e-12));
    assertThat(SplitTest.pValue(List.of(1.0, 0.0), List.of(20L, 0L))).isEqualTo(1);
  }

  /** Under its own shares a split is rejected at the level at most, small or large. */
  @Property(tries = 60)
  void keepsItsLevel(
      @ForAll @IntRange(min = 1, max = 300) int total,
      @ForAll @IntRange(min = 1, max = 9) int of10) {
    double share = of10 / 10.0;
    double rejected = 0;
    double mass = Math.pow(1 - share, total);
    for (int n = 0; n <= total; n++) {
      List<Long> counts = List.of((long) n, (long) total - n);
      rejected += SplitTest.pValue(List.of(share, 1 - share), counts) <= 0.05 ? mass : 0;
      mass *= (total - n) * share / ((n + 1) * (1 - share));
    }
    assertThat(rejected).isLessThan(0.08);
  }
}
