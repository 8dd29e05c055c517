package io.heed.cli;

import io.heed.cli.explain.WarehouseOptions;
import io.heed.core.config.ConfigException;
import io.heed.core.experiments.ExperimentConfig;
import io.heed.core.experiments.ExperimentForecast;
import io.heed.core.experiments.ExperimentReader;
import io.heed.core.experiments.Traffic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.DoubleConsumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code heed plan}: what to expect of an experiment. */
@Command(
    name = "plan",
    description = {
      "Plays an experiment many times through the engine: how often the better variant wins, what",
      "else becomes of it, after how many recipients and days, how many messages are in flight at",
      "the decision, and which effects the traffic can find."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  ./heed plan experiment-config/experiments/launch-copy.yaml --sends-per-hour 2000",
      "  ./heed plan experiment-config/experiments/launch-copy.yaml --from-warehouse"
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
      names = "--from-warehouse",
      description = {
        "Take the pace from the warehouse: how many people the audience's lists have reached, each",
        "counted once, in its newest 28 days. Of revenue without a cap it says where one belongs."
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
    ExperimentConfig config = config();
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
        new ExperimentForecast(config, traffic, latenessHours).lines(new ProgressLine());
    lines.forEach(spec.commandLine().getOut()::println);
    cap.forEach(spec.commandLine().getOut()::println);
    return 0;
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
