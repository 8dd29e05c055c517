package io.heed.cli.explain;

import io.heed.cli.UserError;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code heed audit}: the consent ledger of one person. */
@Command(
    name = "audit",
    description = "Prints every consent, revocation and message of one recipient, oldest first.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  ./heed audit +12125550123"})
public final class AuditCommand implements Callable<Integer> {
  private static final String LEDGER =
      """
      SELECT toUnixTimestamp64Milli(event_time) AS at, what, scope, method, evidence
      FROM consent_ledger WHERE recipient_id = ? ORDER BY event_time, what, scope, method
      """;

  @Parameters(paramLabel = "RECIPIENT", description = "The recipient's id.")
  private String recipient;

  @Mixin private WarehouseOptions warehouse;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    try (Connection connection = warehouse.connect()) {
      List<String> lines = Ledger.lines(connection, LEDGER, recipient, row -> line(row));
      if (lines.isEmpty()) {
        throw new UserError("the ledger holds nothing of " + recipient);
      }
      lines.forEach(spec.commandLine().getOut()::println);
      return 0;
    } catch (SQLException e) {
      throw warehouse.unreachable(e);
    }
  }

  private static String line(ResultSet row) throws SQLException {
    String scope = row.getString(3);
    String method = row.getString(4);
    String evidence = row.getString(5);
    return "%s  %-10s  %-20s  %-11s  %s"
        .formatted(
            Instant.ofEpochMilli(row.getLong(1)),
            row.getString(2),
            scope.equals("*") ? "everything" : scope,
            method,
            evidence)
        .stripTrailing();
  }
}
