package io.heed.flink.streaming;

import io.heed.core.model.TopicNames;
import java.io.Serializable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.util.TimeUtils;

/**
 * Options of a job, the same on the command line of {@code heed run} and of {@code flink run}.
 *
 * @param kafka bootstrap servers
 * @param topicPrefix put before every topic's name
 * @param partitions of topics that have to be created
 * @param latenessMillis how far watermarks stay behind event time
 * @param horizonMillis how long windows and ids are kept, in event time
 * @param idleMillis silence after which a partition no longer holds event time back
 * @param parallelism of the job's operators
 * @param bounded whether the job ends where its topics end now, instead of waiting for more
 * @param clickhouseUrl JDBC URL of the warehouse
 * @param clickhouseUser its user
 * @param clickhousePasswordFile file with the user's password; empty for none
 * @param database of the warehouse
 * @param reservationMillis how long the send gate's ALLOW holds its slot
 * @param staleAfterMillis age of an unread record from which on the send gate defers
 */
public record JobOptions(
    String kafka,
    String topicPrefix,
    int partitions,
    long latenessMillis,
    long horizonMillis,
    long idleMillis,
    int parallelism,
    boolean bounded,
    String clickhouseUrl,
    String clickhouseUser,
    String clickhousePasswordFile,
    String database,
    long reservationMillis,
    long staleAfterMillis)
    implements Serializable {

  /** Defaults for the servers of a local stack. */
  public static final JobOptions DEFAULTS =
      new JobOptions(
          "127.0.0.1:9092",
          "",
          4,
          Duration.ofHours(1).toMillis(),
          Duration.ofDays(35).toMillis(),
          Duration.ofSeconds(10).toMillis(),
          1,
          false,
          "jdbc:clickhouse://127.0.0.1:8123",
          "default",
          "",
          "heed",
          Duration.ofMinutes(10).toMillis(),
          Duration.ofSeconds(60).toMillis());

  private static final Map<String, String> HELP = new LinkedHashMap<>();

  static {
    HELP.put("kafka", "bootstrap servers, HOST:PORT");
    HELP.put("topic-prefix", "prefix of every topic's name");
    HELP.put("partitions", "partitions of topics that have to be created");
    HELP.put("lateness", "how far watermarks stay behind event time, such as 1h");
    HELP.put("horizon", "how long windows and ids are kept, such as 35d");
    HELP.put(
        "idle-after", "silence after which a partition no longer holds time back, such as 10s");
    HELP.put("parallelism", "parallelism of the job");
    HELP.put("bounded", "true: end where the topics end now instead of waiting for more");
    HELP.put("clickhouse-url", "JDBC URL of the warehouse");
    HELP.put("clickhouse-user", "user of the warehouse");
    HELP.put("clickhouse-password-file", "file that holds the user's password");
    HELP.put("database", "database of the warehouse");
    HELP.put("reservation", "how long the send gate's ALLOW holds its slot, such as 10m");
    HELP.put("stale-after", "age of an unread record from which on the send gate defers");
  }

  /**
   * Reads {@code --name value} pairs; what is not given is the default.
   *
   * @throws IllegalArgumentException with the option and what is allowed
   */
  public static JobOptions fromArgs(String... args) {
    Map<String, String> given = pairs(args);
    JobOptions d = DEFAULTS;
    return new JobOptions(
        given.getOrDefault("kafka", d.kafka),
        given.getOrDefault("topic-prefix", d.topicPrefix),
        positive(given, "partitions", d.partitions),
        millis(given, "lateness", d.latenessMillis),
        millis(given, "horizon", d.horizonMillis),
        millis(given, "idle-after", d.idleMillis),
        positive(given, "parallelism", d.parallelism),
        bool(given, "bounded", d.bounded),
        given.getOrDefault("clickhouse-url", d.clickhouseUrl),
        given.getOrDefault("clickhouse-user", d.clickhouseUser),
        given.getOrDefault("clickhouse-password-file", d.clickhousePasswordFile),
        identifier(given, "database", d.database),
        millis(given, "reservation", d.reservationMillis),
        millis(given, "stale-after", d.staleAfterMillis));
  }

  /** The options as {@code --name value} pairs, which {@link #fromArgs} reads back. */
  public String[] toArgs() {
    List<String> args = new ArrayList<>();
    String[] values = {
      kafka,
      topicPrefix,
      "" + partitions,
      text(latenessMillis),
      text(horizonMillis),
      text(idleMillis),
      "" + parallelism,
      "" + bounded,
      clickhouseUrl,
      clickhouseUser,
      clickhousePasswordFile,
      database,
      text(reservationMillis),
      text(staleAfterMillis)
    };
    int i = 0;
    for (String name : HELP.keySet()) {
      args.add("--" + name);
      args.add(values[i++]);
    }
    return args.toArray(String[]::new);
  }

  private static String text(long millis) {
    return TimeUtils.formatWithHighestUnit(Duration.ofMillis(millis)).replace(" ", "");
  }

  /** Names and meanings of the options, in order. */
  public static Map<String, String> help() {
    return Collections.unmodifiableMap(HELP);
  }

  /** Names of the topics in this deployment. */
  public TopicNames topicNames() {
    return new TopicNames(topicPrefix);
  }

  /** File of the password, or null. */
  public Path passwordFile() {
    return clickhousePasswordFile.isEmpty() ? null : Path.of(clickhousePasswordFile);
  }

  private static Map<String, String> pairs(String[] args) {
    Map<String, String> given = new LinkedHashMap<>();
    Set<String> known = HELP.keySet();
    for (int i = 0; i < args.length; i += 2) {
      String name = args[i].startsWith("--") ? args[i].substring(2) : "";
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            "unknown option " + args[i] + ", allowed: --" + String.join(", --", known));
      }
      if (i + 1 == args.length) {
        throw new IllegalArgumentException(args[i] + " needs a value: " + HELP.get(name));
      }
      given.put(name, args[i + 1]);
    }
    return given;
  }

  private static int positive(Map<String, String> given, String name, int orElse) {
    String text = given.get(name);
    try {
      int value = text == null ? orElse : Integer.parseInt(text);
      if (value > 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      // The message below says it.
    }
    throw new IllegalArgumentException("--" + name + " " + text + ": a number from 1 is needed");
  }

  private static boolean bool(Map<String, String> given, String name, boolean orElse) {
    String text = given.getOrDefault(name, "" + orElse);
    if (!text.matches("true|false")) {
      throw new IllegalArgumentException("--" + name + " " + text + ": true or false is needed");
    }
    return text.equals("true");
  }

  private static long millis(Map<String, String> given, String name, long orElse) {
    String text = given.get(name);
    try {
      return text == null ? orElse : TimeUtils.parseDuration(text).toMillis();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "--" + name + " " + text + ": a duration such as 10s, 1h or 35d is needed", e);
    }
  }

  /** The database's name becomes part of SQL, so it may only be a plain identifier. */
  private static String identifier(Map<String, String> given, String name, String orElse) {
    String text = given.getOrDefault(name, orElse);
    if (!text.matches("[A-Za-z_][A-Za-z0-9_]{0,62}")) {
      throw new IllegalArgumentException(
          "--" + name + " " + text + ": letters, digits and _ are allowed");
    }
    return text;
  }
}
