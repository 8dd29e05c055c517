package io.heed.core.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

class SampleRatioTestTest {
  @ParameterizedTest
  @Reference(file = "multinomial_log_e_small_counts", cases = 12)
  void smallCounts(ReferenceCase c) {
    assertThat(logE(c, longs(c.inputs().get("counts"))))
        .isCloseTo(c.out("log_e_value"), c.absolute("log_e_absolute"));
  }

  @ParameterizedTest
  @Reference(file = "srm_sequential_multinomial", cases = 9)
  void trajectories(ReferenceCase c) {
    double running = 0;
    for (JsonNode step : c.outputs().get("trajectory")) {
      double logE = logE(c, longs(step.get("counts")));
      running = Math.max(running, logE);
      double expected = step.get("running_p").doubleValue();
      assertThat(logE)
          .isCloseTo(ReferenceCase.number(step.get("log_e_value")), c.absolute("log_e_absolute"));
      assertThat(Math.exp(-running)).isCloseTo(expected, c.relative("p_relative", expected));
    }
  }

  @ParameterizedTest
  @Reference(file = "srm_optimizely_ssrm", cases = 4)
  void secondPeer(ReferenceCase c) {
    double[] expected = c.outs("bayes_factor");
    List<Long> counts = null;
    int step = 0;
    for (JsonNode increment : c.inputs().get("increments")) {
      List<Long> next = longs(increment);
      for (int i = 0; counts != null && i < next.size(); i++) {
        next.set(i, next.get(i) + counts.get(i));
      }
      counts = next;
      double bayesFactor = expected[step++];
      assertThat(Math.exp(logE(c, counts)))
          .isCloseTo(bayesFactor, c.relative("relative", bayesFactor));
    }
    assertThat(step).isEqualTo(expected.length);
  }

  private static double logE(ReferenceCase c, List<Long> counts) {
    return new SampleRatioTest(c.in("dirichlet_concentration"))
        .logE(Arrays.stream(c.ins("null_probabilities")).boxed().toList(), counts);
  }

  private static List<Long> longs(JsonNode array) {
    List<Long> longs = new ArrayList<>();
    array.forEach(n -> longs.add(n.longValue()));
    return longs;
  }

  /** The definition itself, as a product of predictive probabilities: independent of log-gamma. */
  @Property(tries = 100)
  void agreesWithThePredictiveProduct(
      @ForAll @LongRange(min = 0, max = 400) long first,
      @ForAll @LongRange(min = 0, max = 400) long second,
      @ForAll @LongRange(min = 0, max = 400) long third) {
    List<Double> shares = List.of(0.6, 0.3, 0.1);
    double expected = 0;
    double seen = 0;
    for (int arm = 0; arm < 3; arm++) {
      long n = List.of(first, second, third).get(arm);
      for (long j = 0; j < n; j++) {
        expected +=
            Math.log((1000 * shares.get(arm) + j) / (1000 + seen)) - Math.log(shares.get(arm));
        seen++;
      }
    }
    assertThat(SampleRatioTest.withDefaults().logE(shares, List.of(first, second, third)))
        .isCloseTo(expected, within(1e-9));
  }

  @Test
  void staysExactAtABillionRecipients() {
    // mpmath, 60 digits, where doubles of the log-gammas (2e10) are 4e-6 apart.
    double logE =
        SampleRatioTest.withDefaults().logE(List.of(0.5, 0.5), List.of(500_020_000L, 499_980_000L));
    assertThat(logE).isCloseTo(-6.10800657767709, within(1e-8));
  }

  @Test
  void armsWithoutAShareTakeNoPart() {
    SampleRatioTest test = SampleRatioTest.withDefaults();
    assertThat(test.logE(List.of(0.5, 0.0, 0.5), List.of(480L, 7L, 520L)))
        .isEqualTo(test.logE(List.of(0.5, 0.5), List.of(480L, 520L)));
  }
}
