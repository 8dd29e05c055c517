package io.heed.flink.warehouse;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes the statements of migrations those of a cluster: on every replica, with tables that
 * replicate.
 *
 * <p>What a refreshable view keeps in a table of its own stays local: each refresh replaces that
 * table, which the other replicas would not see, and ClickHouse refuses it. Every replica refreshes
 * its own.
 */
final class ClusterDdl {
  private static final Pattern CREATE =
      Pattern.compile(
          "CREATE (?:OR REPLACE )?(DATABASE|TABLE|VIEW|MATERIALIZED VIEW)(?: IF NOT EXISTS)? \\w+");

  private static final Pattern ENGINE = Pattern.compile("\\bENGINE = (?=\\w*MergeTree\\b)");

  private ClusterDdl() {}

  /**
   * The statement as it has to be executed once, on any replica.
   *
   * @param cluster null for one server, where it stays as it is
   * @throws IllegalArgumentException if the statement is of a kind that is not known here
   */
  static String of(String statement, String cluster) {
    if (cluster == null) {
      return statement;
    }
    Matcher create = CREATE.matcher(statement);
    if (!create.lookingAt()) {
      throw new IllegalArgumentException("not known how to apply to a cluster: " + statement);
    }
    String rest = statement.substring(create.end());
    return create.group()
        + " ON CLUSTER '"
        + cluster
        + "'"
        + (create.group(1).equals("TABLE")
            ? ENGINE.matcher(rest).replaceFirst("ENGINE = Replicated")
            : rest);
  }
}
