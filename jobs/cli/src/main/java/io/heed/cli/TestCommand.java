package io.heed.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code heed test}, as help shows it. The script {@code heed} runs it without this program, whose
 * jar the tests' build replaces.
 */
@Command(
    name = "test",
    description = "Builds everything and runs every test; the last lines are the counts.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  ./heed test --proof"})
final class TestCommand implements Callable<Integer> {
  @Option(names = "--proof", description = "Adds the long tests, which take hours.")
  private boolean proof;

  @Option(
      names = "--coverage",
      description = "Measures how much of each module its tests reach, a line each at the end.")
  private boolean coverage;

  @Option(
      names = "--fuzz",
      paramLabel = "DURATION",
      description = "Gives the fuzzing of everything that reads input so much time, such as 10m.")
  private String fuzz;

  @Override
  public Integer call() {
    throw new UserError(
        "tests run from the sources, by the script: ./heed test"
            + (proof ? " --proof" : "")
            + (coverage ? " --coverage" : "")
            + (fuzz == null ? "" : " --fuzz " + fuzz));
  }
}
