package io.heed.flink.warehouse;

import com.clickhouse.client.api.ClickHouseException;
import com.clickhouse.client.api.ServerException;
import com.clickhouse.jdbc.Driver;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.WarehouseRetention;
import java.io.IOException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLPeerUnverifiedException;

/** The warehouse's database: how to reach it, and which of its errors pass by themselves. */
public final class Database {
  /**
   * Errors of a server that is busy, starting or going down, beside those that the driver calls
   * retryable: no DNS answer, aborted, no space, query cancelled (by the server, by the client), no
   * thread free, overloaded.
   */
  private static final Set<Integer> PASSING = Set.of(198, 236, 243, 394, 439, 735, 745);

  /** User unknown, password wrong or missing, right missing, authentication failed. */
  private static final Set<Integer> DENIED = Set.of(192, 193, 194, 497, 516);

  /** Table, database unknown. */
  private static final Set<Integer> MISSING = Set.of(60, 81);

  /** Server, database and parameters. */
  private static final Pattern URL =
      Pattern.compile("(jdbc:(?:clickhouse|ch):(?:https?:)?//[^/?]+)(?:/[^?]*)?(.*)");

  /** User and password before the host, and parameters. */
  private static final Pattern URL_SECRETS = Pattern.compile("(?<=//)[^/?]*@|\\?.*");

  private static final int TIMEOUT_SECONDS = 8;

  private final JobOptions options;

  Database(JobOptions options) {
    this.options = options;
  }

  /** Its name, a plain identifier. */
  String name() {
    return options.database();
  }

  /** Cluster on whose replicas the tables are; null for one server. */
  String cluster() {
    return options.clickhouseCluster();
  }

  /** How long rows are kept. */
  WarehouseRetention keep() {
    return options.keep();
  }

  /** A connection whose unqualified names mean this database, whatever the URL names. */
  Connection connect() throws SQLException {
    return connect(name());
  }

  /** A connection for a time when this database may not exist yet. */
  Connection connectBesides() throws SQLException {
    return connect("system");
  }

  private Connection connect(String database) throws SQLException {
    Properties properties = new Properties();
    properties.put("user", options.clickhouseUser());
    properties.put("password", options.password());
    properties.put("client_name", "heed-warehouse");
    // A batch goes as one binary block instead of a text that the server has to parse.
    properties.put("beta.row_binary_for_simple_insert", "true");
    // A replay's batch may reach over many months, each a partition.
    properties.put("clickhouse_setting_max_partitions_per_insert_block", "0");
    if (cluster() != null) {
      // A replicated table drops a block that comes again, and with it what goes on to other
      // tables.
      properties.put("clickhouse_setting_insert_deduplicate", "0");
    }
    // Retrying is ours: the driver's own would send what is left of a half-read batch.
    properties.put("retry", "0");
    properties.put("connection_timeout", "5000");
    properties.put("socket_timeout", "120000");
    Matcher url = URL.matcher(options.clickhouseUrl());
    if (!url.matches()) {
      throw new IllegalArgumentException(
          "--clickhouse-url %s: jdbc:clickhouse://HOST:PORT is needed"
              .formatted(options.clickhouseUrl()));
    }
    return new Driver().connect(url.group(1) + "/" + database + url.group(2), properties);
  }

  /**
   * Connects once, for a user who starts the job.
   *
   * @return what is in the way and passes by itself, for the user; null if nothing is
   * @throws IllegalStateException if the server refuses, with what to check
   */
  String obstacle() {
    try (Connection connection = connectBesides();
        Statement statement = connection.createStatement()) {
      statement.setQueryTimeout(TIMEOUT_SECONDS);
      statement.execute("SELECT 1");
      requireCluster(statement);
      return null;
    } catch (SQLException e) {
      String problem = problem(options.clickhouseUrl(), options.clickhouseUser(), e);
      if (passes(e)) {
        return problem;
      }
      throw new IllegalStateException(problem, e);
    }
  }

  /**
   * Makes sure that the server knows the cluster, if there is to be one.
   *
   * @throws IllegalStateException with the clusters that it knows
   */
  void requireCluster() throws SQLException {
    if (cluster() != null) {
      try (Connection connection = connectBesides();
          Statement statement = connection.createStatement()) {
        requireCluster(statement);
      }
    }
  }

  private void requireCluster(Statement statement) throws SQLException {
    if (cluster() == null) {
      return;
    }
    Map<String, Integer> shards = new TreeMap<>();
    try (ResultSet row =
        statement.executeQuery("SELECT cluster, max(shard_num) FROM system.clusters GROUP BY 1")) {
      while (row.next()) {
        shards.put(row.getString(1), row.getInt(2));
      }
    }
    if (!shards.containsKey(cluster())) {
      throw new IllegalStateException(
          "--clickhouse-cluster %s: ClickHouse at %s has no such cluster; its system.clusters has %s"
              .formatted(
                  cluster(),
                  withoutSecrets(options.clickhouseUrl()),
                  shards.isEmpty() ? "none" : String.join(", ", shards.keySet())));
    }
    if (shards.get(cluster()) > 1) {
      throw new IllegalStateException(
          "--clickhouse-cluster %s: it has %d shards, and Heed's tables need a cluster of one, with any number of replicas"
              .formatted(cluster(), shards.get(cluster())));
    }
  }

  /** A JDBC URL as it may be shown. */
  public static String withoutSecrets(String url) {
    return URL_SECRETS.matcher(url).replaceAll("");
  }

  /** What is wrong with a server that refuses or does not respond, and what to check. */
  public static String problem(String url, String user, SQLException e) {
    String server = withoutSecrets(url);
    if (passes(e)) {
      return "ClickHouse at %s does not respond: %s; check that it runs at this address"
          .formatted(server, rootMessage(e));
    }
    String check =
        isUntrusted(e)
            ? "; check its certificate, and sslrootcert in --clickhouse-url"
            : DENIED.contains(code(e))
                ? "; check --clickhouse-user %s and --clickhouse-password-file".formatted(user)
                : MISSING.contains(code(e))
                    ? "; check --database, and that the job warehouse has started once"
                    : "";
    return "ClickHouse at %s cannot be used: %s%s".formatted(server, rootMessage(e), check);
  }

  /** ClickHouse's number of an error; 0 if it is none of the server's. */
  private static int code(SQLException error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof ServerException server) {
        return server.getCode();
      }
    }
    return error.getErrorCode();
  }

  private static String rootMessage(Throwable error) {
    Throwable root = error;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage()).lines().findFirst().orElse("");
  }

  private static boolean isUntrusted(Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof CertificateException
          || cause instanceof CertPathBuilderException
          || cause instanceof SSLPeerUnverifiedException) {
        return true;
      }
    }
    return false;
  }

  /** Whether it can be waited out: the server or the way to it is away or overloaded. */
  static boolean passes(Throwable error) {
    if (isUntrusted(error)) {
      return false;
    }
    boolean lineBroke = false;
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof ServerException server) {
        return server.isRetryable()
            || PASSING.contains(server.getCode())
            || server.getTransportProtocolCode() >= 502;
      }
      lineBroke |=
          cause instanceof IOException
              || cause instanceof TimeoutException
              || (cause instanceof ClickHouseException client && client.isRetryable());
    }
    return lineBroke;
  }
}
