package io.heed.core.experiments;

import io.heed.core.experiments.ExperimentPlan.Epoch;
import io.heed.core.experiments.ExperimentStatus.Comparison;
import io.heed.core.experiments.ExperimentStatus.Guarding;
import io.heed.core.experiments.ExperimentStatus.Pair;
import io.heed.core.statistics.BinaryCounts;
import io.heed.core.statistics.ConfidenceSequence;
import io.heed.core.statistics.Interval;
import io.heed.core.statistics.RatioMixture;
import io.heed.core.statistics.RatioMixture.Alternative;
import io.heed.core.statistics.RatioSequence;
import io.heed.core.statistics.Stratum;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The evidence about rates: the blocks of matured units in, p-values and intervals out. What it
 * keeps between calls only saves time. Not safe for concurrent use.
 *
 * <p>Finding an interval costs a hundred times what its test costs. So it is found again whenever a
 * test says that it would now exclude something that matters, and otherwise as its recipients grow
 * by {@value #GROWTH} times: decision, p-value and interval agree at every evaluation, and 100
 * experiments cost little. Futility is tested then, too: looked at more often, it ends more tests
 * that do have the effect.
 */
final class RateEvidence {
  /** The primary metric's interval is found again when its recipients have grown by this factor. */
  private static final double GROWTH = 1.05;

  /** The intervals of the metrics that do not decide. */
  private static final double GROWTH_OF_OTHERS = 1.1;

  private final ExperimentPlan plan;
  private final ExperimentConfig config;
  private final double level;
  private final double threshold;
  private final boolean decidesOnly;
  private final Map<Pair, RatioMixture> mixtures = new HashMap<>();
  private final Map<Tested, RatioMixture.Accumulator> processes = new HashMap<>();
  private final Map<Pair, Cut> cuts = new HashMap<>();

  /** A hypothesis about a pair: the ratio of its rates against 1 + margin. */
  private record Tested(Pair pair, Alternative alternative, double margin) {}

  /** A metric's blocks as a pair's strata. */
  private record Cut(List<Block> blocks, List<Stratum<BinaryCounts>> strata) {
    static final Cut NONE = new Cut(List.of(), List.of());

    /** How many of its blocks those begin with. */
    int prefixOf(List<Block> others) {
      int same = 0;
      while (same < Math.min(blocks.size(), others.size())
          && Objects.equals(blocks.get(same), others.get(same))) {
        same++;
      }
      return same;
    }
  }

  /**
   * @param decidesOnly whether intervals need not be found: they then say what is excluded of what
   *     decides, zero and the margins of equivalence, and no more
   */
  RateEvidence(ExperimentPlan plan, boolean decidesOnly) {
    this.plan = plan;
    this.decidesOnly = decidesOnly;
    this.config = plan.config();
    this.level = config.pairLevel();
    this.threshold = -Math.log(level);
  }

  /** The pair's blocks; those of most metrics rest at most steps. */
  private List<Stratum<BinaryCounts>> strata(Matured matured, Pair pair) {
    List<Block> blocks = matured.blocks(pair.metric());
    Cut known = cuts.getOrDefault(pair, Cut.NONE);
    int same = known.prefixOf(blocks);
    if (same < known.blocks().size()) {
      known = Cut.NONE;
      same = 0;
    }
    if (same < blocks.size()) {
      List<Stratum<BinaryCounts>> strata = new ArrayList<>(known.strata());
      for (Block block : blocks.subList(same, blocks.size())) {
        Stratum<BinaryCounts> stratum = block.of(pair);
        if (stratum.hasBoth()) {
          strata.add(stratum);
        }
      }
      known = new Cut(blocks, Collections.unmodifiableList(strata));
    }
    cuts.put(pair, known);
    return known.strata();
  }

  /** The two-sided mixture of a pair. */
  private RatioMixture mixture(Pair pair) {
    return mixtures.computeIfAbsent(
        pair, p -> mixture(p, config.minimumEffect(), plan.metrics().get(p.metric())));
  }

  private RatioMixture mixture(Pair pair, double effect, Metric metric) {
    return RatioMixture.of(firstShare(pair), effect, metric.expectedBaseRate());
  }

  /** The share of b in the first epoch of the pair, which places the grid. */
  private double firstShare(Pair pair) {
    return plan.epochs().stream()
        .filter(epoch -> epoch.compares(pair.a(), pair.b()))
        .findFirst()
        .map(epoch -> epoch.shareWithinPair(pair.a(), pair.b()))
        .orElse(0.5);
  }

  /** The log e-value of the blocks so far against "no effect". */
  double logE(Matured matured, Pair pair) {
    return logE(pair, Alternative.TWO_SIDED, 0, strata(matured, pair));
  }

  private double logE(
      Pair pair, Alternative alternative, double margin, List<Stratum<BinaryCounts>> strata) {
    return processes
        .computeIfAbsent(new Tested(pair, alternative, margin), this::process)
        .logE(strata);
  }

  private RatioMixture.Accumulator process(Tested tested) {
    if (tested.alternative() == Alternative.TWO_SIDED) {
      return new RatioMixture.Accumulator(mixture(tested.pair()).against(1 + tested.margin()));
    }
    int number = tested.pair().metric() - 1 - config.metrics().size();
    Guardrail guardrail = config.guardrails().get(number);
    return new RatioMixture.Accumulator(
        mixture(tested.pair(), guardrail.minimumEffect(), guardrail.metric())
            .with(tested.alternative(), tested.margin())
            .atBoundary());
  }

  /** The effect that fits all matured units best, those since the last block's end included. */
  double estimate(Matured matured, List<Epoch> epochs, Pair pair) {
    return new RatioSequence(mixture(pair), matured.strata(pair, epochs), Double.NaN).estimate();
  }

  /**
   * The one-sided evidence about a guardrail.
   *
   * @param pair in which a higher rate of b is worse
   */
  Guarding guard(Matured matured, Guardrail guardrail, Pair pair) {
    List<Stratum<BinaryCounts>> strata = strata(matured, pair);
    return new Guarding(
        logP(logE(pair, Alternative.GREATER, guardrail.margin(), strata)),
        logP(logE(pair, Alternative.LESS, guardrail.margin(), strata)));
  }

  private static double logP(double logE) {
    return Math.min(0, -logE);
  }

  /** What is concluded about a pair now; null while no block has ended. */
  Comparison compare(Matured matured, Pair pair, Comparison last) {
    List<Stratum<BinaryCounts>> strata = strata(matured, pair);
    if (strata.isEmpty()) {
      return null;
    }
    double logE = logE(pair, Alternative.TWO_SIDED, 0, strata);
    ConfidenceSequence sequence = new RatioSequence(mixture(pair), strata, logE);
    boolean aFutile = last.aFutile();
    boolean bFutile = last.bFutile();
    long recipients = 0;
    for (Stratum<BinaryCounts> block : strata) {
      recipients += block.a().recipients() + block.b().recipients();
    }
    boolean rejectsNow = logE >= threshold && -last.running().logP() < threshold;
    double growth = pair.metric() == 0 ? GROWTH : GROWTH_OF_OTHERS;
    boolean grown = recipients >= growth * last.intervalRecipients();
    boolean narrower = false;
    if (pair.metric() == 0) {
      narrower =
          excludesMargins(pair, last.interval(), strata)
              || excludesIntolerable(pair, last.interval(), strata);
      if (grown && !config.isNonInferiority()) {
        double better = 1 + config.minimumEffect();
        boolean higher = config.primaryMetric().better().sign() > 0;
        aFutile |= isFutile(pair, sequence, strata, higher ? 1 / better : better);
        bFutile |= isFutile(pair, sequence, strata, higher ? better : 1 / better);
      }
    }
    Interval interval = last.interval();
    if (decidesOnly) {
      interval = excluded(pair, sequence, strata, rejectsNow, narrower || grown);
    } else if (rejectsNow || narrower) {
      interval = sequence.interval(level);
    } else if (grown) {
      interval = sequence.tighten(interval, level);
    }
    if (narrower && config.isNonInferiority()) {
      interval = beyond(config.intolerable(), sequence.estimate(), interval);
    } else if (narrower) {
      interval = beyond(config.equivalenceMargin(), sequence.estimate(), interval);
      interval = beyond(-config.equivalenceMargin(), sequence.estimate(), interval);
    }
    return new Comparison(
        last.running().with(-logE, interval),
        rejectsNow || narrower || grown ? recipients : last.intervalRecipients(),
        aFutile,
        bFutile);
  }

  /** The effects that are left once zero and the margins of equivalence are tested. */
  private Interval excluded(
      Pair pair,
      ConfidenceSequence sequence,
      List<Stratum<BinaryCounts>> strata,
      boolean isZero,
      boolean areMargins) {
    double estimate = sequence.estimate();
    double lower = isZero && estimate > 0 ? Double.MIN_VALUE : -1;
    double upper = isZero && estimate < 0 ? -Double.MIN_VALUE : Double.POSITIVE_INFINITY;
    double margin = pair.metric() == 0 && areMargins ? config.equivalenceMargin() : 0;
    if (margin > 0 && estimate < margin && excludes(pair, strata, margin)) {
      upper = Math.min(upper, Math.nextDown(margin));
    }
    if (margin > 0 && estimate > -margin && excludes(pair, strata, -margin)) {
      lower = Math.max(lower, Math.nextUp(-margin));
    }
    return new Interval(lower, upper);
  }

  /** Whether the margin of non-inferiority is excluded only now. */
  private boolean excludesIntolerable(
      Pair pair, Interval interval, List<Stratum<BinaryCounts>> strata) {
    return config.isNonInferiority()
        && pair.a() == config.controlArm()
        && interval.contains(config.intolerable())
        && excludes(pair, strata, config.intolerable());
  }

  /** Only the side of an excluded effect on which the estimate lies: ends are not as exact. */
  private static Interval beyond(double excluded, double estimate, Interval interval) {
    return !interval.contains(excluded)
        ? interval
        : interval.intersect(
            estimate > excluded
                ? new Interval(Math.nextUp(excluded), Double.POSITIVE_INFINITY)
                : new Interval(-1, Math.nextDown(excluded)));
  }

  private boolean excludes(Pair pair, List<Stratum<BinaryCounts>> strata, double effect) {
    return logE(pair, Alternative.TWO_SIDED, effect, strata) >= threshold;
  }

  private boolean isFutile(
      Pair pair, ConfidenceSequence sequence, List<Stratum<BinaryCounts>> strata, double ratio) {
    return Stopping.isShortOf(sequence.estimate(), ratio - 1)
        && logE(pair, Alternative.TWO_SIDED, ratio - 1, strata) >= -Math.log(1 - config.power());
  }

  /** Whether the margins of equivalence have both been excluded, one of them only now. */
  private boolean excludesMargins(
      Pair pair, Interval interval, List<Stratum<BinaryCounts>> strata) {
    double margin = config.equivalenceMargin();
    return margin > 0
        && !interval.isWithin(margin)
        && (interval.upper() < margin || excludes(pair, strata, margin))
        && (interval.lower() > -margin || excludes(pair, strata, -margin));
  }
}
