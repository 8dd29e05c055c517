package io.heed.core.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.params.ParameterizedTest;

class MultipleTestingTest {
  @ParameterizedTest
  @Reference(file = "multiplicity", cases = 6)
  void holm(ReferenceCase c) {
    assertThat(MultipleTesting.holm(c.ins("p_values")))
        .containsExactly(c.outs("holm"), c.absolute("absolute"));
  }

  @ParameterizedTest
  @Reference(file = "e_bh", cases = 6)
  void eBenjaminiHochberg(ReferenceCase c) {
    double[] logE = Arrays.stream(c.ins("e_values")).map(Math::log).toArray();
    assertThat(MultipleTesting.eBenjaminiHochberg(c.in("alpha"), logE))
        .map(Integer::doubleValue)
        .containsExactlyElementsOf(Arrays.stream(c.outs("e_bh_rejected_indices")).boxed().toList());
    double[] p = Arrays.stream(c.ins("e_values")).map(e -> Math.min(1, 1 / e)).toArray();
    assertThat(MultipleTesting.holm(p))
        .containsExactly(c.outs("holm_on_1_over_e"), c.absolute("absolute"));
  }

  @Property
  void holmKeepsTheOrderAndNeverLowers(
      @ForAll @Size(min = 1, max = 8) List<@DoubleRange(min = 0, max = 1) Double> pValues) {
    double[] p = pValues.stream().mapToDouble(x -> x).toArray();
    double[] adjusted = MultipleTesting.holm(p);
    for (int i = 0; i < p.length; i++) {
      assertThat(adjusted[i]).isBetween(p[i], 1.0);
      for (int j = 0; j < p.length; j++) {
        if (p[i] < p[j]) {
          assertThat(adjusted[i]).isLessThanOrEqualTo(adjusted[j]);
        }
      }
    }
  }

  @Property
  void moreEvidenceNeverRejectsLess(
      @ForAll @Size(min = 1, max = 8) List<@DoubleRange(min = -5, max = 8) Double> evidence,
      @ForAll @DoubleRange(min = 0, max = 3) double more) {
    double[] logE = evidence.stream().mapToDouble(x -> x).toArray();
    double[] raised = IntStream.range(0, logE.length).mapToDouble(i -> logE[i] + more).toArray();
    assertThat(MultipleTesting.eBenjaminiHochberg(0.05, raised))
        .containsAll(MultipleTesting.eBenjaminiHochberg(0.05, logE));
  }
}
