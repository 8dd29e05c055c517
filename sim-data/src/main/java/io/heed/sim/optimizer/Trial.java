package io.heed.sim.optimizer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/** All policies in one world with one seed. */
public record Trial(
    List<RunResult> caps,
    RunResult standard,
    RunResult smart,
    RunResult none,
    RunResult bands,
    RunResult optimizer,
    RunResult optimizerPriced,
    RunResult oracle) {

  /**
   * Runs them.
   *
   * @param progress gets the name of each policy before it runs
   */
  public static Trial run(World world, long seed, int people, Consumer<String> progress) {
    Nature nature = new Nature(world, seed, people);
    List<RunResult> caps = new ArrayList<>();
    for (FixedPolicy cap : FixedPolicy.caps()) {
      progress.accept(cap.name());
      caps.add(cap.run(nature));
    }
    progress.accept("optimizer");
    RunResult optimizer =
        new OptimizedRun(nature, FixedPolicy.cap(3, 7), 0, false).run("optimizer");
    progress.accept("oracle");
    RunResult oracle = new Oracle(nature).run();
    return new Trial(
        caps,
        FixedPolicy.DEFAULT.run(nature),
        FixedPolicy.SMART.run(nature),
        FixedPolicy.NONE.run(nature),
        FixedPolicy.BANDS.run(nature),
        optimizer,
        null,
        oracle);
  }

  /** The cap or gap that brought most. */
  public RunResult best() {
    return caps.stream().max(Comparator.comparingDouble(RunResult::value)).orElseThrow();
  }

  public static void main(String[] args) {
    int people = Integer.parseInt(args[0]);
    int seeds = Integer.parseInt(args[1]);
    for (World world : World.ALL) {
      if (args.length > 2 && !List.of(args[2].split(",")).contains(world.name())) continue;
      for (int seed = 1; seed <= seeds; seed++) {
        long t = System.nanoTime();
        Trial r = run(world, seed, people, s -> {});
        System.out.printf("%s seed %d (%.1f s)%n", world.name(), seed, (System.nanoTime() - t) / 1e9);
        for (RunResult x :
            List.of(r.standard, r.smart, r.none, r.bands, r.best(), r.optimizer, r.oracle)) {
          System.out.printf(
              "  %-20s value %6.2f opt-outs %.3f messages %.1f  vs best %+.1f%%%n",
              x.policy(), x.value(), x.optOuts(), x.messages(), 100 * (x.value() / r.best().value() - 1));
        }
      }
    }
  }
}
