package io.heed.cli;

import io.heed.core.config.ConfigException;
import io.heed.sim.Scenario;
import io.heed.sim.Scenarios;
import java.io.IOException;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Collection;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** What traffic is simulated. */
final class ScenarioOptions {
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

  /** How long live traffic goes on; null: until the thread is interrupted. */
  Duration length() {
    return length;
  }

  /** The scenario with its options. */
  Scenario scenario() {
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

  /** Only the warehouse's rows can be held against the truth. */
  static void requireWarehouse(Collection<String> jobs) {
    require(jobs.contains(WAREHOUSE), "--jobs", WAREHOUSE + ", whose rows are compared,");
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
