package io.heed.core.experiments;

import io.heed.core.experiments.ExperimentPlan.Epoch;
import io.heed.core.experiments.Standing.Comparison;
import io.heed.core.experiments.Standing.Guarded;
import io.heed.core.experiments.Standing.Guarding;
import io.heed.core.experiments.Standing.Pair;
import io.heed.core.model.ExperimentState;
import io.heed.core.model.ReasonCode;
import io.heed.core.statistics.BinaryCounts;
import io.heed.core.statistics.ConfidenceSequence;
import io.heed.core.statistics.Direction;
import io.heed.core.statistics.GroupSequentialTest;
import io.heed.core.statistics.Interval;
import io.heed.core.statistics.LookStatistic;
import io.heed.core.statistics.MeanCounts;
import io.heed.core.statistics.MeanEffect;
import io.heed.core.statistics.MeanSequence;
import io.heed.core.statistics.MetricCounts;
import io.heed.core.statistics.Planner;
import io.heed.core.statistics.RatioMixture;
import io.heed.core.statistics.RatioMixture.Alternative;
import io.heed.core.statistics.RatioScore;
import io.heed.core.statistics.SampleRatioTest;
import io.heed.core.statistics.Stratum;
import io.heed.core.statistics.TopTwoAllocation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.apache.commons.statistics.distribution.ContinuousDistribution;

/**
 * Evaluates one experiment: counts and what was concluded before in, what is concluded now out. A
 * pure function of these; the tables that it keeps between calls only save time. Not safe for
 * concurrent use.
 *
 * <p>Order of precedence: INVALID (nothing can be concluded), STOPPED_HARM, WINNER, NO_DIFFERENCE,
 * EXPIRED. After a final state counting and estimating go on beside it.
 *
 * <p>Finding an interval costs a hundred times what its test costs. So it is found anew whenever a
 * test says that it would now exclude something that matters, and otherwise as its recipients grow
 * by {@value #GROWTH}: decision, p-value and interval agree at every evaluation, and 100
 * experiments cost little.
 */
public final class ExperimentEvaluator {
  /** The primary metric's interval is found anew when its recipients have grown by this factor. */
  private static final double GROWTH = 1.05;

  /** The intervals of the metrics that do not decide. */
  private static final double GROWTH_OF_OTHERS = 1.1;

  /** Fewer contaminated recipients than this are no pattern, whatever their share. */
  static final int LEAST_CONTAMINATED = 5;

  /** Above this share of contaminated recipients the experiment is invalid. */
  private static final double INVALID_CONTAMINATED = 0.05;

  /** Above this share of contaminated recipients its owner is told. */
  public static final double ALERT_CONTAMINATED = 0.01;

  private static final SampleRatioTest SAMPLE_RATIO = SampleRatioTest.withDefaults();
  private static final double SHARE_DIGITS = 1e4;

  /** A last look that adds less information than this adds nothing but work. */
  private static final double LEAST_INFORMATION = 1e-3;

  private final ExperimentPlan plan;
  private final ExperimentConfig config;
  private final int arms;
  private final int control;
  private final double level;
  private final double threshold;
  private final Map<List<Object>, RatioMixture> mixtures = new HashMap<>();
  private final Map<Pair, RatioMixture> mixtureOf = new HashMap<>();
  private final Map<List<Object>, RatioMixture.Null> nulls = new HashMap<>();
  private final Map<Tested, Evidence> evidence = new HashMap<>();
  private final double fixedSize;
  private final double meanRate;
  private final GroupSequentialTest looksTest;
  private double drift = Double.NaN;

  /** A hypothesis about a pair. */
  private record Tested(Pair pair, RatioMixture.Null hypothesis) {}

  /** What counts have said about a hypothesis. */
  private record Evidence(List<Stratum<BinaryCounts>> strata, double logE) {}

  /** The evaluator of a plan. */
  public ExperimentEvaluator(ExperimentPlan plan) {
    this.plan = plan;
    this.config = plan.config();
    this.arms = plan.arms().size();
    this.control = config.controlArm();
    this.level = config.pairLevel();
    this.threshold = -Math.log(level);
    this.fixedSize = config.fixedSize();
    this.meanRate =
        MeanSequence.rate(level, Math.max(1, Math.round(config.fixedPairSize().total())));
    this.looksTest =
        config.design() instanceof Design.PlannedList list
            ? new GroupSequentialTest(level, 1 - config.power(), list.spending().function())
            : null;
  }

  /** The plan. */
  public ExperimentPlan plan() {
    return plan;
  }

  /**
   * Evaluates.
   *
   * @param totals of the units that have matured before {@code instant}
   * @param before what was concluded before
   * @param instant of the evaluation, epoch milliseconds
   */
  public Standing evaluate(Totals totals, Standing before, long instant) {
    Evaluation now = new Evaluation(totals, before, instant);
    now.sampleRatio();
    now.contamination();
    now.guardrails();
    now.compare();
    if (!before.isFinal()) {
      now.decide();
    }
    return now.standing();
  }

  /**
   * The next instant at which there is something to evaluate even if no unit matures; {@link
   * Long#MAX_VALUE} for never.
   */
  public long dueAfter(Standing standing) {
    if (standing.isFinal()) {
      return Long.MAX_VALUE;
    }
    long due = plan.expiresAt();
    if (config.design() instanceof Design.Bandit bandit) {
      long start = config.start().toEpochMilli();
      long since = Math.max(start, standing.evaluatedAt());
      long next =
          start + (Math.floorDiv(since - start, bandit.everyMillis()) + 1) * bandit.everyMillis();
      due = Math.min(due, plan.stepOf(next));
    }
    return Math.max(due, standing.evaluatedAt() + 1);
  }

  /** The epochs whose units are evidence. */
  List<Epoch> epochs(List<Epoch> banditEpochs) {
    if (banditEpochs.isEmpty()) {
      return plan.epochs();
    }
    List<Epoch> epochs = new ArrayList<>(plan.epochs());
    epochs.addAll(banditEpochs);
    return epochs;
  }

  /** One metric's counts of a pair, per epoch; epochs without units of the pair are left out. */
  private static <C extends MetricCounts> List<Stratum<C>> strata(
      List<Epoch> epochs, Totals totals, Pair pair, Function<Tally, C> counts) {
    List<Stratum<C>> strata = new ArrayList<>(epochs.size());
    for (Epoch epoch : epochs) {
      if (epoch.compares(pair.a(), pair.b())) {
        Tally a = totals.get(epoch.number(), pair.a(), pair.metric());
        Tally b = totals.get(epoch.number(), pair.b(), pair.metric());
        if (a.recipients() + b.recipients() > 0) {
          strata.add(
              new Stratum<>(
                  epoch.shareWithinPair(pair.a(), pair.b()), counts.apply(a), counts.apply(b)));
        }
      }
    }
    return strata;
  }

  /** The share of b in the first epoch of the pair, which places the grid; 0 for none. */
  private double firstShare(Pair pair) {
    return plan.epochs().stream()
        .filter(epoch -> epoch.compares(pair.a(), pair.b()))
        .findFirst()
        .map(epoch -> epoch.shareWithinPair(pair.a(), pair.b()))
        .orElse(0.0);
  }

  private RatioMixture mixture(
      double share, double effect, double rate, Alternative alternative, double margin) {
    return mixtures.computeIfAbsent(
        List.of(share, effect, rate, alternative, margin),
        key -> RatioMixture.of(share, effect, rate).with(alternative, margin));
  }

  private RatioMixture mixture(Pair pair) {
    return mixtureOf.computeIfAbsent(
        pair,
        p ->
            mixture(
                firstShare(p),
                config.minimumEffect(),
                plan.metrics().get(p.metric()).expectedBaseRate(),
                Alternative.TWO_SIDED,
                0));
  }

  /** The log e-value, kept until the counts change: those of most metrics rest at most steps. */
  private double logE(Pair pair, RatioMixture.Null hypothesis, List<Stratum<BinaryCounts>> strata) {
    Tested tested = new Tested(pair, hypothesis);
    Evidence known = evidence.get(tested);
    if (known == null || !known.strata().equals(strata)) {
      known = new Evidence(strata, hypothesis.logE(strata));
      evidence.put(tested, known);
    }
    return known.logE();
  }

  /** The log e-value of what the counts say now against "no effect". */
  double logE(Totals totals, List<Epoch> epochs, Pair pair) {
    return plan.metrics().get(pair.metric()).revenue()
        ? sequence(totals, epochs, pair).logE(0)
        : logE(pair, mixture(pair).atBoundary(), strata(epochs, totals, pair, Tally::binary));
  }

  /** What the counts say now about a pair. */
  ConfidenceSequence sequence(Totals totals, List<Epoch> epochs, Pair pair) {
    return plan.metrics().get(pair.metric()).revenue()
        ? MeanSequence.of(strata(epochs, totals, pair, Tally::mean), meanRate)
        : mixture(pair).sequence(strata(epochs, totals, pair, Tally::binary));
  }

  private LookStatistic lookStatistic(Totals totals, List<Epoch> epochs, Pair pair) {
    return plan.metrics().get(pair.metric()).revenue()
        ? MeanEffect.of(strata(epochs, totals, pair, Tally::mean))
        : new RatioScore(strata(epochs, totals, pair, Tally::binary));
  }

  /**
   * The pairs that are compared: those with the control per metric, all that compete for the first.
   */
  List<Pair> pairs() {
    List<Pair> pairs = new ArrayList<>();
    for (int metric = 0; metric < plan.metrics().size(); metric++) {
      for (int arm = 0; arm < arms; arm++) {
        if (arm != control) {
          pairs.add(new Pair(metric, control, arm));
        }
      }
    }
    for (int a = 0; a < arms; a++) {
      for (int b = a + 1; b < arms; b++) {
        if (a != control && b != control && config.competes(a) && config.competes(b)) {
          pairs.add(new Pair(0, a, b));
        }
      }
    }
    return pairs;
  }

  /** One evaluation in the making. */
  private final class Evaluation {
    private final Totals totals;
    private final Standing before;
    private final long instant;
    private final List<Epoch> epochs;
    private final SortedMap<Pair, Comparison> comparisons;
    private final SortedMap<Guarded, Guarding> guarded;
    private final SortedSet<Integer> dropped;
    private final List<Double> looks;
    private final List<Epoch> banditEpochs;
    private double sampleRatioLogP;
    private double deliveryRatioLogP;
    private long assigned;
    private long contaminated;
    private ExperimentState state;
    private ReasonCode reason;
    private int winner;
    private Epoch allocation;
    private boolean lookNow;
    private boolean lookFutile;

    Evaluation(Totals totals, Standing before, long instant) {
      this.totals = totals;
      this.before = before;
      this.instant = instant;
      this.epochs = epochs(before.banditEpochs());
      this.comparisons = new TreeMap<>(before.comparisons());
      this.guarded = new TreeMap<>(before.guardrails());
      this.dropped = new TreeSet<>(before.dropped());
      this.looks = new ArrayList<>(before.looks());
      this.banditEpochs = new ArrayList<>(before.banditEpochs());
      this.state = before.state();
      this.reason = before.reason();
      this.winner = before.winner();
      this.allocation = before.isFinal() ? before.allocation() : currentEpoch();
    }

    private Epoch currentEpoch() {
      return banditEpochs.isEmpty()
          ? plan.epochAt(instant)
          : banditEpochs.get(banditEpochs.size() - 1);
    }

    Standing standing() {
      return new Standing(
          instant,
          state,
          reason,
          winner,
          allocation,
          banditEpochs,
          comparisons,
          guarded,
          sampleRatioLogP,
          deliveryRatioLogP,
          assigned,
          contaminated,
          dropped,
          looks);
    }

    void sampleRatio() {
      double onAssignment = 0;
      double onDelivery = 0;
      int holdout = config.holdoutArm();
      for (Epoch epoch : epochs) {
        List<Double> sending = new ArrayList<>(epoch.shares());
        List<Long> counts = new ArrayList<>();
        List<Long> delivered = new ArrayList<>();
        for (int arm = 0; arm < arms; arm++) {
          counts.add(totals.get(epoch.number(), arm, Totals.ASSIGNED).recipients());
          delivered.add(totals.get(epoch.number(), arm, Totals.DELIVERED).successes());
        }
        onAssignment += SAMPLE_RATIO.logE(epoch.shares(), counts);
        if (holdout >= 0) {
          sending.set(holdout, 0.0);
        }
        if (sending.stream().filter(share -> share > 0).count() > 1) {
          onDelivery += SAMPLE_RATIO.logE(sending, delivered);
        }
      }
      sampleRatioLogP = Math.min(before.sampleRatioLogP(), -onAssignment);
      deliveryRatioLogP = Math.min(before.deliveryRatioLogP(), -onDelivery);
    }

    void contamination() {
      for (Epoch epoch : epochs) {
        for (int arm = 0; arm < arms; arm++) {
          assigned += totals.get(epoch.number(), arm, Totals.ASSIGNED).recipients();
          contaminated += totals.get(epoch.number(), arm, Totals.CONTAMINATED).recipients();
        }
      }
    }

    void guardrails() {
      int first = 1 + config.metrics().size();
      for (int g = 0; g < config.guardrails().size(); g++) {
        Guardrail guardrail = config.guardrails().get(g);
        for (int arm = 0; arm < arms; arm++) {
          if (arm != control && arm != config.holdoutArm()) {
            Pair pair =
                guardrail.metric().better() == Direction.LOWER
                    ? new Pair(first + g, control, arm)
                    // Where more is better, harm to b is the control's being higher.
                    : new Pair(first + g, arm, control);
            guarded.merge(new Guarded(g, arm), guard(guardrail, pair), this::lower);
          }
        }
      }
    }

    private Guarding guard(Guardrail guardrail, Pair pair) {
      double share = firstShare(pair);
      List<Stratum<BinaryCounts>> strata = strata(epochs, totals, pair, Tally::binary);
      if (strata.isEmpty() || share == 0) {
        return Guarding.START;
      }
      double rate = guardrail.metric().expectedBaseRate();
      double effect = guardrail.minimumEffect();
      double margin = guardrail.margin();
      return new Guarding(
          oneSided(pair, mixture(share, effect, rate, Alternative.GREATER, margin), strata),
          oneSided(pair, mixture(share, effect, rate, Alternative.LESS, margin), strata));
    }

    private double oneSided(Pair pair, RatioMixture mixture, List<Stratum<BinaryCounts>> strata) {
      return Math.min(0, -logE(pair, mixture.atBoundary(), strata));
    }

    private Guarding lower(Guarding a, Guarding b) {
      return new Guarding(
          Math.min(a.harmLogP(), b.harmLogP()), Math.min(a.nonInferiorLogP(), b.nonInferiorLogP()));
    }

    void compare() {
      if (looksTest == null) {
        pairs().forEach(this::compareAlways);
      } else if (!before.isFinal()) {
        look();
      }
    }

    private void compareAlways(Pair pair) {
      Metric metric = plan.metrics().get(pair.metric());
      Comparison last = comparisons.getOrDefault(pair, Comparison.start(metric.scale()));
      if (metric.revenue()) {
        comparisons.put(pair, ofMeans(pair, last, metric));
      } else {
        List<Stratum<BinaryCounts>> strata = strata(epochs, totals, pair, Tally::binary);
        if (!strata.isEmpty()) {
          comparisons.put(pair, ofRates(pair, last, metric, strata));
        }
      }
    }

    private Comparison ofMeans(Pair pair, Comparison last, Metric metric) {
      MeanSequence sequence = MeanSequence.of(strata(epochs, totals, pair, Tally::mean), meanRate);
      double minimum = config.minimumEffect() * metric.expectedMean();
      return new Comparison(
          last.running().with(-sequence.logE(0), sequence.interval(level)),
          sequence.effect().recipients(),
          last.aFutile() || isFutile(sequence, -minimum),
          last.bFutile() || isFutile(sequence, minimum));
    }

    /** A one-sided statement at β/2 is the two-sided sequence at β with the sign. */
    private boolean isFutile(ConfidenceSequence sequence, double effect) {
      return isShortOf(sequence.estimate(), effect)
          && sequence.excludes(effect, 1 - config.power());
    }

    private boolean isShortOf(double estimate, double effect) {
      return effect > 0 ? estimate < effect : estimate > effect;
    }

    private Comparison ofRates(
        Pair pair, Comparison last, Metric metric, List<Stratum<BinaryCounts>> strata) {
      RatioMixture mixture = mixture(pair);
      ConfidenceSequence sequence = mixture.sequence(strata);
      double logE = logE(pair, mixture.atBoundary(), strata);
      boolean aFutile = last.aFutile();
      boolean bFutile = last.bFutile();
      boolean narrower = false;
      if (pair.metric() == 0) {
        double better = 1 + config.minimumEffect();
        boolean higher = metric.better() == Direction.HIGHER;
        aFutile |= isFutile(pair, sequence, strata, higher ? 1 / better : better);
        bFutile |= isFutile(pair, sequence, strata, higher ? better : 1 / better);
        narrower = excludesMargins(pair, last.interval(), strata);
      }
      long recipients =
          strata.stream().mapToLong(s -> s.a().recipients() + s.b().recipients()).sum();
      boolean rejectsNow = logE >= threshold && -last.running().logP() < threshold;
      double growth = pair.metric() == 0 ? GROWTH : GROWTH_OF_OTHERS;
      boolean grown = recipients >= growth * last.intervalRecipients();
      Interval interval = last.interval();
      if (rejectsNow || narrower) {
        interval = sequence.interval(level);
      } else if (grown) {
        interval = sequence.tighten(interval, level);
      }
      return new Comparison(
          last.running().with(-logE, interval),
          rejectsNow || narrower || grown ? recipients : last.intervalRecipients(),
          aFutile,
          bFutile);
    }

    private boolean isFutile(
        Pair pair, ConfidenceSequence sequence, List<Stratum<BinaryCounts>> strata, double ratio) {
      return isShortOf(sequence.estimate(), ratio - 1)
          && logE(pair, against(pair, ratio), strata) >= -Math.log(1 - config.power());
    }

    /** Whether the margins of equivalence have both been excluded, one of them only now. */
    private boolean excludesMargins(
        Pair pair, Interval interval, List<Stratum<BinaryCounts>> strata) {
      double margin = config.equivalenceMargin();
      return margin > 0
          && !interval.isWithin(margin)
          && (interval.upper() < margin
              || logE(pair, against(pair, 1 + margin), strata) >= threshold)
          && (interval.lower() > -margin
              || logE(pair, against(pair, 1 - margin), strata) >= threshold);
    }

    private RatioMixture.Null against(Pair pair, double ratio) {
      return nulls.computeIfAbsent(List.of(pair, ratio), key -> mixture(pair).against(ratio));
    }

    /** A planned list is tested at its looks only: when so much of the information is there. */
    private void look() {
      Design.PlannedList list = (Design.PlannedList) config.design();
      double fraction = Math.min(1, competing() / plannedCompeting(list));
      double last = looks.isEmpty() ? 0 : looks.get(looks.size() - 1);
      double next =
          Arrays.stream(list.plannedFractions())
              .filter(f -> f > last + 0.5 / list.looks())
              .findFirst()
              .orElse(2);
      boolean atEnd = instant >= plan.expiresAt() && fraction > last + LEAST_INFORMATION;
      if (fraction < next && !atEnd) {
        return;
      }
      lookNow = true;
      looks.add(fraction);
      double[] fractions = looks.stream().mapToDouble(f -> f).toArray();
      double[] critical = looksTest.criticalValues(fractions);
      for (Pair pair : pairs()) {
        LookStatistic statistic = lookStatistic(totals, epochs, pair);
        double z = statistic.z(0);
        if (!Double.isNaN(z)) {
          Metric metric = plan.metrics().get(pair.metric());
          Comparison before = comparisons.getOrDefault(pair, Comparison.start(metric.scale()));
          comparisons.put(
              pair,
              new Comparison(
                  before
                      .running()
                      .with(
                          logP(z, critical, fractions),
                          statistic.interval(critical[critical.length - 1])),
                  0,
                  before.aFutile(),
                  before.bFutile()));
        }
      }
      lookFutile = fraction < 1 && isLookFutile(list, fractions);
    }

    private double logP(double z, double[] critical, double[] fractions) {
      double log = looksTest.logP(z, fractions);
      // Solved to a tolerance: at the boundary the test decides, and the p-value follows.
      boolean rejects = Math.abs(z) >= critical[critical.length - 1];
      double logLevel = Math.log(level);
      return rejects ? Math.min(log, logLevel) : Math.max(log, Math.nextUp(logLevel));
    }

    private boolean isLookFutile(Design.PlannedList list, double[] fractions) {
      if (Double.isNaN(drift)) {
        drift = looksTest.drift(list.plannedFractions());
      }
      double[] futility = looksTest.boundaries(drift, fractions).futility();
      int sign = config.primaryMetric().better().sign();
      for (int arm = 0; arm < arms; arm++) {
        if (arm != control && config.competes(arm) && !dropped.contains(arm)) {
          double z = sign * lookStatistic(totals, epochs, new Pair(0, control, arm)).z(0);
          if (!(z < futility[futility.length - 1])) {
            return false;
          }
        }
      }
      return true;
    }

    private double plannedCompeting(Design.PlannedList list) {
      double share = 0;
      double[] shares = config.shares();
      for (int arm = 0; arm < arms; arm++) {
        share += config.competes(arm) ? shares[arm] : 0;
      }
      return list.plannedRecipients() * share;
    }

    private double competing() {
      double recipients = 0;
      for (Epoch epoch : epochs) {
        for (int arm = 0; arm < arms; arm++) {
          recipients += config.competes(arm) ? totals.get(epoch.number(), arm, 0).recipients() : 0;
        }
      }
      return recipients;
    }

    void decide() {
      if (sampleRatioLogP < Math.log(SampleRatioTest.INVALID_BELOW)) {
        end(ExperimentState.INVALID, ReasonCode.SAMPLE_RATIO_MISMATCH, control);
      } else if (contaminated >= LEAST_CONTAMINATED
          && contaminated > INVALID_CONTAMINATED * assigned) {
        end(ExperimentState.INVALID, ReasonCode.CONTAMINATED, control);
      } else if (harmed()) {
        end(ExperimentState.STOPPED_HARM, ReasonCode.GUARDRAIL_BREACHED, control);
      } else {
        eliminate();
        List<Integer> standing = remaining();
        if (standing.size() == 1 && isSafe(standing.get(0))) {
          winner = standing.get(0);
          end(ExperimentState.WINNER, ReasonCode.EVIDENCE_FOR_WINNER, winner);
        } else if (standing.size() > 1 && areEquivalent(standing)) {
          end(
              ExperimentState.NO_DIFFERENCE,
              ReasonCode.EVIDENCE_OF_EQUIVALENCE,
              fallback(standing));
        } else if (standing.size() > 1 && isFutile(standing)) {
          end(ExperimentState.NO_DIFFERENCE, ReasonCode.FUTILE, fallback(standing));
        } else if (isExpired()) {
          end(ExperimentState.EXPIRED, ReasonCode.HORIZON_REACHED, control);
        } else if (config.design() instanceof Design.Bandit bandit) {
          reallocate(bandit);
        }
      }
    }

    private void end(ExperimentState as, ReasonCode why, int arm) {
      state = as;
      reason = why;
      if (plan.heldAt(instant).sendWinner()) {
        double[] shares = new double[arms];
        shares[arm] = 1;
        allocation = Epoch.of(allocation.number() + 1, instant, shares);
      }
    }

    private int fallback(List<Integer> standing) {
      return standing.contains(control) ? control : standing.get(0);
    }

    private boolean harmed() {
      int tests = Math.max(1, guarded.size());
      double harm = Math.log(config.alpha() / tests);
      return guarded.values().stream().anyMatch(g -> g.harmLogP() <= harm);
    }

    private boolean isSafe(int arm) {
      double shown = Math.log(config.alpha());
      for (Map.Entry<Guarded, Guarding> entry : guarded.entrySet()) {
        Guardrail guardrail = config.guardrails().get(entry.getKey().guardrail());
        if (entry.getKey().arm() == arm
            && guardrail.mode() == Guardrail.Mode.REQUIRE_NON_INFERIOR
            && entry.getValue().nonInferiorLogP() > shown) {
          return false;
        }
      }
      return true;
    }

    private List<Integer> remaining() {
      List<Integer> standing = new ArrayList<>();
      for (int arm = 0; arm < arms; arm++) {
        if (config.competes(arm) && !dropped.contains(arm)) {
          standing.add(arm);
        }
      }
      return standing;
    }

    /** An arm that lies wholly on the losing side of another one is dropped for good. */
    private void eliminate() {
      int sign = config.primaryMetric().better().sign();
      comparisons.forEach(
          (pair, comparison) -> {
            if (pair.metric() == 0 && config.competes(pair.a()) && config.competes(pair.b())) {
              Interval interval = comparison.interval();
              if (interval.lower() > 0) {
                drop(sign > 0 ? pair.a() : pair.b());
              } else if (interval.upper() < 0) {
                drop(sign > 0 ? pair.b() : pair.a());
              }
            }
          });
    }

    private void drop(int arm) {
      if (remaining().size() > 1) {
        dropped.add(arm);
      }
    }

    private List<Comparison> among(List<Integer> standing) {
      return comparisons.entrySet().stream()
          .filter(
              e ->
                  e.getKey().metric() == 0
                      && standing.contains(e.getKey().a())
                      && standing.contains(e.getKey().b()))
          .map(Map.Entry::getValue)
          .toList();
    }

    private boolean areEquivalent(List<Integer> standing) {
      Metric metric = config.primaryMetric();
      double margin = config.equivalenceMargin() * (metric.revenue() ? metric.expectedMean() : 1);
      int pairs = standing.size() * (standing.size() - 1) / 2;
      List<Comparison> among = among(standing);
      return margin > 0
          && among.size() == pairs
          && among.stream().allMatch(c -> c.interval().isWithin(margin));
    }

    /** No treatment is still likely to reach the minimum effect. */
    private boolean isFutile(List<Integer> standing) {
      if (looksTest != null) {
        return lookNow && lookFutile && standing.contains(control);
      }
      if (standing.contains(control)) {
        return standing.stream()
            .filter(arm -> arm != control)
            .map(arm -> comparisons.get(new Pair(0, control, arm)))
            .allMatch(c -> c != null && c.bFutile());
      }
      return among(standing).stream().allMatch(c -> c.aFutile() && c.bFutile());
    }

    private boolean isExpired() {
      boolean full =
          looksTest == null
              ? competing() >= Planner.HORIZON * fixedSize
              : !looks.isEmpty() && looks.get(looks.size() - 1) >= 1;
      return full || instant >= plan.expiresAt();
    }

    private void reallocate(Design.Bandit bandit) {
      long start = config.start().toEpochMilli();
      long period = Math.floorDiv(instant - start, bandit.everyMillis());
      if (period <= Math.floorDiv(allocation.from() - start, bandit.everyMillis())) {
        return;
      }
      double[] shares = banditShares(bandit);
      Epoch next = Epoch.of(allocation.number() + 1, instant, shares);
      if (shares.length > 0 && !next.shares().equals(allocation.shares())) {
        banditEpochs.add(next);
        allocation = next;
      }
    }

    /** The next shares, or none while there is too little to go by. */
    private double[] banditShares(Design.Bandit bandit) {
      List<Epoch> counted = new ArrayList<>();
      for (Epoch epoch : epochs) {
        if (isCounted(epoch)) {
          counted.add(epoch);
        }
      }
      if (counted.isEmpty()) {
        return new double[0];
      }
      List<Long> sizes = counted.stream().map(this::size).toList();
      List<ContinuousDistribution> posteriors = new ArrayList<>();
      for (int arm = 0; arm < config.variants().size(); arm++) {
        posteriors.add(posterior(arm, counted, sizes));
      }
      double[] drawn =
          TopTwoAllocation.withDefaults()
              .with(bandit.floor())
              .shares(posteriors, config.primaryMetric().better());
      return rounded(drawn);
    }

    private boolean isCounted(Epoch epoch) {
      for (int arm = 0; arm < config.variants().size(); arm++) {
        Tally tally = totals.get(epoch.number(), arm, 0);
        // Of revenue a variance is needed, and that of a few converters is not to be trusted.
        if (tally.recipients() == 0
            || (config.primaryMetric().revenue()
                && tally.successes() < MeanEffect.MINIMUM_SUCCESSES)) {
          return false;
        }
      }
      return true;
    }

    private long size(Epoch epoch) {
      long size = 0;
      for (int arm = 0; arm < config.variants().size(); arm++) {
        size += totals.get(epoch.number(), arm, 0).recipients();
      }
      return size;
    }

    private ContinuousDistribution posterior(int arm, List<Epoch> counted, List<Long> sizes) {
      List<Tally> tallies =
          counted.stream().map(epoch -> totals.get(epoch.number(), arm, 0)).toList();
      if (config.primaryMetric().revenue()) {
        List<MeanCounts> means = tallies.stream().map(Tally::mean).toList();
        return TopTwoAllocation.posteriorOfMean(means, sizes);
      }
      return TopTwoAllocation.posteriorOfRate(tallies.stream().map(Tally::binary).toList(), sizes);
    }

    /** Shares of few digits, which sum to 1 exactly as they are written, hold-out included. */
    private double[] rounded(double[] drawn) {
      double[] shares = new double[arms];
      double messaged = config.holdout() == null ? 1 : 1 - config.holdout().share();
      double rest = SHARE_DIGITS;
      int largest = 0;
      double[] parts = new double[drawn.length];
      for (int arm = 0; arm < drawn.length; arm++) {
        parts[arm] = Math.floor(drawn[arm] * SHARE_DIGITS);
        rest -= parts[arm];
        largest = parts[arm] > parts[largest] ? arm : largest;
      }
      parts[largest] += rest;
      for (int arm = 0; arm < drawn.length; arm++) {
        shares[arm] = messaged * parts[arm] / SHARE_DIGITS;
      }
      if (config.holdoutArm() >= 0) {
        shares[config.holdoutArm()] = config.holdout().share();
      }
      return shares;
    }
  }
}
