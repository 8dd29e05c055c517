package io.heed.cli.explain;

import io.heed.cli.UserError;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code heed explain}: why the current decision stands. */
@Command(
    name = "explain",
    description =
        "Explains why the current decision about a recipient or an experiment stands, from the warehouse.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  ./heed explain +12125550123",
      "  ./heed explain launch-copy",
      "  ./heed explain 'optimizer|deals|1'"
    })
public final class ExplainCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "ID",
      description =
          "Id of a recipient or an experiment; optimizer|LIST|SALT for a list's optimizer.")
  private String id;

  @Option(
      names = "--config",
      paramLabel = "DIR",
      defaultValue = "${sys:heed.home:-.}/experiment-config",
      description = "Configuration directory, for what was tested (default: ${DEFAULT-VALUE}).")
  private Path configuration;

  @Mixin private WarehouseOptions warehouse;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    try (Connection connection = warehouse.connect()) {
      // The first that knows the id explains it.
      for (Explanation explanation :
          List.of(
              new OptimizerAccount(),
              new RecipientExplanation(),
              new ExperimentAccount(configuration))) {
        List<String> lines = explanation.of(connection, id);
        if (!lines.isEmpty()) {
          lines.forEach(spec.commandLine().getOut()::println);
          return 0;
        }
      }
    } catch (SQLException e) {
      throw warehouse.unreachable(e);
    }
    throw new UserError("nothing has been decided about " + id);
  }
}
