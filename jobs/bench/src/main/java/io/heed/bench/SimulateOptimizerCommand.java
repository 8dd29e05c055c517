package io.heed.bench;

import io.heed.cli.Subcommand;
import io.heed.cli.UserError;
import io.heed.sim.optimizer.Trial;
import io.heed.sim.optimizer.World;
import io.heed.sim.optimizer.WorldSummary;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code heed simulate-optimizer}: the optimizer against other policies where the truth is known.
 */
@Command(
    name = "simulate-optimizer",
    description = {
      "Simulates two years of a list in worlds with known truth: the optimizer against fixed caps,",
      "gaps, smart sending, engagement bands, no cap, and an oracle. Prints tables in Markdown:",
      "means over seeds with standard errors. The full run takes a night on one processor.",
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  ./heed simulate-optimizer",
      "  ./heed simulate-optimizer --seeds 2 --people 3000 --worlds differ,equal",
    })
public final class SimulateOptimizerCommand implements Subcommand {
  private static final int MIN_PEOPLE = 100;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      defaultValue = "20",
      description = "Worlds drawn of each kind (default: ${DEFAULT-VALUE}).")
  private int seeds;

  @Option(
      names = "--first-seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of the first world; the others follow it (default: ${DEFAULT-VALUE}).")
  private int firstSeed;

  @Option(
      names = "--people",
      paramLabel = "N",
      defaultValue = "20000",
      description = "Subscribers of a world (default: ${DEFAULT-VALUE}).")
  private int people;

  @Option(
      names = "--worlds",
      paramLabel = "NAME",
      split = ",",
      description = "Only these worlds, separated by commas (default: all).")
  private List<String> names = List.of();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (seeds < 1) {
      throw new UserError("--seeds " + seeds + ": 1 or more is needed");
    }
    if (people < MIN_PEOPLE) {
      throw new UserError("--people " + people + ": " + MIN_PEOPLE + " or more are needed");
    }
    List<String> known = World.ALL.stream().map(World::name).toList();
    for (String name : names) {
      if (!known.contains(name)) {
        throw new UserError(
            "--worlds %s: allowed are %s".formatted(name, String.join(", ", known)));
      }
    }
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "seeds %d to %d, %,d people, %d days%n%n",
        firstSeed, firstSeed + seeds - 1, people, World.DAYS);
    WorldSummary.policyHead().forEach(out::println);
    List<WorldSummary> summaries = new ArrayList<>();
    for (World world : World.ALL) {
      if (names.isEmpty() || names.contains(world.name())) {
        WorldSummary summary = simulate(world);
        summaries.add(summary);
        summary.policyLines().forEach(out::println);
        out.flush();
      }
    }
    out.println();
    WorldSummary.goalHead().forEach(out::println);
    summaries.forEach(summary -> out.println(summary.goalLine()));
    out.println();
    summaries.forEach(summary -> summary.shockLines().forEach(out::println));
    out.flush();
    return 0;
  }

  private WorldSummary simulate(World world) {
    List<Trial> trials = new ArrayList<>();
    for (int seed = firstSeed; seed < firstSeed + seeds; seed++) {
      String at = "%s, seed %d".formatted(world.name(), seed);
      trials.add(Trial.run(world, seed, people, policy -> progress(at + ": " + policy)));
    }
    progress("");
    return new WorldSummary(world, trials);
  }

  /** One line that is written over, on a terminal only. */
  private static void progress(String text) {
    if (Ansi.AUTO.enabled()) {
      System.err.print("\r\u001b[K" + text);
      System.err.flush();
    }
  }
}
