package io.heed.core.experiments;

import io.heed.core.experiments.ExperimentPlan.Epoch;
import io.heed.core.experiments.ExperimentStatus.Comparison;
import io.heed.core.experiments.ExperimentStatus.Guarded;
import io.heed.core.experiments.ExperimentStatus.Guarding;
import io.heed.core.experiments.ExperimentStatus.Pair;
import io.heed.core.statistics.ConfidenceSequence;
import io.heed.core.statistics.Direction;
import io.heed.core.statistics.MeanCounts;
import io.heed.core.statistics.MeanEffect;
import io.heed.core.statistics.MeanSequence;
import io.heed.core.statistics.RatioOfMeans;
import io.heed.core.statistics.Stratum;
import java.util.ArrayList;
import java.util.List;

/**
 * Evaluates one experiment: matured units and what was concluded before in, what is concluded now
 * out. A pure function of these; what its parts keep between calls only saves time. Not safe for
 * concurrent use.
 *
 * <p>After a final state counting and estimating go on beside it.
 */
public final class ExperimentEvaluator {
  /** Above this share of contaminated recipients an alert is raised. */
  public static final double ALERT_CONTAMINATED = 0.01;

  private final ExperimentPlan plan;
  private final ExperimentConfig config;
  private final int arms;
  private final int control;
  private final List<Pair> pairs;
  private final double meanRate;
  private final RateEvidence rates;
  private final AssignmentChecks checks;
  private final Stopping stopping;
  private final GroupSequentialLooks looks;
  private final BanditAllocation bandit;

  /** The evaluator of a plan. */
  public ExperimentEvaluator(ExperimentPlan plan) {
    this(plan, false);
  }

  private ExperimentEvaluator(ExperimentPlan plan, boolean decidesOnly) {
    this.plan = plan;
    this.config = plan.config();
    this.arms = plan.arms().size();
    this.control = config.controlArm();
    this.pairs = pairs();
    this.meanRate =
        MeanSequence.rate(
            config.pairLevel(), Math.max(1, Math.round(config.fixedPairSize().total())));
    this.rates = new RateEvidence(plan, decidesOnly);
    this.checks = new AssignmentChecks(plan);
    this.stopping = new Stopping(plan);
    this.looks =
        config.design() instanceof Design.PlannedList list
            ? new GroupSequentialLooks(plan, list, decidesOnly)
            : null;
    this.bandit =
        config.design() instanceof Design.Bandit design ? new BanditAllocation(plan, design) : null;
  }

  /**
   * An evaluator for simulations. It decides as the other one does, but finds no intervals and no
   * p-values of looks, which take most of the time.
   */
  static ExperimentEvaluator deciding(ExperimentPlan plan) {
    return new ExperimentEvaluator(plan, true);
  }

  /** The plan. */
  public ExperimentPlan plan() {
    return plan;
  }

  /**
   * Evaluates.
   *
   * @param matured units by {@code instant}, with the blocks that have ended by then
   * @param before what was concluded before
   * @param instant of the evaluation, epoch milliseconds
   */
  ExperimentStatus evaluate(Matured matured, ExperimentStatus before, long instant) {
    List<Epoch> epochs = epochs(before.banditEpochs());
    Draft draft =
        new Draft(
            before,
            matured,
            instant,
            epochs,
            before.isFinal() ? before.allocation() : currentEpoch(before, instant));
    checks.check(draft);
    guard(draft);
    if (looks == null) {
      pairs.forEach(pair -> compare(draft, pair));
    } else if (!before.isFinal()) {
      looks.look(draft, pairs);
    }
    if (!before.isFinal() && !stopping.decide(draft, checks) && bandit != null) {
      bandit.reallocate(draft);
    }
    return draft.status();
  }

  private Epoch currentEpoch(ExperimentStatus before, long instant) {
    List<Epoch> made = before.banditEpochs();
    return made.isEmpty() ? plan.epochAt(instant) : made.get(made.size() - 1);
  }

  /**
   * The next instant at which there is something to evaluate even if no unit matures; {@link
   * Long#MAX_VALUE} for never.
   */
  long dueAfter(Matured matured, ExperimentStatus status) {
    if (status.isFinal()) {
      return Long.MAX_VALUE;
    }
    long due = Math.min(plan.expiresAt(), campaignsEndAt(matured, status));
    if (status.evaluatedAt() < plan.decidesFrom()) {
      due = Math.min(due, plan.decidesFrom());
    }
    if (config.design() instanceof Design.Bandit design) {
      long start = config.start().toEpochMilli();
      long since = Math.max(start, status.evaluatedAt());
      long next =
          start + (Math.floorDiv(since - start, design.everyMillis()) + 1) * design.everyMillis();
      due = Math.min(due, plan.stepOf(next));
    }
    return Math.max(due, status.evaluatedAt() + 1);
  }

  private long campaignsEndAt(Matured matured, ExperimentStatus status) {
    List<Epoch> epochs = epochs(status.banditEpochs());
    return matured.campaigns().stream()
        .mapToLong(run -> plan.stepOf(run.endsAt(config, epochs)))
        .min()
        .orElse(Long.MAX_VALUE);
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

  private boolean isMean(Pair pair) {
    return plan.metrics().get(pair.metric()).isMean();
  }

  private ConfidenceSequence means(Matured matured, List<Epoch> epochs, Pair pair) {
    List<Stratum<MeanCounts>> strata = Strata.of(epochs, matured.totals(), pair, Tally::mean);
    return plan.metrics().get(pair.metric()).type() == Metric.Type.RATIO
        ? RatioOfMeans.of(strata, meanRate)
        : MeanSequence.of(strata, meanRate);
  }

  /** The log e-value against "no effect" now. */
  double logE(Matured matured, List<Epoch> epochs, Pair pair) {
    return isMean(pair) ? means(matured, epochs, pair).logE(0) : rates.logE(matured, pair);
  }

  /** The effect that fits the matured units best; NaN while there are none. */
  double estimate(Matured matured, List<Epoch> epochs, Pair pair) {
    return isMean(pair)
        ? means(matured, epochs, pair).estimate()
        : rates.estimate(matured, epochs, pair);
  }

  /**
   * The estimate once a test has stopped, corrected for the optimism of stopping on a lucky
   * stretch: shrunk towards no effect, by the prior that plans the test. The effect (of rates its
   * logarithm) is taken to be normal around 0 with the minimum effect as its deviation; then how
   * and when the test stopped does not matter.
   *
   * <p>Source: Efron and Morris, "Stein's estimation rule and its competitors" (1973).
   *
   * @param pair of the primary metric
   */
  double shrunk(Matured matured, List<Epoch> epochs, Pair pair) {
    Metric metric = config.primaryMetric();
    double estimate = estimate(matured, epochs, pair);
    if (metric.isMean()) {
      double error =
          MeanEffect.of(Strata.of(epochs, matured.totals(), pair, Tally::mean)).standardError();
      return estimate * weight(config.minimumEffect() * metric.expectedMean(), error * error);
    }
    double variance = 0;
    for (int arm : new int[] {pair.a(), pair.b()}) {
      double units = 0;
      double successes = 0;
      for (Epoch epoch : epochs) {
        units += matured.totals().get(epoch.number(), arm, 0).recipients();
        successes += matured.totals().get(epoch.number(), arm, 0).successes();
      }
      variance += 1 / successes - 1 / units;
    }
    return Math.expm1(Math.log1p(estimate) * weight(Math.log1p(config.minimumEffect()), variance));
  }

  private static double weight(double deviation, double variance) {
    return deviation * deviation / (deviation * deviation + variance);
  }

  /**
   * The pairs that are compared: those with the control per metric, all that compete for the first.
   */
  private List<Pair> pairs() {
    List<Pair> all = new ArrayList<>();
    for (int metric = 0; metric < plan.metrics().size(); metric++) {
      for (int arm = 0; arm < arms; arm++) {
        if (arm != control) {
          all.add(new Pair(metric, control, arm));
        }
      }
    }
    for (int a = 0; a < arms; a++) {
      for (int b = a + 1; b < arms; b++) {
        if (a != control && b != control && config.competes(a) && config.competes(b)) {
          all.add(new Pair(0, a, b));
        }
      }
    }
    return all;
  }

  private void guard(Draft draft) {
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
          draft.guarded.merge(
              new Guarded(g, arm), rates.guard(draft.matured, guardrail, pair), Guarding::lower);
        }
      }
    }
  }

  private void compare(Draft draft, Pair pair) {
    Metric metric = plan.metrics().get(pair.metric());
    Comparison last = draft.comparisons.getOrDefault(pair, Comparison.start(metric.scale()));
    Comparison now =
        metric.isMean()
            ? ofMeans(draft, pair, last, metric)
            : rates.compare(draft.matured, pair, last);
    if (now != null) {
      draft.comparisons.put(pair, now);
    }
  }

  private Comparison ofMeans(Draft draft, Pair pair, Comparison last, Metric metric) {
    ConfidenceSequence sequence = means(draft.matured, draft.epochs, pair);
    double minimum = config.minimumEffect() * metric.expectedMean();
    return new Comparison(
        last.running().with(-sequence.logE(0), sequence.interval(config.pairLevel())),
        0,
        last.aFutile() || isFutile(sequence, -minimum),
        last.bFutile() || isFutile(sequence, minimum));
  }

  /** A one-sided statement at β/2 is the two-sided sequence at β with the sign. */
  private boolean isFutile(ConfidenceSequence sequence, double effect) {
    return Stopping.isShortOf(sequence.estimate(), effect)
        && sequence.excludes(effect, 1 - config.power());
  }
}
