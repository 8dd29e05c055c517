package io.heed.core.experiments;

import io.heed.core.config.Document;
import io.heed.core.rules.Cap;
import io.heed.core.statistics.GroupSequentialTest;
import io.heed.core.statistics.Planner;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * An experiment as its owner writes it. Everything that the statistics are tuned by is here, and
 * nothing is tuned by what is observed.
 *
 * @param id its name on events
 * @param owner who is responsible for it
 * @param hypothesis what is believed
 * @param variants what is compared, in the file's order
 * @param holdout recipients without a message; null for none
 * @param control id of the arm that the others are held against
 * @param exclusionGroup no recipient takes part in two experiments of one group; empty for none
 * @param audience whose requests take part
 * @param primaryMetric what decides
 * @param metrics what is reported besides
 * @param guardrails what must not get worse
 * @param alpha the level, two-sided
 * @param power the probability with which the minimum effect is to be found
 * @param minimumEffect the smallest relative effect that matters
 * @param equivalenceMargin relative effects within ± this are as good as none; 0 for no such test
 * @param nonInferiorityMargin a variant wins once it is shown to be worse than the control by less
 *     than this, relative; 0: once it is shown to be better
 * @param covariateWindowMillis revenue within this time before the exposure adjusts the revenue
 *     after it (CUPED); 0 for no adjustment
 * @param design how it collects and decides
 * @param start exposures count from here
 * @param minimumWeeks whole weeks of exposures before anything but harm is decided
 * @param horizonMillis exposures count until so long after the start; MAX_VALUE: for ever
 * @param assignedBy who assigns recipients to the arms
 * @param onInvalid what new recipients get of an invalid experiment
 * @param sendWinner whether new recipients get the winner of themselves
 * @param evaluateEveryMillis event time between two evaluations
 * @param effectiveFrom instant from which this version's weights hold; null: from its publication
 */
public record ExperimentConfig(
    String id,
    String owner,
    String hypothesis,
    List<Variant> variants,
    Holdout holdout,
    String control,
    String exclusionGroup,
    Audience audience,
    Metric primaryMetric,
    List<Metric> metrics,
    List<Guardrail> guardrails,
    double alpha,
    double power,
    double minimumEffect,
    double equivalenceMargin,
    double nonInferiorityMargin,
    long covariateWindowMillis,
    Design design,
    Instant start,
    int minimumWeeks,
    long horizonMillis,
    AssignedBy assignedBy,
    OnInvalid onInvalid,
    boolean sendWinner,
    long evaluateEveryMillis,
    Instant effectiveFrom)
    implements Document {

  /** Who assigns recipients to the arms. */
  public enum AssignedBy {
    /** The send gate draws each recipient by itself, with the probabilities of the file. */
    GATE,
    /** The sending system, which may send the arms in batches and split a list exactly. */
    SENDER
  }

  /** What new recipients get of an invalid experiment. */
  public enum OnInvalid {
    /** The allocation stays. */
    KEEP,
    /** The control. */
    CONTROL
  }

  /** Copies the lists. */
  public ExperimentConfig {
    variants = List.copyOf(variants);
    metrics = List.copyOf(metrics);
    guardrails = List.copyOf(guardrails);
  }

  static List<String> arms(List<Variant> variants, Holdout holdout) {
    List<String> arms = new ArrayList<>();
    variants.stream().filter(Objects::nonNull).map(Variant::id).forEach(arms::add);
    if (holdout != null) {
      arms.add(holdout.id());
    }
    return arms;
  }

  /** The ids of the arms: the variants in the file's order, then the hold-out. */
  public List<String> arms() {
    return arms(variants, holdout);
  }

  /** The caps of an arm's recipients; none of the hold-out. */
  public List<Cap> caps(String arm) {
    return variants.stream()
        .filter(variant -> variant.id().equals(arm))
        .findFirst()
        .map(Variant::caps)
        .orElse(List.of());
  }

  /** The number of the control among the arms. */
  public int controlArm() {
    return arms().indexOf(control);
  }

  /** The number of the hold-out among the arms, -1 if there is none. */
  public int holdoutArm() {
    return holdout == null ? -1 : variants.size();
  }

  /** Whether an arm can win: every variant, and the hold-out only as the control. */
  public boolean competes(int arm) {
    return arm != holdoutArm() || arm == controlArm();
  }

  /** Share of each arm, which sum to 1. */
  public double[] shares() {
    double messaged = holdout == null ? 1 : 1 - holdout.share();
    double weights = variants.stream().mapToDouble(Variant::weight).sum();
    double[] shares = new double[arms().size()];
    Arrays.setAll(
        shares,
        arm ->
            arm == holdoutArm()
                ? holdout.share()
                : messaged * variants.get(arm).weight() / weights);
    return shares;
  }

  /** The primary metric, the others and the guardrails', in this order. */
  public List<Metric> allMetrics() {
    return Stream.of(
            Stream.of(primaryMetric), metrics.stream(), guardrails.stream().map(Guardrail::metric))
        .flatMap(s -> s)
        .toList();
  }

  /** Exposures count before this instant, epoch milliseconds; MAX_VALUE: for ever. */
  public long endMillis() {
    return horizonMillis == Long.MAX_VALUE ? Long.MAX_VALUE : start.toEpochMilli() + horizonMillis;
  }

  /** How the test is planned. */
  public Planner planner() {
    double[] shares = shares();
    int control = controlArm();
    double smallest = Double.POSITIVE_INFINITY;
    for (int arm = 0; arm < shares.length; arm++) {
      if (arm != control && competes(arm)) {
        smallest = Math.min(smallest, shares[arm]);
      }
    }
    double ratio = Double.isFinite(smallest) ? smallest / shares[control] : 1;
    return new Planner(pairLevel(), 1 - power, ratio);
  }

  /** How many arms can win. */
  public int competitors() {
    return variants.size() + (holdoutArm() >= 0 && holdoutArm() == controlArm() ? 1 : 0);
  }

  /** How many pairs share the level. */
  public int pairs() {
    int k = Math.max(2, competitors());
    return k * (k - 1) / 2;
  }

  /** The two-sided level of one pair of arms. */
  public double pairLevel() {
    return alpha / pairs();
  }

  /** The fixed-horizon size of the pair of control and the smallest treatment. */
  public Planner.Size fixedPairSize() {
    return fixedPairSize(1);
  }

  private Planner.Size fixedPairSize(double multiple) {
    Metric metric = primaryMetric;
    double distance = multiple * plannedDistance();
    if (metric.isMean()) {
      return planner().means(distance * metric.expectedMean(), metric.expectedDeviation());
    }
    double control = metric.expectedBaseRate();
    return isNonInferiority()
        ? planner().nonInferiority(control, control, control * distance)
        : planner().proportions(control, improved(control, multiple));
  }

  /** Whether a variant wins by being shown not to be worse than the control by the margin. */
  public boolean isNonInferiority() {
    return nonInferiorityMargin > 0;
  }

  /** The relative effect that the size follows from: the minimum effect or the margin. */
  double plannedDistance() {
    return isNonInferiority() ? nonInferiorityMargin : minimumEffect;
  }

  /** The effect of a variant on the primary metric that is no longer tolerated. */
  double intolerable() {
    double margin =
        nonInferiorityMargin * (primaryMetric.isMean() ? primaryMetric.expectedMean() : 1);
    return -primaryMetric.better().sign() * margin;
  }

  /** The rate that is worse by a multiple of the margin, short of 1. */
  double worsened(double rate, double multiple) {
    double factor = 1 - primaryMetric.better().sign() * multiple * nonInferiorityMargin;
    return Math.min(rate * factor, 1 - (1 - rate) / 10);
  }

  /** The rate that is better by a multiple of the minimum effect, short of 1. */
  double improved(double rate, double multiple) {
    double factor = 1 + multiple * minimumEffect;
    double better = primaryMetric.better().sign() > 0 ? rate * factor : rate / factor;
    return Math.min(better, 1 - (1 - rate) / 10);
  }

  /** The fixed-horizon size over all arms that can win. */
  public double fixedSize() {
    return fixedSize(1);
  }

  /** The same for a multiple of the minimum effect. */
  double fixedSize(double multiple) {
    return fixedPairSize(multiple).control() / shares()[controlArm()] * competingShare();
  }

  /** Share of the recipients that the arms that can win get. */
  double competingShare() {
    double[] shares = shares();
    double competing = 0;
    for (int arm = 0; arm < shares.length; arm++) {
      competing += competes(arm) ? shares[arm] : 0;
    }
    return competing;
  }

  /**
   * The size over all arms that can win at which a guardrail is shown to be no worse than its
   * margin, if it is equal in truth.
   */
  public double nonInferioritySize(Guardrail guardrail) {
    double rate = guardrail.metric().expectedBaseRate();
    Planner.Size size =
        planner().withAlpha(alpha).nonInferiority(rate, rate, rate * guardrail.margin());
    return size.control() / shares()[controlArm()] * competingShare();
  }

  /**
   * The size that metric and guardrails together take at a fixed horizon, over all arms that can
   * win: a guardrail takes part if a winner has to show that it is no worse.
   */
  public double plannedSize() {
    double size = fixedSize();
    for (Guardrail guardrail : guardrails) {
      if (guardrail.mode() == Guardrail.Mode.REQUIRE_NON_INFERIOR) {
        size = Math.max(size, nonInferioritySize(guardrail));
      }
    }
    return size;
  }

  /** The size over all arms that can win at which a planned list has its power. */
  public double neededOf(Design.PlannedList list) {
    return fixedSize()
        * new GroupSequentialTest(pairLevel(), 1 - power, list.spending().function())
            .inflation(list.plannedFractions());
  }

  /**
   * Whether a recipient can take part in both: they run at the same time for messages of one list,
   * and no exclusion group keeps them apart.
   */
  public boolean mayShareRecipients(ExperimentConfig other) {
    boolean apart = !exclusionGroup.isEmpty() && exclusionGroup.equals(other.exclusionGroup);
    boolean together =
        start.toEpochMilli() < other.endMillis() && other.start.toEpochMilli() < endMillis();
    return together && !apart && audience.shareLists(other.audience);
  }

  /** Matured recipients of all arms that can win at which an open-ended experiment ends. */
  public double horizonSize() {
    return Planner.HORIZON * plannedSize();
  }

  /**
   * The first rule of the test that differs; empty if only the weights do, or what does not touch
   * the test (owner, hypothesis, audience, what happens on a winner). After the start a change of
   * rules is refused: an error probability is promised for one set of rules.
   */
  public Optional<String> changedRule(ExperimentConfig later) {
    Map<String, Object> mine = rules();
    Map<String, Object> theirs = later.rules();
    return mine.keySet().stream()
        .filter(rule -> !Objects.equals(mine.get(rule), theirs.get(rule)))
        .findFirst()
        .or(
            () ->
                design instanceof Design.Bandit && !Arrays.equals(shares(), later.shares())
                    ? Optional.of("variants")
                    : Optional.empty());
  }

  private Map<String, Object> rules() {
    Map<String, Object> rules = new LinkedHashMap<>();
    rules.put("id", id);
    rules.put("variants", variants.stream().map(Variant::id).toList());
    rules.put("caps", variants.stream().map(Variant::caps).toList());
    rules.put("holdout", holdout == null ? "" : holdout.id());
    rules.put("control", control);
    rules.put("exclusion_group", exclusionGroup);
    rules.put("primary_metric", primaryMetric);
    rules.put("metrics", metrics);
    rules.put("guardrails", guardrails);
    rules.put("alpha", alpha);
    rules.put("power", power);
    rules.put("minimum_effect", minimumEffect);
    rules.put("equivalence_margin", equivalenceMargin);
    rules.put("primary_metric.margin", nonInferiorityMargin);
    rules.put("covariate", covariateWindowMillis);
    rules.put("design", design);
    rules.put("assigned_by", assignedBy);
    rules.put("start", start);
    rules.put("minimum_weeks", minimumWeeks);
    rules.put("horizon", horizonMillis);
    rules.put("evaluate_every", evaluateEveryMillis);
    return rules;
  }
}
