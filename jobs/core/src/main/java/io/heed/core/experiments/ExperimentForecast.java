package io.heed.core.experiments;

import io.heed.core.statistics.GroupSequentialTest;
import io.heed.core.statistics.Planner;
import io.heed.core.statistics.Planner.Expectation;
import io.heed.core.statistics.Planner.Timeline;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleFunction;

/**
 * What to expect of an experiment before it starts: how many recipients, how long, with which
 * power. Of more than two arms, the pair of the control and the smallest variant at the level that
 * it is tested at; the other pairs are no worse.
 */
public final class ExperimentForecast {
  private static final double[] MULTIPLES = {0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2};
  private static final int BAR = 40;
  private static final double HOURS_PER_DAY = 24;
  private static final double MILLIS_PER_HOUR = 3_600_000;

  private final ExperimentConfig config;
  private final double sendsPerHour;
  private final double windowHours;
  private final Planner planner;
  private final double fixed;
  private final DoubleFunction<Expectation> expectation;

  /**
   * The forecast of an experiment.
   *
   * @param sendsPerHour recipients who are assigned per hour, of all arms together
   * @param latenessHours how long late facts are waited for
   */
  public ExperimentForecast(ExperimentConfig config, double sendsPerHour, double latenessHours) {
    this.config = config;
    this.sendsPerHour = sendsPerHour;
    this.windowHours = config.primaryMetric().windowMillis() / MILLIS_PER_HOUR + latenessHours;
    this.planner = config.planner();
    this.fixed = config.fixedSize();
    this.expectation = expectation();
  }

  /** As text. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add("Experiment " + config.id() + ": " + config.hypothesis());
    lines.add("");
    lines.addAll(rules(config));
    lines.add("");
    lines.add("At %,.0f recipients per hour, of all arms together:".formatted(sendsPerHour));
    lines.add(
        "%-44s %12s %12s %8s %10s".formatted("", "recipients", "at most", "days", "in flight"));
    lines.add(row("fixed horizon, looked at once", planner.fixedHorizon(fixed, 1), fixed));
    sequential(lines, 1, "with the minimum effect");
    sequential(lines, 1.5, "with 1.5 times the effect");
    sequential(lines, 2, "with twice the effect");
    if (config.design() instanceof Design.PlannedList) {
      sequential(lines, 0, "without any effect");
    }
    lines.add("");
    lines.addAll(notes());
    lines.add("");
    lines.add("Power by the true effect, in minimum effects:");
    for (double multiple : MULTIPLES) {
      double power = Math.max(0, Math.min(1, expectation.apply(multiple).power()));
      lines.add(
          "  %4.2f  %-40s %3.0f %%"
              .formatted(multiple, "#".repeat((int) Math.round(BAR * power)), 100 * power));
    }
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
    String better = plain(100 * config.minimumEffect());
    return metric.revenue()
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

  private void sequential(List<String> lines, double multiple, String what) {
    Expectation expected = expectation.apply(multiple);
    lines.add(
        row(config.design().fileName() + ", " + what, expected, expected.maximumRecipients()));
  }

  /** What the experiment's design leads to, by the true effect in minimum effects. */
  private DoubleFunction<Expectation> expectation() {
    if (config.design() instanceof Design.PlannedList list) {
      return planner.plannedList(fixed, list.spending().function(), list.looks());
    }
    return multiple -> planner.openEnded(fixed, multiple, Planner.HORIZON);
  }

  private String row(String what, Expectation expectation, double most) {
    Timeline timeline =
        Planner.timeline(expectation.expectedRecipients(), listSize(), sendsPerHour, windowHours);
    return "%-44s %,12.0f %,12.0f %8.1f %,10.0f"
        .formatted(
            what,
            expectation.expectedRecipients(),
            most,
            timeline.hoursToDecision() / HOURS_PER_DAY,
            timeline.messagesInFlight());
  }

  private double listSize() {
    return config.design() instanceof Design.PlannedList list
        ? list.plannedRecipients()
        : Double.POSITIVE_INFINITY;
  }

  private List<String> notes() {
    List<String> notes = new ArrayList<>();
    if (config.design() instanceof Design.PlannedList list) {
      double needed =
          fixed
              * new GroupSequentialTest(
                      config.pairLevel(), 1 - config.power(), list.spending().function())
                  .inflation(list.plannedFractions());
      double planned = list.plannedRecipients();
      notes.add(
          planned < needed
              ? "The test has %,.0f recipients, but needs %,.0f for its power."
                  .formatted(planned, needed)
              : "The test has %,.0f recipients and needs %,.0f: more than enough."
                  .formatted(planned, needed));
    } else {
      notes.add(
          "Ends without a result at %,.0f recipients, twice the fixed size%s."
              .formatted(
                  Planner.HORIZON * fixed,
                  config.endMillis() == Long.MAX_VALUE
                      ? ""
                      : ", or at its horizon, %s after its start"
                          .formatted(hours(config.horizonMillis()))));
    }
    notes.add(
        "A recipient counts %s after the message; what is in flight at the decision comes too late"
                .formatted(hours(Math.round(windowHours * MILLIS_PER_HOUR)))
            + " for it.");
    return notes;
  }
}
