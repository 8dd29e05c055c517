package io.heed.core.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.apache.commons.statistics.distribution.ContinuousDistribution;
import org.apache.commons.statistics.distribution.NormalDistribution;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

class TopTwoAllocationTest {
  @ParameterizedTest
  @Reference(file = "bandit_p_best", cases = 5)
  void bestProbabilitiesAndShares(ReferenceCase c) {
    List<ContinuousDistribution> normal = new ArrayList<>();
    List<ContinuousDistribution> beta = new ArrayList<>();
    for (JsonNode arm : c.inputs().get("arms")) {
      double n = arm.get("n").doubleValue();
      double p = arm.get("successes").doubleValue() / n;
      normal.add(NormalDistribution.of(p, Math.sqrt(p * (1 - p) / (n - 1))));
      beta.add(rate(arm.get("n").longValue(), arm.get("successes").longValue()));
    }
    assertThat(TopTwoAllocation.bestProbabilities(normal, Direction.HIGHER))
        .containsExactly(
            c.outs("quadrature_p_best_normal_flat_prior"), c.absolute("quadrature_absolute"));
    assertThat(TopTwoAllocation.bestProbabilities(beta, Direction.HIGHER))
        .containsExactly(c.outs("quadrature_p_best_beta11"), c.absolute("quadrature_absolute"));
    assertThat(new TopTwoAllocation(c.in("min_weight_floor")).shares(normal, Direction.HIGHER))
        .containsExactly(
            c.outs("gbstats_top_two_weights_10000_draws"), c.absolute("monte_carlo_absolute"));
  }

  private static ContinuousDistribution rate(long n, long successes) {
    return TopTwoAllocation.posteriorOfRate(
        List.of(new BinaryCounts(n, successes)), List.of(3 * n));
  }

  @Test
  void lowerIsBetterMirrors() {
    List<ContinuousDistribution> arms = List.of(rate(1000, 50), rate(900, 60), rate(1100, 90));
    double[] shares = TopTwoAllocation.withDefaults().shares(arms, Direction.LOWER);
    assertThat(shares[0]).isGreaterThan(shares[1]);
    assertThat(shares[1]).isGreaterThan(shares[2]);
    assertThat(shares[2]).isGreaterThanOrEqualTo(0.01);
  }

  /**
   * Pooled, arm B (500 of 2,000 and 60 of 1,000: 18.7 %) looks better than arm A (130 of 500 and
   * 250 of 4,000: 8.4 %), though A is better in both epochs: B was large in good times.
   */
  @Test
  void epochsAreWeightedNotPooled() {
    List<Long> sizes = List.of(2_500L, 5_000L);
    ContinuousDistribution a =
        TopTwoAllocation.posteriorOfRate(
            List.of(new BinaryCounts(500, 130), new BinaryCounts(4_000, 250)), sizes);
    ContinuousDistribution b =
        TopTwoAllocation.posteriorOfRate(
            List.of(new BinaryCounts(2_000, 500), new BinaryCounts(1_000, 60)), sizes);
    assertThat(TopTwoAllocation.bestProbabilities(List.of(a, b), Direction.HIGHER)[0])
        .isGreaterThan(0.5);
    assertThat(a.getMean()).isCloseTo((0.26 * 2_500 + 0.0625 * 5_000) / 7_500, within(0.001));
  }

  @Property(tries = 60)
  void sharesSumToOneKeepTheFloorAndFollowTheArms(
      @ForAll @Size(min = 1, max = 5) List<@IntRange(min = 0, max = 300) Integer> successes) {
    List<ContinuousDistribution> arms =
        new ArrayList<>(successes.stream().map(s -> rate(300, s)).toList());
    double[] shares = TopTwoAllocation.withDefaults().shares(arms, Direction.HIGHER);
    assertThat(Arrays.stream(shares).sum()).isCloseTo(1, within(1e-12));
    assertThat(Arrays.stream(shares).min().orElseThrow()).isGreaterThanOrEqualTo(0.01);
    assertThat(Arrays.stream(TopTwoAllocation.bestProbabilities(arms, Direction.HIGHER)).sum())
        .isCloseTo(1, within(1e-7));
    Collections.reverse(arms);
    double[] reversed = TopTwoAllocation.withDefaults().shares(arms, Direction.HIGHER);
    for (int i = 0; i < shares.length; i++) {
      assertThat(reversed[shares.length - 1 - i]).isCloseTo(shares[i], within(1e-9));
    }
  }
}
