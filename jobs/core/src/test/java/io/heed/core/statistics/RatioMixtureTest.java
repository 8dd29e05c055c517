package io.heed.core.statistics;

import static io.heed.core.statistics.RatioMixture.Alternative.GREATER;
import static io.heed.core.statistics.RatioMixture.Alternative.LESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

class RatioMixtureTest {
  @ParameterizedTest
  @Reference(file = "exact_2x2_blocks", cases = 9)
  void logEOfRatiosAndConfidenceSequence(ReferenceCase c) {
    RatioMixture mixture =
        RatioMixture.of(
            c.in("design_share_b"), c.in("relative_minimum_effect"), c.in("expected_base_rate"));
    for (Map.Entry<String, JsonNode> atRatio : c.outputs().get("log_e_at_ratio").properties()) {
      assertThat(mixture.against(Double.parseDouble(atRatio.getKey())).logE(c.blocks()))
          .isCloseTo(ReferenceCase.number(atRatio.getValue()), c.absolute("log_e_absolute"));
    }
    Interval interval = new RatioSequence(mixture, c.blocks()).interval(c.in("alpha"));
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
        new RatioSequence(
            RatioMixture.of(0.5, 0.1, 0.03),
            List.of(new Stratum<>(BinaryCounts.ZERO, BinaryCounts.ZERO)));
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

  /** What an unbalanced split of equal rates gave as evidence before it was conditioned on. */
  @Test
  void aSplitThatIsNotTheDesignsIsNoEvidence() {
    Stratum<BinaryCounts> split =
        new Stratum<>(new BinaryCounts(60_000, 1_200), new BinaryCounts(40_000, 800));
    assertThat(RatioMixture.of(0.5, 0.2, 0.02).logE(List.of(split))).isNegative();
    Stratum<BinaryCounts> onlyA = new Stratum<>(new BinaryCounts(2_000, 40), BinaryCounts.ZERO);
    Stratum<BinaryCounts> onlyB = new Stratum<>(BinaryCounts.ZERO, new BinaryCounts(2_000, 80));
    assertThat(RatioMixture.of(0.5, 0.2, 0.02).logE(List.of(onlyA, onlyB, onlyA)))
        .isCloseTo(0, within(1e-12));
  }

  /** Jensen's inequality: at the block's own ratio no grid point gains. */
  @Property(tries = 500)
  void withOneBlockTheIntervalContainsItsEstimate(
      @ForAll @IntRange(min = 20, max = 200_000) int a,
      @ForAll @IntRange(min = 20, max = 200_000) int b,
      @ForAll @IntRange(min = 5, max = 5_000) int rateOf10000,
      @ForAll @DoubleRange(min = 0.3, max = 1.9) double ratio) {
    long successesA = Math.round(a * rateOf10000 / 1e4);
    long successesB = Math.round(b * rateOf10000 / 1e4 * ratio);
    if (successesA == 0 || successesB == 0) {
      return;
    }
    ConfidenceSequence sequence =
        new RatioSequence(
            RatioMixture.of(0.5, 0.2, 0.02),
            List.of(
                new Stratum<>(new BinaryCounts(a, successesA), new BinaryCounts(b, successesB))));
    double estimate = (double) successesB * a / b / successesA - 1;
    assertThat(sequence.estimate()).isCloseTo(estimate, within(1e-12));
    assertThat(sequence.logE(estimate)).isLessThan(1e-7);
    assertThat(sequence.interval(0.05).contains(estimate)).isTrue();
  }

  /** Blocks that come one by one, and blocks of which one is corrected, give the same bits. */
  @Property(tries = 4)
  void aProcessIsAFunctionOfItsBlocks(@ForAll("blocks") List<Stratum<BinaryCounts>> blocks) {
    RatioMixture mixture = RatioMixture.of(0.5, 0.2, 0.03);
    RatioMixture.Accumulator process = new RatioMixture.Accumulator(mixture.atBoundary());
    for (int n = 0; n <= blocks.size(); n++) {
      assertThat(process.logE(blocks.subList(0, n))).isEqualTo(mixture.logE(blocks.subList(0, n)));
    }
    List<Stratum<BinaryCounts>> corrected = new ArrayList<>(blocks);
    BinaryCounts b = blocks.get(0).b();
    corrected.set(
        0, new Stratum<>(blocks.get(0).a(), new BinaryCounts(b.recipients() + 1, b.successes())));
    assertThat(process.logE(corrected)).isEqualTo(mixture.logE(corrected));
  }

  /** The interpolation over the blocks' shares: far below what an end's accuracy needs. */
  @Property(tries = 100)
  void summedBlocksAreAsGoodAsEachBlock(
      @ForAll("blocks") List<Stratum<BinaryCounts>> blocks,
      @ForAll @DoubleRange(min = 0.5, max = 2) double ratio) {
    RatioMixture mixture = RatioMixture.of(0.5, 0.2, 0.03);
    double exact = mixture.against(ratio).logE(blocks);
    assertThat(new BlockSummary(mixture, blocks).logE(ratio))
        .isCloseTo(exact, within(1e-6 * (1 + Math.abs(exact))));
  }

  /** Shares that lie close together take fewer points, also of rates near one. */
  @Property(tries = 100)
  void summedBlocksOfSimilarSharesAreAsGood(
      @ForAll @DoubleRange(min = 0.1, max = 0.9) double share,
      @ForAll @DoubleRange(min = -4, max = -1) double logSpread,
      @ForAll @DoubleRange(min = 0.5, max = 2) double ratio,
      @ForAll boolean often,
      @ForAll long seed) {
    Random random = new Random(seed);
    double rate = often ? 0.95 : 0.02;
    List<Stratum<BinaryCounts>> blocks = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      double spread = Math.pow(10, logSpread) * (2 * random.nextDouble() - 1);
      int b = (int) (20_000 * Math.max(0.05, Math.min(0.95, share + spread)));
      blocks.add(new Stratum<>(drawn(20_000 - b, rate, random), drawn(b, rate, random)));
    }
    RatioMixture mixture = RatioMixture.of(share, 0.2, rate);
    double exact = mixture.against(ratio).logE(blocks);
    assertThat(new BlockSummary(mixture, blocks).logE(ratio))
        .isCloseTo(exact, within(1e-6 * (1 + Math.abs(exact))));
  }

  private static BinaryCounts drawn(int n, double rate, Random random) {
    double deviation = Math.sqrt(n * rate * (1 - rate));
    return new BinaryCounts(n, Math.round(n * rate + deviation * random.nextGaussian()));
  }

  /** Hundreds of blocks, the first of a few units, with splits all over the place. */
  @Provide
  Arbitrary<List<Stratum<BinaryCounts>>> blocks() {
    return Arbitraries.longs()
        .map(
            seed -> {
              Random random = new Random(seed);
              List<Stratum<BinaryCounts>> blocks = new ArrayList<>();
              double size = 4;
              for (int i = 0; i < 250; i++) {
                int a = 1 + random.nextInt((int) size);
                int b = 1 + random.nextInt((int) size);
                blocks.add(new Stratum<>(counts(a, random), counts(b, random)));
                size *= 1.02;
              }
              return blocks;
            });
  }

  private static BinaryCounts counts(int n, Random random) {
    int successes = 0;
    for (int i = 0; i < n; i++) {
      successes += random.nextInt(30) == 0 ? 1 : 0;
    }
    return new BinaryCounts(n, successes);
  }

  /** Twenty small blocks are as strong as one large one: ratios add before the log-sum-exp. */
  @Test
  void blocksAddPerGridPoint() {
    RatioMixture mixture = RatioMixture.of(0.5, 0.15, 0.12);
    Stratum<BinaryCounts> part =
        new Stratum<>(new BinaryCounts(500, 60), new BinaryCounts(500, 70));
    Stratum<BinaryCounts> whole =
        new Stratum<>(new BinaryCounts(10_000, 1_200), new BinaryCounts(10_000, 1_400));
    assertThat(mixture.logE(java.util.Collections.nCopies(20, part)))
        .isCloseTo(mixture.logE(List.of(whole)), within(1e-9))
        .isGreaterThan(5 * 20 * mixture.logE(List.of(part)));
  }

  @Property(tries = 300)
  void swappingTheArmsInvertsTheRatio(
      @ForAll("strata") List<Stratum<BinaryCounts>> strata,
      @ForAll @DoubleRange(min = 0.4, max = 2.5) double ratio) {
    List<Stratum<BinaryCounts>> swapped = strata.stream().map(Stratum::swapped).toList();
    RatioMixture mixture = RatioMixture.of(0.3, 0.2, 0.03);
    RatioMixture mirrored = RatioMixture.of(0.7, 0.2, 0.03);
    double logE = mixture.against(ratio).logE(strata);
    assertThat(mirrored.against(1 / ratio).logE(swapped))
        .isCloseTo(logE, within(1e-9 * (1 + Math.abs(logE))));
    assertThat(mirrored.with(LESS, 0).logE(swapped))
        .isCloseTo(mixture.with(GREATER, 0).logE(strata), within(1e-7));
  }

  /** The set of ratios that are not excluded is an interval: the evidence has one valley. */
  @Property(tries = 300)
  void evidenceFallsThenRisesOverTheRatio(@ForAll("strata") List<Stratum<BinaryCounts>> strata) {
    RatioMixture mixture = RatioMixture.of(0.3, 0.2, 0.03);
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
    ConfidenceSequence sequence = new RatioSequence(RatioMixture.of(0.3, 0.2, 0.03), strata);
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
    RatioMixture greater = RatioMixture.of(0.3, 0.2, 0.03).with(GREATER, 0.1);
    Stratum<BinaryCounts> first = strata.get(0);
    if (first.b().failures() == 0 || !first.hasBoth()) {
      return;
    }
    BinaryCounts more = new BinaryCounts(first.b().recipients(), first.b().successes() + 1);
    List<Stratum<BinaryCounts>> raised = new java.util.ArrayList<>(strata);
    raised.set(0, new Stratum<>(first.a(), more));
    assertThat(greater.logE(raised)).isGreaterThan(greater.logE(strata));
  }

  /** To the bit: an end is either looked for in the same way, or stays. */
  @Property(tries = 300)
  void tighteningIsIntersecting(
      @ForAll("strata") List<Stratum<BinaryCounts>> earlier,
      @ForAll("strata") List<Stratum<BinaryCounts>> later) {
    RatioMixture mixture = RatioMixture.of(0.5, 0.2, 0.03);
    Interval before = new RatioSequence(mixture, earlier).interval(0.05);
    ConfidenceSequence now = new RatioSequence(mixture, later);
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
                  new BinaryCounts(na, Math.round(na * p)),
                  new BinaryCounts(nb, Math.round(nb * p * r)));
            });
  }
}
