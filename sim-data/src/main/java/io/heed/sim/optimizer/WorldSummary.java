package io.heed.sim.optimizer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * What the trials of one world show: lines of a Markdown table, means over seeds with standard
 * errors.
 */
public final class WorldSummary {
  private static final int SHOCK_WEEK = World.SHOCK_DAY / 7;

  private final World world;
  private final List<Trial> trials;

  /** Of at least one trial. */
  public WorldSummary(World world, List<Trial> trials) {
    this.world = world;
    this.trials = List.copyOf(trials);
  }

  /** Head of the table of policies. */
  public static List<String> policyHead() {
    return List.of(
        "| world | policy | value per subscriber | opt-outs | messages | gap closed |",
        "| --- | --- | --- | --- | --- | --- |");
  }

  /** A line for each policy. */
  public List<String> policyLines() {
    Map<String, Integer> names = new TreeMap<>();
    trials.forEach(trial -> names.merge(trial.best().policy(), 1, Integer::sum));
    List<String> lines = new ArrayList<>();
    lines.add(line("no cap", Trial::none));
    lines.add(line("4 in 30 d", Trial::standard));
    lines.add(line("smart sending 16 h", Trial::smart));
    lines.add(line("engagement bands", Trial::bands));
    lines.add(line("best fixed " + names.keySet(), Trial::best));
    lines.add(line("**optimizer**", Trial::optimizer));
    lines.add(line("optimizer, opt-outs at most control", Trial::constrained));
    lines.add(line("oracle", Trial::oracle));
    return lines;
  }

  private interface Of {
    RunResult of(Trial trial);
  }

  private String line(String name, Of of) {
    return "| %s | %s | %s | %s | %s | %s |"
        .formatted(
            world.name(),
            name,
            mean("%.2f", t -> of.of(t).value()),
            mean("%.1f %%", t -> 100 * of.of(t).optOuts()),
            mean("%.0f", t -> of.of(t).messages()),
            mean(
                "%.0f %%",
                t ->
                    100
                        * (of.of(t).value() - t.best().value())
                        / (t.oracle().value() - t.best().value())));
  }

  /** Head of the table of goals. */
  public static List<String> goalHead() {
    return List.of(
        "| world | over best fixed | worst seed | over 4 in 30 d | over smart sending | opt-outs against best"
            + " fixed | constrained: over best fixed | constrained: opt-outs against control | days 29 to"
            + " 63: over best fixed | lift covers truth |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
  }

  /** One line of comparisons. */
  public String goalLine() {
    return "| %s | %s | %+.1f %% | %s | %s | %s | %s | %s | %s | %d of %d |"
        .formatted(
            world.name(),
            percent(t -> t.optimizer().value() / t.best().value()),
            trials.stream()
                .mapToDouble(t -> 100 * (t.optimizer().value() / t.best().value() - 1))
                .min()
                .orElseThrow(),
            percent(t -> t.optimizer().value() / t.standard().value()),
            percent(t -> t.optimizer().value() / t.smart().value()),
            percent(t -> t.optimizer().optOuts() / t.best().optOuts()),
            percent(t -> t.constrained().value() / t.best().value()),
            percent(t -> t.control().optOuts() / t.control().controlOptOuts()),
            percent(t -> t.optimizer().value(4, 9) / t.best().value(4, 9)),
            trials.stream().filter(WorldSummary::covers).count(),
            trials.size());
  }

  /**
   * Whether the 95 % interval of the control's lift covers what the same people would have brought.
   */
  private static boolean covers(Trial trial) {
    double truth = trial.constrainedForAll() - trial.best().value();
    return Math.abs(trial.control().lift() - truth) <= 1.96 * trial.control().liftError();
  }

  /**
   * After a shock: the risk of a message in its first and third week, once it has settled, and what
   * is left of the excess in the third.
   */
  public List<String> shockLines() {
    if (world.shock() == World.Shock.NONE) {
      return List.of();
    }
    double first = excess(SHOCK_WEEK);
    double third = excess(SHOCK_WEEK + 2);
    return List.of(
        "%s: opt-outs per 1,000 messages: %s in the 8 weeks before, %s in the first week, %s in the third (%.0f %% of the excess is left), %s in weeks 9 to 20 after"
            .formatted(
                world.name(),
                mean("%.2f", t -> 1000 * t.optimizer().risk(SHOCK_WEEK - 8, SHOCK_WEEK)),
                mean("%.2f", t -> 1000 * t.optimizer().risk(SHOCK_WEEK, SHOCK_WEEK + 1)),
                mean("%.2f", t -> 1000 * t.optimizer().risk(SHOCK_WEEK + 2, SHOCK_WEEK + 3)),
                100 * third / first,
                mean("%.2f", t -> 1000 * settled(t))));
  }

  private double excess(int week) {
    return trials.stream()
        .mapToDouble(t -> t.optimizer().risk(week, week + 1) - settled(t))
        .average()
        .orElseThrow();
  }

  private static double settled(Trial trial) {
    return trial.optimizer().risk(SHOCK_WEEK + 8, SHOCK_WEEK + 20);
  }

  private String percent(ToDoubleFunction<Trial> ratio) {
    return mean("%+.1f %%", trial -> 100 * (ratio.applyAsDouble(trial) - 1));
  }

  private String mean(String format, ToDoubleFunction<Trial> figure) {
    double n = trials.size();
    double mean = trials.stream().mapToDouble(figure).average().orElseThrow();
    double squares =
        trials.stream().mapToDouble(t -> Math.pow(figure.applyAsDouble(t) - mean, 2)).sum();
    String error =
        n < 2
            ? ""
            : (format.startsWith("%.2f") ? " ± %.2f" : " ± %.1f")
                .formatted(Math.sqrt(squares / (n - 1) / n));
    return format.formatted(mean) + error;
  }
}
