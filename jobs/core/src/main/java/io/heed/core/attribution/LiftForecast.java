package io.heed.core.attribution;

import io.heed.core.experiments.Traffic;
import io.heed.core.gate.Optimise;
import io.heed.core.statistics.MeanEffect;
import io.heed.core.statistics.MeanSequence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How many people and days it takes until the lift of an optimizer over its control can be shown.
 *
 * @param optimise what the policy says
 * @param attribution how long outcomes count, and where the interval is tightest
 * @param traffic how fast people enter
 * @param outcomes what a person brings
 */
public record LiftForecast(
    Optimise optimise, AttributionPolicy attribution, Traffic traffic, Outcomes outcomes) {
  private static final double[] LIFTS = {0.05, 0.1, 0.2, 0.3, 0.5, 1};

  /** Quantile of the normal distribution that four trials in five stay below. */
  private static final double FOUR_IN_FIVE = 0.8416;

  private static final double HOURS_PER_DAY = 24;
  private static final double MOST_PEOPLE = 1e12;
  private static final double STEP = 1.01;

  /**
   * What one person brings within the lift's window.
   *
   * @param buyers share of people who buy
   * @param perBuyer net revenue of one who does, on average
   * @param spread standard deviation of that
   */
  public record Outcomes(double buyers, double perBuyer, double spread) {
    double mean() {
      return buyers * perBuyer;
    }

    double deviation() {
      double squares = buyers * (perBuyer * perBuyer + spread * spread);
      return Math.sqrt(squares - mean() * mean());
    }

    /** Where so many times as many buy. */
    Outcomes times(double more) {
      return new Outcomes(Math.min(1, more * buyers), perBuyer, spread);
    }
  }

  /** As text. */
  public List<String> lines() {
    double mean = optimise.margin() * outcomes.mean();
    List<String> lines = new ArrayList<>();
    lines.add(
        "The optimizer, mode %s: decides for %.0f %% of all people, plain caps for the others."
            .formatted(
                optimise.mode().name().toLowerCase(Locale.ROOT), 100 * (1 - optimise.control())));
    lines.add(
        "Expected of a person within %s: margin %.3f on average, with a standard deviation of %.2f"
            .formatted(
                days(attribution.liftWindow()), mean, optimise.margin() * outcomes.deviation()));
    lines.add(
        "(%.1f %% buy for %.2f, of which %.0f %% is margin)."
            .formatted(100 * outcomes.buyers(), outcomes.perBuyer(), 100 * optimise.margin()));
    lines.add("");
    lines.add("At " + traffic.description() + ":");
    lines.add("%-8s %12s %12s %10s".formatted("lift", "per person", "people", "days"));
    for (double lift : LIFTS) {
      double people = people(lift);
      double hours = traffic.until(people) + attribution.liftWindow().toMinutes() / 60.0;
      lines.add(
          "%-8s %12s %12s %10s"
              .formatted(
                  "%.0f %%".formatted(100 * lift),
                  "%.3f".formatted(lift * mean),
                  people > MOST_PEOPLE ? "-" : "%,.0f".formatted(people),
                  Double.isInfinite(hours) || people > MOST_PEOPLE
                      ? "never"
                      : "%,.1f".formatted(hours / HOURS_PER_DAY)));
    }
    lines.add("");
    lines.add(
        "By then about four trials in five have shown that the optimizer earns more, at a level of 95 %");
    lines.add(
        "that holds however often one looks. Everybody counts once, with the first request; what an");
    lines.add("opt-out costs comes on top of the spread.");
    if (!Double.isInfinite(traffic.people()) && people(LIFTS[0]) > traffic.people()) {
      lines.add(
          "ONLY %,.0f PEOPLE: more control, or a longer lift.window, shows smaller lifts."
              .formatted(traffic.people()));
    }
    return lines;
  }

  /** People of both arms together until a lift can be shown, relative to what a person brings. */
  double people(double lift) {
    double distance = lift * optimise.margin() * outcomes.mean();
    double least =
        MeanEffect.MINIMUM_SUCCESSES
            / (outcomes.buyers() * Math.min(optimise.control(), 1 - optimise.control()));
    double rate = MeanSequence.rate(LiftLedger.ALPHA, attribution.liftRecipients());
    // Both arms' variance is pooled, and those who bring more vary more.
    double deviation =
        optimise.margin() * outcomes.times(1 + lift * (1 - optimise.control())).deviation();
    double people = least;
    while (people <= MOST_PEOPLE && distance < needed(people, deviation, rate)) {
      people *= STEP;
    }
    return people;
  }

  /** The effect that is shown by so many people, four times in five. */
  private double needed(double people, double deviation, double rate) {
    double control = optimise.control();
    double error = deviation / Math.sqrt(people * control * (1 - control));
    MeanEffect none = new MeanEffect(0, error, Math.round(people));
    return new MeanSequence(none, rate).interval(LiftLedger.ALPHA).upper() + FOUR_IN_FIVE * error;
  }

  private static String days(Duration window) {
    return window.toHours() % 24 == 0 ? window.toDays() + " days" : window.toHours() + " hours";
  }
}
