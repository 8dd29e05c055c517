package io.heed.core.experiments;

import io.heed.core.experiments.PowerSimulation.Outcomes;
import io.heed.core.model.ExperimentState;
import io.heed.core.model.ReasonCode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleConsumer;

/**
 * What to expect of an experiment before it starts: how many recipients, how long, with which
 * power, and which effects it can find. Sizes at a fixed horizon follow from formulas; everything
 * about the decision is simulated with the engine, since no formula covers futility, guardrails and
 * several arms together.
 */
public final class ExperimentForecast {
  private static final double HOURS_PER_DAY = 24;
  private static final double HOURS_PER_WEEK = 168;
  private static final double MILLIS_PER_HOUR = 3_600_000;

  /** After so many days: which effects could be found by then. */
  private static final int[] DAYS = {1, 3, 7, 14, 28};

  private static final int MOST_RUNS = 1_000;
  private static final int LEAST_RUNS = 100;

  /** Pairs of arms times evaluations that are played at the planned effect. */
  private static final double PLAYED = 500_000;

  private static final double PER_BLOCK = 1.02;

  private final ExperimentConfig config;
  private final Traffic traffic;
  private final double windowHours;
  private final double fixed;
  private final int runs;

  /**
   * The forecast of an experiment.
   *
   * @param sendsPerHour recipients who are assigned per hour, of all arms together
   * @param latenessHours how long late facts are waited for
   */
  public ExperimentForecast(ExperimentConfig config, double sendsPerHour, double latenessHours) {
    this(config, Traffic.steady(sendsPerHour), latenessHours);
  }

  /**
   * The forecast of an experiment.
   *
   * @param traffic how fast recipients come
   * @param latenessHours how long late facts are waited for
   */
  public ExperimentForecast(ExperimentConfig config, Traffic traffic, double latenessHours) {
    this(config, traffic, windowHours(config, latenessHours), affordable(config));
  }

  private ExperimentForecast(
      ExperimentConfig config, Traffic traffic, double windowHours, int runs) {
    this.config = config;
    this.traffic = traffic;
    this.windowHours = windowHours;
    this.fixed = config.fixedSize();
    this.runs = runs;
  }

  private static double windowHours(ExperimentConfig config, double latenessHours) {
    return config.primaryMetric().windowMillis() / MILLIS_PER_HOUR + latenessHours;
  }

  /** As many runs as take some seconds: those of many arms take longer. */
  private static int affordable(ExperimentConfig config) {
    double evaluations = Math.log(Math.max(2, config.horizonSize())) / Math.log(PER_BLOCK);
    return (int) Math.max(LEAST_RUNS, Math.min(MOST_RUNS, PLAYED / (evaluations * config.pairs())));
  }

  /** With so many simulated tests at the planned effect, and a quarter of them at the others. */
  public ExperimentForecast withRuns(int runs) {
    return new ExperimentForecast(config, traffic, windowHours, runs);
  }

  /** As text. */
  public List<String> lines() {
    return lines(done -> {});
  }

  /**
   * As text.
   *
   * @param progress takes the share of the simulations that is done, by several threads
   */
  public List<String> lines(DoubleConsumer progress) {
    List<String> lines = new ArrayList<>();
    lines.add("Experiment " + config.id() + ": " + config.hypothesis());
    lines.add("");
    lines.addAll(rules(config));
    lines.add("");
    lines.addAll(expected(progress));
    return lines.stream().map(String::stripTrailing).toList();
  }

  /** The rules of an experiment's test as text: arms, metric, guardrails, level and design. */
  public static List<String> rules(ExperimentConfig config) {
    List<String> lines = new ArrayList<>();
    double[] shares = config.shares();
    for (int arm = 0; arm < shares.length; arm++) {
      List<String> roles = new ArrayList<>();
      if (arm == config.controlArm()) {
        roles.add("control");
      }
      if (arm == config.holdoutArm()) {
        roles.add("gets no message");
      }
      config.caps(config.arms().get(arm)).forEach(cap -> roles.add("at most " + cap));
      lines.add(
          "%-20s %5.1f %%  %s"
              .formatted(config.arms().get(arm), 100 * shares[arm], String.join(", ", roles))
              .stripTrailing());
    }
    lines.add(metric(config));
    for (Guardrail guardrail : config.guardrails()) {
      lines.add(
          "Guardrail %s within %s: at most %s %% worse, which a winner %s."
              .formatted(
                  guardrail.metric().name(),
                  hours(guardrail.metric().windowMillis()),
                  plain(100 * guardrail.margin()),
                  guardrail.mode() == Guardrail.Mode.VETO
                      ? "must not be shown to exceed"
                      : "has to show"));
    }
    lines.add(
        "Level %s two-sided%s, power %s, %s, from %s on."
            .formatted(
                config.alpha(),
                config.pairs() > 1 ? " over " + config.pairs() + " pairs" : "",
                config.power(),
                config.design().fileName(),
                config.start()));
    return lines;
  }

  private static String metric(ExperimentConfig config) {
    Metric metric = config.primaryMetric();
    String what = metric.name() + " within " + hours(metric.windowMillis());
    String better = plain(100 * config.plannedDistance());
    if (config.isNonInferiority()) {
      return "%s: %s expected; a variant wins once it is shown to be less than %s %% worse than the control."
          .formatted(
              what,
              metric.isMean()
                  ? plain(metric.expectedMean() / 1e6) + " per recipient"
                  : plain(100 * metric.expectedBaseRate()) + " %",
              better);
    }
    return metric.isMean()
        ? "%s: %s per recipient expected, to be distinguished from %s %% more."
            .formatted(what, plain(metric.expectedMean() / 1e6), better)
        : "%s: %s %% expected, to be distinguished from a rate better by %s %% of it."
            .formatted(what, plain(100 * metric.expectedBaseRate()), better);
  }

  private static String hours(long millis) {
    double hours = millis / MILLIS_PER_HOUR;
    return hours >= 2 * HOURS_PER_DAY
        ? plain(hours / HOURS_PER_DAY) + " days"
        : hours >= 1 ? plain(hours) + " hours" : plain(60 * hours) + " minutes";
  }

  /** Three digits, and no zeros behind them. */
  private static String plain(double value) {
    return new BigDecimal(value).round(new MathContext(3)).stripTrailingZeros().toPlainString();
  }

  private List<String> expected(DoubleConsumer progress) {
    int others = Math.max(1, runs / 4);
    int all = runs + 4 * others;
    AtomicInteger done = new AtomicInteger();
    Runnable step = () -> progress.accept((double) done.incrementAndGet() / all);
    PowerSimulation simulation =
        new PowerSimulation(config, Math.max(0.01, traffic.by(HOURS_PER_DAY) / HOURS_PER_DAY));
    boolean noWorse = config.isNonInferiority();
    Outcomes planned = simulation.run(noWorse ? 0 : 1, runs, step);
    List<String> lines = new ArrayList<>();
    lines.add("At " + traffic.description() + ":");
    lines.add(
        "%-24s %7s %12s %12s %8s %10s  %s"
            .formatted(
                "true effect",
                "winner",
                "recipients",
                percent(config.power()) + " by",
                "days",
                "in flight",
                "otherwise"));
    if (noWorse) {
      lines.add(row("worse by the margin", simulation.run(1, others, step), false));
      lines.add(row("worse by half of it", simulation.run(0.5, others, step), false));
      lines.add(row("as good as the control", planned, false));
      lines.add(row("better by half of it", simulation.run(-0.5, others, step), false));
      lines.add(row("better by the margin", simulation.run(-1, others, step), false));
    } else {
      lines.add(row("none", simulation.run(0, others, step), true));
      lines.add(row("half the minimum effect", simulation.run(0.5, others, step), false));
      lines.add(row("the minimum effect", planned, false));
      lines.add(row("1.5 times that", simulation.run(1.5, others, step), false));
      lines.add(row("twice that", simulation.run(2, others, step), false));
    }
    lines.add(
        "fixed horizon, looked at once    %12s %12s %8s %10s"
            .formatted(count(fixed), "", days(fixed), inFlight(fixed)));
    lines.add("");
    lines.addAll(notes(planned));
    lines.add("");
    lines.addAll(smallestEffects(planned));
    return lines;
  }

  /**
   * One row: the share of tests that the better variant wins (with no effect: that any variant
   * wins), and what becomes of the others.
   */
  private String row(String effect, Outcomes outcomes, boolean any) {
    double winner = any ? outcomes.winners() : outcomes.power();
    double mean = outcomes.meanRecipients();
    double enough = outcomes.recipientsFor(config.power());
    List<String> others = new ArrayList<>();
    if (!any) {
      add(
          others,
          config.isNonInferiority() ? "the control won" : "another variant won",
          outcomes.winners() - outcomes.power());
    }
    add(
        others,
        "no effect of the planned size",
        outcomes.share(ExperimentState.NO_DIFFERENCE, ReasonCode.FUTILE));
    add(
        others,
        "equivalent",
        outcomes.share(ExperimentState.NO_DIFFERENCE, ReasonCode.EVIDENCE_OF_EQUIVALENCE));
    add(others, "no result", outcomes.share(ExperimentState.EXPIRED, ReasonCode.HORIZON_REACHED));
    add(
        others,
        "stopped for harm",
        outcomes.share(ExperimentState.STOPPED_HARM, ReasonCode.GUARDRAIL_BREACHED));
    return "%-24s %7s %12s %12s %8s %10s  %s"
        .formatted(
            effect,
            percent(winner),
            count(mean),
            Double.isNaN(enough) ? "-" : count(enough),
            days(mean),
            inFlight(mean),
            String.join(", ", others));
  }

  private static void add(List<String> others, String what, double share) {
    if (share > 0) {
      others.add(what + " " + percent(share));
    }
  }

  private static String percent(double share) {
    return "%.0f %%".formatted(100 * share);
  }

  private static String count(double recipients) {
    return "%,.0f".formatted(recipients);
  }

  /** Until the last of so many recipients counts. */
  private String days(double recipients) {
    double hours = traffic.until(recipients) + windowHours;
    return Double.isInfinite(hours) ? "never" : "%,.1f".formatted(hours / HOURS_PER_DAY);
  }

  /** Who has been texted by the decision, and does not count for it. */
  private String inFlight(double recipients) {
    double hours = traffic.until(recipients) + windowHours;
    return Double.isInfinite(hours)
        ? "-"
        : count(Math.max(0, Math.min(listSize(), traffic.by(hours)) - recipients));
  }

  private double listSize() {
    return config.design() instanceof Design.PlannedList list
        ? list.plannedRecipients()
        : Double.POSITIVE_INFINITY;
  }

  private List<String> notes(Outcomes planned) {
    List<String> notes = new ArrayList<>();
    double power = planned.power();
    double error = planned.error(power);
    notes.add(
        "Simulated with the engine, %,d whole tests %s (± %.1f points), %,d at each other one:"
            .formatted(
                planned.ends().size(),
                config.isNonInferiority() ? "as good as the control" : "at the minimum effect",
                100 * error,
                Math.max(1, runs / 4)));
    notes.add(
        "futility, guardrails and all arms included; %s, all else is like the control."
            .formatted(
                config.isNonInferiority()
                    ? "all variants are alike and any may win"
                    : "one variant is better"));
    if (config.variants().stream().anyMatch(variant -> !variant.caps().isEmpty())) {
      notes.add(
          "ARMS' CAPS ARE NOT PLAYED: expected rates are per person, so name what people do under the caps.");
    }
    if (power + 2 * error < config.power()) {
      notes.add(
          "THE POWER IS %s, NOT %s: a larger %s, a higher power or fewer arms mend that."
              .formatted(percent(power), percent(config.power()), distance()));
    }
    double most;
    if (config.design() instanceof Design.PlannedList list) {
      most = list.plannedRecipients();
      double needed = config.neededOf(list);
      notes.add(
          most < needed
              ? "The test has %,.0f recipients, but needs %,.0f for its power."
                  .formatted(most, needed)
              : "The test has %,.0f recipients and needs %,.0f: more than enough."
                  .formatted(most, needed));
    } else {
      most = config.horizonSize();
      notes.add(
          "Ends without a result at %,.0f recipients, twice the fixed size%s."
              .formatted(
                  most,
                  config.endMillis() == Long.MAX_VALUE
                      ? ""
                      : ", or at its horizon, %s after its start"
                          .formatted(hours(config.horizonMillis()))));
    }
    if (config.minimumWeeks() == 0 && traffic.until(planned.meanRecipients()) < HOURS_PER_WEEK) {
      notes.add("It mostly ends within a week: with minimum_weeks: 1 every weekday counts alike.");
    }
    if (traffic.people() < most) {
      notes.add(
          "ONLY %,.0f PEOPLE were reached in that time: a test may take %,.0f. Nobody counts twice."
              .formatted(traffic.people(), most));
    }
    notes.add(
        "A recipient counts %s after the message; what is in flight at the decision comes too late"
                .formatted(hours(Math.round(windowHours * MILLIS_PER_HOUR)))
            + " for it.");
    return notes;
  }

  private List<String> smallestEffects(Outcomes planned) {
    SmallestEffect smallest = new SmallestEffect(config, planned);
    List<String> lines = new ArrayList<>();
    lines.add(
        "With power %s it %s %s from about these on, as a %s:"
            .formatted(
                percent(config.power()),
                config.isNonInferiority() ? "excludes losses of" : "finds effects on",
                config.primaryMetric().name(),
                distance()));
    if (config.design() instanceof Design.PlannedList list) {
      lines.add(smallest("by its list", list.plannedRecipients(), smallest));
      return lines;
    }
    for (int days : DAYS) {
      double hours = days * HOURS_PER_DAY;
      double recipients = traffic.by(Math.min(hours, horizonHours()) - windowHours);
      if (recipients >= 1) {
        lines.add(
            smallest("in %d %s".formatted(days, days == 1 ? "day" : "days"), recipients, smallest));
      }
    }
    return lines;
  }

  /** The field of the file that the size follows from. */
  private String distance() {
    return config.isNonInferiority() ? "margin" : "minimum_effect";
  }

  private double horizonHours() {
    return config.endMillis() == Long.MAX_VALUE
        ? Double.POSITIVE_INFINITY
        : config.horizonMillis() / MILLIS_PER_HOUR + windowHours;
  }

  private static String smallest(String when, double recipients, SmallestEffect smallest) {
    double effect = smallest.of(recipients);
    return "  %-12s %12s recipients  %s"
        .formatted(
            when, count(recipients), Double.isNaN(effect) ? "none" : plain(100 * effect) + " %");
  }
}
