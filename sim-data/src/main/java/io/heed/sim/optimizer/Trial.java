package io.heed.sim.optimizer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/**
 * All policies in one world with one seed: the same people, campaigns and luck.
 *
 * @param caps every cap and gap
 * @param standard 4 in 30 days
 * @param smart smart sending
 * @param none no cap
 * @param bands engagement bands
 * @param optimizer the optimizer for everybody, opt-outs free
 * @param constrained the optimizer with opt-outs at most the control's, for nine in ten; the
 *     control has the best cap
 * @param control what that control shows
 * @param constrainedForAll value per subscriber if the prices of opt-outs were the same and nobody
 *     were in the control
 * @param oracle who knows the truth
 */
public record Trial(
    List<RunResult> caps,
    RunResult standard,
    RunResult smart,
    RunResult none,
    RunResult bands,
    RunResult optimizer,
    RunResult constrained,
    ControlResult control,
    double constrainedForAll,
    RunResult oracle) {
  private static final double CONTROL = 0.1;

  /** Cap of the first days, until the optimizer knows what a click brings. */
  private static final FixedPolicy PLAIN = FixedPolicy.cap(3, 7);

  /**
   * Runs them.
   *
   * @param progress gets the name of each policy before it runs
   */
  public static Trial run(World world, long seed, int people, Consumer<String> progress) {
    Nature nature = new Nature(world, seed, people);
    List<RunResult> caps = new ArrayList<>();
    FixedPolicy best = FixedPolicy.DEFAULT;
    double bestValue = Double.NEGATIVE_INFINITY;
    for (FixedPolicy cap : FixedPolicy.caps()) {
      progress.accept(cap.name());
      RunResult result = cap.run(nature);
      caps.add(result);
      if (result.value() > bestValue) {
        best = cap;
        bestValue = result.value();
      }
    }
    progress.accept("smart sending, no cap, bands");
    RunResult smart = FixedPolicy.SMART.run(nature);
    RunResult none = FixedPolicy.NONE.run(nature);
    RunResult bands = FixedPolicy.BANDS.run(nature);
    progress.accept("optimizer");
    RunResult optimizer = OptimizedRun.free(nature, PLAIN).run("optimizer");
    progress.accept("optimizer, opt-outs constrained");
    OptimizedRun priced = OptimizedRun.constrained(nature, best, CONTROL);
    RunResult constrained = priced.run("optimizer, opt-outs at most control");
    double forAll = priced.forAll().run("").value();
    progress.accept("oracle");
    return new Trial(
        caps,
        caps.stream().filter(r -> r.policy().equals("4 in 30 d")).findFirst().orElseThrow(),
        smart,
        none,
        bands,
        optimizer,
        constrained,
        priced.control(),
        forAll,
        new Oracle(nature).run());
  }

  /** The cap or gap that brought most. */
  public RunResult best() {
    return caps.stream().max(Comparator.comparingDouble(RunResult::value)).orElseThrow();
  }
}
