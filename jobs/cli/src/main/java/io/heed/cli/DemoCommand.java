package io.heed.cli;

import io.heed.cli.demo.Demo;
import io.heed.cli.local.LocalStack;
import io.heed.core.config.ConfigException;
import io.heed.core.model.TopicNames;
import io.heed.sim.Scenario;
import io.heed.sim.Scenarios;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/**
 * {@code heed demo}: the whole stack under simulated traffic, its results held against the truth.
 */
@Command(
    name = "demo",
    description = {
      "Starts Kafka, ClickHouse and Flink on this machine, runs every job, plays 30 days of simulated"
          + " history and then live traffic.",
      "With --for, stops the traffic at the end and compares what ClickHouse says with the truth:"
          + " exit code 0 if they agree. Without, goes on until Ctrl-C."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  ./heed demo --for 2m",
      "  ./heed demo --scenario opt-out-spike --rate 500 --data-dir /tmp/spike",
    })
final class DemoCommand implements Callable<Integer> {
  private static final int DIFFERS = 1;
  private static final String WAREHOUSE = "warehouse";

  @Option(
      names = "--for",
      paramLabel = "TIME",
      converter = TimeConverter.class,
      description = "How long live traffic goes on, such as 90s, 2m, 1h (default: until Ctrl-C).")
  private Duration length;

  @Option(
      names = "--scenario",
      paramLabel = "NAME|FILE",
      defaultValue = "default",
      description =
          "What happens: default, carrier-outage, opt-out-spike, a-a-test, quiet, or a file.")
  private String scenarioName;

  @Option(
      names = "--recipients",
      paramLabel = "N",
      description = "People (default: the scenario's).")
  private Integer recipients;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Live events a second (default: the scenario's).")
  private Integer rate;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of all chance (default: the scenario's).")
  private Long seed;

  @Mixin private StackOptions stackOptions;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException, IOException {
    Scenario scenario = scenario();
    require(
        stackOptions.jobs().contains(WAREHOUSE),
        "--jobs",
        WAREHOUSE + ", whose rows are compared,");
    PrintWriter out = spec.commandLine().getOut();
    Path directory = stackOptions.dataDirectory();
    Preview preview = stackOptions.preview(spec);
    try (LocalStack stack = LocalStack.start(stackOptions.builder(spec).build());
        Preview running = preview.start(stack.endpoints());
        Demo demo =
            new Demo(
                stack.endpoints(),
                new TopicNames(stackOptions.topicPrefix()),
                scenario,
                stackOptions.jobs(),
                out,
                Ansi.AUTO.enabled())) {
      LocalCommand.printEndpoints(out, stack.endpoints(), running);
      out.flush();
      demo.playHistory();
      out.println("ready");
      out.flush();
      try {
        demo.live(length);
      } catch (InterruptedException e) {
        demo.writeTruth(directory);
        out.println("stopped");
        return 0;
      }
      boolean agrees = demo.finish(directory);
      if (!agrees && !stack.areJobsRunning()) {
        out.println("Not every job runs, see " + directory.resolve("logs").resolve("flink.log"));
      }
      out.printf(
          "%nThe truth is in %s, the results in %s%n",
          directory.resolve("truth.json"), directory.resolve("summary.json"));
      out.printf("To look around in the results: ./heed local --data-dir %s%n", directory);
      return agrees ? 0 : DIFFERS;
    }
  }

  private Scenario scenario() {
    require(recipients == null || recipients > 0, "--recipients", "a number from 1");
    require(rate == null || rate >= 0, "--rate", "a number from 0");
    try {
      return Scenarios.load(scenarioName).with(seed, recipients, rate);
    } catch (ConfigException e) {
      throw new UserError(e.getMessage(), e);
    } catch (IOException e) {
      throw new UserError(
          "there is no scenario '%s': give a file, or one of %s"
              .formatted(scenarioName, String.join(", ", Scenarios.SHIPPED)),
          e);
    }
  }

  private static void require(boolean holds, String option, String needed) {
    if (!holds) {
      throw new UserError(option + ": " + needed + " is needed");
    }
  }

  /** A length of time as people write it. */
  static final class TimeConverter implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      try {
        Duration length = Duration.parse("PT" + text.toUpperCase(Locale.ROOT));
        if (!length.isNegative()) {
          return length;
        }
      } catch (DateTimeParseException e) {
        // The message below says it.
      }
      throw new TypeConversionException(
          "'" + text + "' is not a length of time such as 90s, 2m or 1h30m");
    }
  }
}
