package io.heed.cli;

import io.heed.cli.config.ConfigFile;
import io.heed.cli.config.ConfigWarnings;
import io.heed.core.gate.Policy;
import io.heed.core.hours.Reading;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code heed check}: is the configuration valid? */
@Command(
    name = "check",
    description = {
      "Validates every document of a configuration directory.",
      "Mistakes are reported as FILE:LINE: FIELD: what is wrong (allowed: ...), with exit code 2.",
      "What is valid and most likely not meant is a warning, with exit code 0."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  ./heed check experiment-config"})
final class CheckCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "DIR",
      arity = "0..1",
      defaultValue = ConfigOptions.DEFAULT_DIRECTORY,
      description = "Configuration directory (default: ${DEFAULT-VALUE}).")
  private Path directory;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    List<ConfigFile> files = ConfigFile.readAll(directory);
    spec.commandLine().getOut().println(directory + " is valid: " + summary(files));
    readings(files).forEach(spec.commandLine().getOut()::println);
    ConfigWarnings.of(files).forEach(spec.commandLine().getOut()::println);
    return 0;
  }

  /** Which reading of the law each policy leads to. */
  static List<String> readings(List<ConfigFile> files) {
    List<String> readings = new ArrayList<>();
    for (ConfigFile file : files) {
      if (file.document() instanceof Policy policy) {
        boolean settled = policy.law() == Reading.SETTLED;
        readings.add(
            "policy %s: law: %s%s"
                .formatted(
                    policy.id(),
                    settled ? "settled" : "strict",
                    settled
                        ? ", laws on which sources differ are left out"
                        : policy.law() == null ? " (default)" : ""));
      }
    }
    if (readings.isEmpty()) {
      readings.add("no policy: law: strict (default)");
    }
    return readings;
  }

  /** Such as {@code 3 documents (2 experiment, 1 policy)}. */
  static String summary(List<ConfigFile> files) {
    String kinds =
        files.stream()
            .collect(
                Collectors.groupingBy(
                    file -> file.kind().name(), TreeMap::new, Collectors.counting()))
            .entrySet()
            .stream()
            .map(kind -> kind.getValue() + " " + kind.getKey())
            .collect(Collectors.joining(", "));
    return files.size()
        + (files.size() == 1 ? " document" : " documents")
        + (kinds.isEmpty() ? "" : " (" + kinds + ")");
  }
}
