package io.heed.cli;

import io.heed.core.config.ConfigException;
import io.heed.core.experiments.ExperimentConfig;
import io.heed.core.experiments.ExperimentForecast;
import io.heed.core.experiments.ExperimentReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code heed plan}: what to expect of an experiment. */
@Command(
    name = "plan",
    description = {
      "Shows how many recipients and days an experiment takes, looked at once and as designed,",
      "how many messages are in flight at the decision, and its power."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  ./heed plan experiment-config/experiments/launch-copy.yaml --sends-per-hour 2000"
    })
final class PlanCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILE", description = "An experiment's file.")
  private Path file;

  @Option(
      names = "--sends-per-hour",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Recipients of the experiment per hour, all arms (default: ${DEFAULT-VALUE}).")
  private double sendsPerHour;

  @Option(
      names = "--lateness-hours",
      paramLabel = "N",
      defaultValue = "1",
      description = "How long late facts are waited for (default: ${DEFAULT-VALUE}).")
  private double latenessHours;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (!(sendsPerHour > 0 && latenessHours >= 0)) {
      throw new UserError("--sends-per-hour must exceed 0, --lateness-hours must not be negative");
    }
    new ExperimentForecast(config(), sendsPerHour, latenessHours)
        .lines()
        .forEach(spec.commandLine().getOut()::println);
    return 0;
  }

  private ExperimentConfig config() {
    try {
      return ExperimentReader.parse(file.toString(), Files.readString(file));
    } catch (IOException e) {
      throw new UserError(file + " cannot be read: " + e.getMessage(), e);
    } catch (ConfigException e) {
      throw new UserError(e.getMessage(), e);
    }
  }
}
