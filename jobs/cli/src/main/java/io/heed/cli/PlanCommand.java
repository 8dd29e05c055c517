package io.heed.cli;

import io.heed.cli.explain.WarehouseOptions;
import io.heed.core.attribution.AttributionPolicy;
import io.heed.core.attribution.LiftForecast;
import io.heed.core.attribution.LiftForecast.Outcomes;
import io.heed.core.config.ConfigException;
import io.heed.core.experiments.Audience;
import io.heed.core.experiments.ExperimentConfig;
import io.heed.core.experiments.ExperimentForecast;
import io.heed.core.experiments.ExperimentReader;
import io.heed.core.experiments.Traffic;
import io.heed.core.gate.Optimise;
import io.heed.core.gate.Policy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.DoubleConsumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code heed plan}: what to expect of an experiment, or of an optimizer's comparison. */
@Command(
    name = "plan",
    description = {
      "Plays an experiment many times through the engine: how often the better variant wins, what",
      "else becomes of it, after how many recipients and days, how many messages are in flight at",
      "the decision, and which effects the traffic can find. Of a policy (a file in a folder",
      "policies) with optimise: how many people and days it takes to show what it earns."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  ./heed plan experiment-config/experiments/launch-copy.yaml --sends-per-hour 2000",
      "  ./heed plan experiment-config/experiments/launch-copy.yaml --from-warehouse",
      "  ./heed plan experiment-config/examples/policies/optimise.yaml --buyers 0.03 --order-value 60"
    })
final class PlanCommand implements Callable<Integer> {
  private static final Path POLICIES = Path.of("policies");
  private static final Path ATTRIBUTION = Path.of("attribution.yaml");

  @Parameters(paramLabel = "FILE", description = "An experiment's file, or a policy's.")
  private Path file;

  @Option(
      names = "--sends-per-hour",
      paramLabel = "N",
      defaultValue = "1000",
      description = "New recipients per hour, all arms (default: ${DEFAULT-VALUE}).")
  private double sendsPerHour;

  @Option(
      names = "--buyers",
      paramLabel = "SHARE",
      defaultValue = "0.02",
      description = {
        "Of a policy: the share of people who buy within the lift's window (default:",
        "${DEFAULT-VALUE})."
      })
  private double buyers;

  @Option(
      names = "--order-value",
      paramLabel = "AMOUNT",
      defaultValue = "50",
      description = {
        "Of a policy: what one who buys brings on average (default: ${DEFAULT-VALUE}); it is taken",
        "to vary by as much."
      })
  private double orderValue;

  @Option(
      names = "--from-warehouse",
      description = {
        "Take the pace from the warehouse: how many people the audience's lists have reached, each",
        "counted once, in its newest 28 days; of a policy also what they bring. Of revenue without",
        "a cap it says where one belongs."
      })
  private boolean fromWarehouse;

  @Option(
      names = "--lateness-hours",
      paramLabel = "N",
      defaultValue = "1",
      description = "How long late facts are waited for (default: ${DEFAULT-VALUE}).")
  private double latenessHours;

  @Mixin private WarehouseOptions warehouse;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (!(sendsPerHour > 0 && latenessHours >= 0)) {
      throw new UserError("--sends-per-hour must exceed 0, --lateness-hours must not be negative");
    }
    boolean policy = POLICIES.equals(file.toAbsolutePath().normalize().getParent().getFileName());
    List<String> lines = policy ? ofPolicy() : ofExperiment();
    lines.forEach(spec.commandLine().getOut()::println);
    return 0;
  }

  private List<String> ofExperiment() {
    ExperimentConfig config = read(file, ExperimentReader::parse);
    Traffic traffic = Traffic.steady(sendsPerHour);
    List<String> cap = List.of();
    if (fromWarehouse) {
      try (Connection connection = warehouse.connect()) {
        traffic = RecentReach.of(connection, config.audience());
        cap = RecentRevenue.cap(connection, config.primaryMetric());
      } catch (SQLException e) {
        throw warehouse.unreachable(e);
      }
    }
    List<String> lines =
        new ArrayList<>(
            new ExperimentForecast(config, traffic, latenessHours).lines(new ProgressLine()));
    lines.addAll(cap);
    return lines;
  }

  private List<String> ofPolicy() {
    if (!(buyers > 0 && buyers < 1 && orderValue > 0)) {
      throw new UserError("--buyers must lie between 0 and 1, --order-value must exceed 0");
    }
    Policy policy = read(file, Policy::parse);
    Optimise optimise = policy.optimise();
    if (optimise == null || !optimise.compares()) {
      throw new UserError(
          file + ": optimise: there is nothing to compare without mode test or on and a control");
    }
    Path beside = file.resolveSibling(ATTRIBUTION);
    AttributionPolicy attribution =
        Files.exists(beside) ? read(beside, AttributionPolicy::parse) : AttributionPolicy.DEFAULTS;
    Traffic traffic = Traffic.steady(sendsPerHour);
    Outcomes outcomes = new Outcomes(buyers, orderValue, orderValue);
    if (fromWarehouse) {
      Audience audience = new Audience(policy.lists(), Set.of());
      try (Connection connection = warehouse.connect()) {
        traffic = RecentReach.of(connection, audience);
        outcomes = RecentRevenue.perPerson(connection, audience, attribution.liftWindow());
      } catch (SQLException e) {
        throw warehouse.unreachable(e);
      }
    }
    return new LiftForecast(optimise, attribution, traffic, outcomes).lines();
  }

  /** Shows on a terminal how much of the simulations is done. */
  private static final class ProgressLine implements DoubleConsumer {
    private int shown;

    @Override
    public synchronized void accept(double done) {
      int percent = (int) (100 * done);
      if (percent > shown && Ansi.AUTO.enabled()) {
        shown = percent;
        System.err.print(percent < 100 ? "\rsimulating: " + percent + " %" : "\r\u001b[K");
        System.err.flush();
      }
    }
  }

  /** Reads a document from its name and text. */
  private interface Parser<T> {
    T parse(String name, String text) throws ConfigException;
  }

  private static <T> T read(Path path, Parser<T> parser) {
    try {
      return parser.parse(path.toString(), Files.readString(path));
    } catch (IOException e) {
      throw UserError.of(path.toString(), e);
    } catch (ConfigException e) {
      throw new UserError(e.getMessage(), e);
    }
  }
}
