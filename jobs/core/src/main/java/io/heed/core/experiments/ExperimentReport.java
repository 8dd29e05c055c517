package io.heed.core.experiments;

import io.heed.core.experiments.ExperimentPlan.Epoch;
import io.heed.core.experiments.ExperimentStatus.Comparison;
import io.heed.core.experiments.ExperimentStatus.Guarded;
import io.heed.core.experiments.ExperimentStatus.Guarding;
import io.heed.core.experiments.ExperimentStatus.Held;
import io.heed.core.experiments.ExperimentStatus.Pair;
import io.heed.core.model.EffectScale;
import io.heed.core.model.ExperimentDecision;
import io.heed.core.model.ExperimentResultRow;
import io.heed.core.model.ExperimentState;
import io.heed.core.model.GuardrailStatus;
import io.heed.core.model.HeldBy;
import io.heed.core.model.TestedMetric;
import io.heed.core.model.VariantEstimate;
import io.heed.core.statistics.MultipleTesting;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** An evaluation as the decision and the rows that are published. */
public final class ExperimentReport {
  private final ExperimentEvaluator evaluator;
  private final ExperimentPlan plan;
  private final ExperimentConfig config;
  private final Matured matured;
  private final Totals totals;
  private final ExperimentStatus status;
  private final List<Epoch> epochs;
  private final boolean invalid;

  /**
   * The report of an evaluation.
   *
   * @param progress with the matured units that it counted and the status that it came to
   */
  public ExperimentReport(ExperimentEvaluator evaluator, ExperimentProgress progress) {
    this.evaluator = evaluator;
    this.plan = evaluator.plan();
    this.config = plan.config();
    this.matured = progress.matured();
    this.totals = matured.totals();
    this.status = progress.status();
    this.invalid = status.state() == ExperimentState.INVALID;
    this.epochs = evaluator.epochs(status.banditEpochs());
  }

  /**
   * The decision. Its id is a function of its content and instant, {@code seq} and {@code
   * emittedAt} aside.
   */
  public ExperimentDecision decision(long seq, long emittedAt) {
    Map<String, Double> allocation = new LinkedHashMap<>();
    for (int arm = 0; arm < plan.arms().size(); arm++) {
      allocation.put(plan.arms().get(arm), status.allocation().shares().get(arm));
    }
    String winner = status.winner() < 0 ? null : plan.arms().get(status.winner());
    List<VariantEstimate> variants = variants();
    List<GuardrailStatus> guardrails = guardrails();
    String hash = plan.heldAt(status.evaluatedAt()).configHash();
    double sampleRatio = Math.exp(status.sampleRatioLogP());
    String content =
        String.join(
            "|",
            config.id(),
            Long.toString(status.evaluatedAt()),
            status.state().name(),
            status.reason().name(),
            String.valueOf(winner),
            status.allocation().toString(),
            variants.toString(),
            guardrails.toString(),
            Double.toString(sampleRatio),
            Long.toString(status.contaminated()),
            String.valueOf(status.held()),
            hash);
    return new ExperimentDecision(
        Hashing.id(content),
        status.evaluatedAt(),
        emittedAt,
        List.of(status.reason()),
        seq,
        hash,
        config.id(),
        status.state(),
        winner,
        status.isFinal(),
        status.allocation().number(),
        status.allocation().from(),
        allocation,
        variants,
        guardrails,
        sampleRatio,
        status.contaminated(),
        heldBy(),
        notShown(),
        tested());
  }

  private TestedMetric tested() {
    Metric metric = config.primaryMetric();
    return new TestedMetric(
        config.start().toEpochMilli(),
        metric.name(),
        metric.event().fileName(),
        metric.type().name().toLowerCase(Locale.ROOT),
        metric.kinds().isEmpty() ? null : metric.kinds().stream().sorted().toList(),
        metric.windowMillis(),
        metric.capMicros() == Long.MAX_VALUE ? null : (Long) metric.capMicros(),
        config.control(),
        config.isNonInferiority() ? (Double) config.nonInferiorityMargin() : null);
  }

  private boolean isHeld(int arm) {
    return status.held() != null && status.held().arm() == arm;
  }

  private HeldBy heldBy() {
    Held held = status.held();
    return held == null
        ? null
        : new HeldBy(
            config.guardrails().get(held.guardrail()).metric().name(),
            plan.arms().get(held.arm()),
            held.recipientsMissing());
  }

  /** What an expired experiment was designed to prove and has not. */
  private List<String> notShown() {
    if (status.state() != ExperimentState.EXPIRED) {
      return null;
    }
    List<String> notShown = new ArrayList<>();
    int remaining = 0;
    for (int arm = 0; arm < plan.arms().size(); arm++) {
      if (config.competes(arm) && !status.dropped().contains(arm)) {
        remaining++;
      }
    }
    String metric = config.primaryMetric().name();
    if (remaining > 1 && config.isNonInferiority()) {
      notShown.add("non-inferiority of " + metric);
    } else if (remaining > 1) {
      notShown.add("a difference of " + metric);
      if (config.equivalenceMargin() > 0) {
        notShown.add("equivalence of " + metric);
      }
    }
    if (status.held() != null) {
      HeldBy held = heldBy();
      notShown.add("non-inferiority of " + held.guardrail() + " in " + held.variantId());
    }
    return notShown;
  }

  private List<VariantEstimate> variants() {
    List<VariantEstimate> variants = new ArrayList<>();
    for (int arm = 0; arm < plan.arms().size(); arm++) {
      Tally counts = counts(totals, arm, 0);
      Comparison comparison = comparison(0, arm);
      variants.add(
          new VariantEstimate(
              plan.arms().get(arm),
              counts.recipients(),
              counts.successes(),
              mean(0, counts),
              effect(0, arm),
              comparison == null ? null : finite(comparison.interval().lower()),
              comparison == null ? null : finite(comparison.interval().upper()),
              comparison == null ? null : scale(0),
              comparison == null ? null : comparison.running().pValue(config.pairs()),
              comparison == null || !status.isFinal()
                  ? null
                  : finite(
                      evaluator.shrunk(matured, epochs, new Pair(0, config.controlArm(), arm)))));
    }
    return variants;
  }

  private List<GuardrailStatus> guardrails() {
    double harm = Math.log(config.alpha() / Math.max(1, status.guardrails().size()));
    double shown = Math.log(config.alpha());
    List<GuardrailStatus> statuses = new ArrayList<>();
    for (Map.Entry<Guarded, Guarding> entry : status.guardrails().entrySet()) {
      Guarding guarding = entry.getValue();
      statuses.add(
          new GuardrailStatus(
              config.guardrails().get(entry.getKey().guardrail()).metric().name(),
              plan.arms().get(entry.getKey().arm()),
              !invalid && guarding.harmLogP() <= harm,
              !invalid && guarding.nonInferiorLogP() <= shown,
              invalid ? null : Math.exp(guarding.harmLogP())));
    }
    return statuses;
  }

  /**
   * The rows: one a metric and arm.
   *
   * @param pending of the units that have not matured
   */
  public List<ExperimentResultRow> rows(Totals pending, long seq) {
    Map<Pair, Double> holm = holm();
    List<Pair> discovered = discovered();
    List<ExperimentResultRow> rows = new ArrayList<>();
    for (int metric = 0; metric < plan.metrics().size(); metric++) {
      for (int arm = 0; arm < plan.arms().size(); arm++) {
        Pair pair = new Pair(metric, config.controlArm(), arm);
        Tally counts = counts(totals, arm, metric);
        Tally immature = counts(pending, arm, metric);
        Comparison comparison = comparison(metric, arm);
        rows.add(
            new ExperimentResultRow(
                ExperimentResultRow.TABLE,
                seq,
                config.id(),
                plan.arms().get(arm),
                plan.metrics().get(metric).name(),
                status.evaluatedAt(),
                counts.recipients(),
                counts.successes(),
                mean(metric, counts),
                effect(metric, arm),
                comparison == null ? null : finite(comparison.interval().lower()),
                comparison == null ? null : finite(comparison.interval().upper()),
                comparison == null ? null : scale(metric),
                comparison == null ? null : comparison.running().pValue(config.pairs()),
                status.state(),
                holm.get(pair),
                discovered.contains(pair),
                Math.max(0, immature.recipients()),
                Math.max(0, immature.successes()),
                isHeld(arm) ? heldBy().guardrail() : null,
                isHeld(arm) ? heldBy().recipientsMissing() : 0));
      }
    }
    return rows;
  }

  /** Holm's adjustment over the arms of each metric. */
  private Map<Pair, Double> holm() {
    Map<Pair, Double> adjusted = new HashMap<>();
    if (invalid) {
      return adjusted;
    }
    for (int metric = 0; metric < plan.metrics().size(); metric++) {
      List<Pair> pairs = withControl(metric);
      double[] p =
          pairs.stream()
              .mapToDouble(pair -> status.comparisons().get(pair).running().pValue(1))
              .toArray();
      double[] holm = MultipleTesting.holm(p);
      for (int i = 0; i < holm.length; i++) {
        adjusted.put(pairs.get(i), holm[i]);
      }
    }
    return adjusted;
  }

  /** e-BH over all metrics and arms, on current evidence. */
  private List<Pair> discovered() {
    if (invalid || config.design() instanceof Design.PlannedList) {
      return List.of();
    }
    List<Pair> pairs = new ArrayList<>();
    for (int metric = 0; metric < plan.metrics().size(); metric++) {
      pairs.addAll(withControl(metric));
    }
    double[] logE =
        pairs.stream().mapToDouble(pair -> evaluator.logE(matured, epochs, pair)).toArray();
    return MultipleTesting.eBenjaminiHochberg(config.alpha(), logE).stream()
        .map(pairs::get)
        .toList();
  }

  private List<Pair> withControl(int metric) {
    return status.comparisons().keySet().stream()
        .filter(pair -> pair.metric() == metric && pair.a() == config.controlArm())
        .toList();
  }

  /** What has been concluded about an arm; null for nothing, and for all that is invalid. */
  private Comparison comparison(int metric, int arm) {
    return invalid ? null : status.comparisons().get(new Pair(metric, config.controlArm(), arm));
  }

  private Double effect(int metric, int arm) {
    return comparison(metric, arm) == null
        ? null
        : finite(evaluator.estimate(matured, epochs, new Pair(metric, config.controlArm(), arm)));
  }

  /** Counts over the epochs that are evidence: what is sent after the decision is none. */
  private Tally counts(Totals of, int arm, int metric) {
    Tally sum = Tally.NONE;
    for (Epoch epoch : epochs) {
      sum = sum.plus(of.get(epoch.number(), arm, metric));
    }
    return sum;
  }

  private double mean(int metric, Tally counts) {
    if (counts.recipients() == 0) {
      return 0;
    }
    return switch (plan.metrics().get(metric).type()) {
      case BINARY -> (double) counts.successes() / counts.recipients();
      case REVENUE, COUNT -> counts.sum().doubleValue() / counts.recipients();
      case RATIO ->
          counts.covariate().signum() == 0
              ? 0
              : counts.sum().doubleValue() / counts.covariate().doubleValue();
    };
  }

  private EffectScale scale(int metric) {
    return plan.metrics().get(metric).scale();
  }

  private static Double finite(double value) {
    return Double.isFinite(value) ? (Double) value : null;
  }
}
