package io.heed.core.statistics;

import static io.heed.core.statistics.RatioMixture.Alternative.GREATER;
import static io.heed.core.statistics.RatioMixture.Alternative.LESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

class RatioMixtureTest {
  /** A base rate at which the grid starts at 0.003, as in the reference values. */
  private static final double BASE_RATE = 0.05;

  private static RatioMixture mixture(ReferenceCase c) {
    return RatioMixture.of(c.epochs().get(0).shareB(), c.in("relative_mde"), BASE_RATE);
  }

  @ParameterizedTest
  @Reference(file = "exact_2x2_mixture", cases = 11)
  void logEOfNoEffect(ReferenceCase c) {
    RatioMixture mixture = mixture(c);
    assertThat(mixture.logE(c.epochs()))
        .isCloseTo(c.out("log_e_two"), c.absolute("log_e_absolute"));
    assertThat(mixture.with(GREATER, 0).logE(c.epochs()))
        .isCloseTo(c.out("log_e_greater"), c.absolute("log_e_absolute"));
    assertThat(mixture.with(LESS, 0).logE(c.epochs()))
        .isCloseTo(c.out("log_e_less"), c.absolute("log_e_absolute"));
  }

  @ParameterizedTest
  @Reference(file = "exact_2x2_mixture_ratio", cases = 11)
  void logEOfRatiosAndConfidenceSequence(ReferenceCase c) {
    RatioMixture mixture = mixture(c);
    for (Map.Entry<String, JsonNode> atRatio : c.outputs().get("log_e_at_ratio").properties()) {
      assertThat(mixture.against(Double.parseDouble(atRatio.getKey())).logE(c.epochs()))
          .isCloseTo(ReferenceCase.number(atRatio.getValue()), c.absolute("log_e_absolute"));
    }
    Interval interval = mixture.sequence(c.epochs()).interval(c.in("alpha"));
    assertEnd(c, 1 + interval.lower(), "ratio_lower", 0);
    assertEnd(c, 1 + interval.upper(), "ratio_upper", Double.POSITIVE_INFINITY);
  }

  private static void assertEnd(ReferenceCase c, double ratio, String name, double unbounded) {
    double expected = c.outputs().get(name).isNull() ? unbounded : c.out(name);
    assertThat(ratio).as(name).isCloseTo(expected, c.relative("ratio_relative", expected));
  }

  @Test
  void nothingCountedIsNoEvidence() {
    ConfidenceSequence sequence =
        RatioMixture.of(0.5, 0.1, 0.03)
            .sequence(List.of(new Stratum<>(0.5, BinaryCounts.ZERO, BinaryCounts.ZERO)));
    assertThat(sequence.logE(0)).isCloseTo(0, within(1e-15));
    assertThat(sequence.interval(0.05)).isEqualTo(new Interval(-1, Double.POSITIVE_INFINITY));
    assertThat(sequence.estimate()).isNaN();
  }

  @Test
  void rejectsTuningOutOfRange() {
    assertThatThrownBy(() -> RatioMixture.of(0, 0.1, 0.03)).hasMessageContaining("shareB = 0.0");
    assertThatThrownBy(() -> RatioMixture.of(0.5, 0, 0.03)).hasMessageContaining("minimumEffect");
    assertThatThrownBy(() -> RatioMixture.of(0.5, 0.1, 1)).hasMessageContaining("baseRate");
    assertThatThrownBy(() -> RatioMixture.of(0.5, 0.1, 0.03).with(LESS, -1))
        .hasMessageContaining("margin");
  }

  /** Twenty small epochs are as strong as one large one: ratios add before the log-sum-exp. */
  @Test
  void epochsAddPerGridPoint() {
    RatioMixture mixture = RatioMixture.of(0.5, 0.15, 0.12);
    Stratum<BinaryCounts> part =
        new Stratum<>(0.5, new BinaryCounts(500, 60), new BinaryCounts(500, 70));
    Stratum<BinaryCounts> whole =
        new Stratum<>(0.5, new BinaryCounts(10_000, 1_200), new BinaryCounts(10_000, 1_400));
    assertThat(mixture.logE(java.util.Collections.nCopies(20, part)))
        .isCloseTo(mixture.logE(List.of(whole)), within(1e-9))
        .isGreaterThan(5 * 20 * mixture.logE(List.of(part)));
  }

  @Property(tries = 300)
  void swappingTheArmsInvertsTheRatio(
      @ForAll("strata") List<Stratum<BinaryCounts>> strata,
      @ForAll @DoubleRange(min = 0.4, max = 2.5) double ratio) {
    List<Stratum<BinaryCounts>> swapped = strata.stream().map(Stratum::swapped).toList();
    RatioMixture mixture = RatioMixture.of(strata.get(0).shareB(), 0.2, 0.03);
    RatioMixture mirrored = RatioMixture.of(1 - strata.get(0).shareB(), 0.2, 0.03);
    double logE = mixture.against(ratio).logE(strata);
    assertThat(mirrored.against(1 / ratio).logE(swapped))
        .isCloseTo(logE, within(1e-9 * (1 + Math.abs(logE))));
    assertThat(mirrored.with(LESS, 0).logE(swapped))
        .isCloseTo(mixture.with(GREATER, 0).logE(strata), within(1e-7));
  }

  /** The set of ratios that are not excluded is an interval: the evidence has one valley. */
  @Property(tries = 300)
  void evidenceFallsThenRisesOverTheRatio(@ForAll("strata") List<Stratum<BinaryCounts>> strata) {
    RatioMixture mixture = RatioMixture.of(strata.get(0).shareB(), 0.2, 0.03);
    double threshold = Math.log(20);
    int crossings = 0;
    boolean before = mixture.against(Math.exp(-3)).logE(strata) >= threshold;
    for (double logRatio = -2.98; logRatio <= 3; logRatio += 0.02) {
      boolean excluded = mixture.against(Math.exp(logRatio)).logE(strata) >= threshold;
      crossings += excluded == before ? 0 : 1;
      before = excluded;
    }
    assertThat(crossings).isLessThanOrEqualTo(2);
  }

  @Property(tries = 500)
  void testAndIntervalAgree(
      @ForAll("strata") List<Stratum<BinaryCounts>> strata,
      @ForAll @DoubleRange(min = 0.01, max = 0.3) double alpha) {
    ConfidenceSequence sequence =
        RatioMixture.of(strata.get(0).shareB(), 0.2, 0.03).sequence(strata);
    Interval interval = sequence.interval(alpha);
    assertThat(interval.contains(0)).isEqualTo(!sequence.excludes(0, alpha));
    if (interval.lower() > -1 && interval.lower() < 0) {
      assertThat(sequence.logE(interval.lower())).isCloseTo(-Math.log(alpha), within(1e-4));
    }
    // A wider level leaves a wider interval.
    Interval wider = sequence.interval(alpha / 2);
    assertThat(wider.lower()).isLessThanOrEqualTo(interval.lower());
    assertThat(wider.upper()).isGreaterThanOrEqualTo(interval.upper());
  }

  @Property(tries = 200)
  void moreSuccessesOfBRaiseTheEvidenceThatBIsHigher(
      @ForAll("strata") List<Stratum<BinaryCounts>> strata) {
    RatioMixture greater = RatioMixture.of(strata.get(0).shareB(), 0.2, 0.03).with(GREATER, 0.1);
    Stratum<BinaryCounts> first = strata.get(0);
    if (first.b().failures() == 0) {
      return;
    }
    BinaryCounts more = new BinaryCounts(first.b().recipients(), first.b().successes() + 1);
    List<Stratum<BinaryCounts>> raised = new java.util.ArrayList<>(strata);
    raised.set(0, new Stratum<>(first.shareB(), first.a(), more));
    assertThat(greater.logE(raised)).isGreaterThan(greater.logE(strata));
  }

  /** To the bit: an end is either looked for in the same way, or stays. */
  @Property(tries = 300)
  void tighteningIsIntersecting(
      @ForAll("strata") List<Stratum<BinaryCounts>> earlier,
      @ForAll("strata") List<Stratum<BinaryCounts>> later) {
    RatioMixture mixture = RatioMixture.of(0.5, 0.2, 0.03);
    Interval before = mixture.sequence(earlier).interval(0.05);
    ConfidenceSequence now = mixture.sequence(later);
    assertThat(now.tighten(before, 0.05)).isEqualTo(before.intersect(now.interval(0.05)));
  }

  @Provide
  Arbitrary<List<Stratum<BinaryCounts>>> strata() {
    return stratum().list().ofMinSize(1).ofMaxSize(3);
  }

  private static Arbitrary<Stratum<BinaryCounts>> stratum() {
    Arbitrary<Double> share = Arbitraries.of(0.1, 0.25, 0.5, 0.75, 0.9);
    Arbitrary<Integer> total = Arbitraries.integers().between(0, 40_000);
    Arbitrary<Double> rate = Arbitraries.doubles().between(0.001, 0.3).ofScale(4);
    Arbitrary<Double> ratio = Arbitraries.doubles().between(0.5, 2).ofScale(3);
    return Combinators.combine(share, total, rate, ratio)
        .as(
            (rho, n, p, r) -> {
              long nb = Math.round(n * rho);
              long na = n - nb;
              return new Stratum<>(
                  rho,
                  new BinaryCounts(na, Math.round(na * p)),
                  new BinaryCounts(nb, Math.round(nb * p * r)));
            });
  }
}
