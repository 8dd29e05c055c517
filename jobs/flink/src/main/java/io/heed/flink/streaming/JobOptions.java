package io.heed.flink.streaming;

import io.heed.core.config.FileProblem;
import io.heed.core.model.RecipientIds;
import io.heed.core.model.TopicNames;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.description.HtmlFormatter;
import org.apache.flink.util.TimeUtils;

/**
 * Options of a job, the same on the command line of {@code heed run} and of {@code flink run}. Each
 * is declared once, here: command lines, {@code --help} and the table in docs/operations.md follow.
 */
public final class JobOptions implements Serializable {
  private static final Map<String, ConfigOption<?>> DECLARED = new LinkedHashMap<>();

  private static final ConfigOption<String> KAFKA =
      text("kafka", "127.0.0.1:9092", "bootstrap servers, HOST:PORT");
  private static final ConfigOption<String> KAFKA_CONFIG =
      text("kafka-config", "", "file of Kafka client properties, such as TLS and SASL");
  private static final ConfigOption<String> TOPIC_PREFIX =
      text("topic-prefix", "", "prefix of every topic's name");
  private static final ConfigOption<Integer> PARTITIONS =
      number("partitions", 4, "partitions of topics that have to be created");
  private static final ConfigOption<Integer> REPLICATION_FACTOR =
      number("replication-factor", -1, "replicas of topics that are created; -1: the broker's");
  private static final ConfigOption<Integer> MIN_INSYNC_REPLICAS =
      number(
          "min-insync-replicas",
          -1,
          "replicas that have to acknowledge, of topics that are created; -1: the broker's");
  private static final ConfigOption<Boolean> CREATE_TOPICS =
      declare(
          ConfigOptions.key("create-topics").booleanType().defaultValue(true),
          "false: topics that are missing are an error, see heed topics");
  private static final ConfigOption<Duration> LATENESS =
      duration("lateness", Duration.ofHours(1), "how far watermarks stay behind event time");
  private static final ConfigOption<Duration> HORIZON =
      duration("horizon", Duration.ofDays(35), "how long windows and ids are kept, in event time");
  private static final ConfigOption<Duration> IDLE_AFTER =
      duration(
          "idle-after",
          Duration.ofSeconds(10),
          "silence after which a partition no longer holds event time back");
  private static final ConfigOption<Integer> PARALLELISM =
      number(
          "parallelism",
          1,
          "parallelism of the job; that of flink run -p holds unless this is given");
  private static final ConfigOption<Boolean> BOUNDED =
      declare(
          ConfigOptions.key("bounded").booleanType().defaultValue(false),
          "true: end where the topics end now instead of waiting for more");
  private static final ConfigOption<String> CLICKHOUSE_URL =
      text("clickhouse-url", "jdbc:clickhouse://127.0.0.1:8123", "JDBC URL of the warehouse");
  private static final ConfigOption<String> CLICKHOUSE_USER =
      text("clickhouse-user", "default", "user of the warehouse");
  private static final ConfigOption<String> CLICKHOUSE_PASSWORD_FILE =
      text("clickhouse-password-file", "", "file that holds the user's password");
  private static final ConfigOption<String> DATABASE =
      text("database", "heed", "database of the warehouse");
  private static final ConfigOption<String> CLICKHOUSE_CLUSTER =
      text(
          "clickhouse-cluster",
          "",
          "cluster of ClickHouse on whose replicas the warehouse makes its tables; none: one server");
  private static final ConfigOption<Duration> RESERVATION =
      duration("reservation", Duration.ofMinutes(10), "how long an ALLOW holds its slot");
  private static final ConfigOption<Duration> STALE_AFTER =
      duration(
          "stale-after",
          Duration.ofSeconds(60),
          "age of an unread record from which on the send gate defers");

  private static final ConfigOption<String> DEFAULT_COUNTRY =
      text(
          "default-country",
          "US",
          "country of phone numbers that are written without a plus; none: they are pseudonyms");

  private static final ConfigOption<String> KEEP =
      text(
          "keep",
          "",
          "how long the warehouse keeps what, such as events=13mo,decisions=13mo; what is not named: for ever");

  private static final ConfigOption<String> ERASURE_KEY =
      text("erasure-key", "", "file of the key by which erased people are recognised");

  private static final List<ConfigOption<String>> FILES =
      List.of(KAFKA_CONFIG, CLICKHOUSE_PASSWORD_FILE, ERASURE_KEY);

  /** Defaults for the servers of a local stack. */
  public static final JobOptions DEFAULTS = new JobOptions(Map.of());

  /** What was given, as text; the rest has its default. */
  private final LinkedHashMap<String, String> given;

  private transient Configuration values;

  private JobOptions(Map<String, String> given) {
    this.given = new LinkedHashMap<>(given);
    DECLARED.values().forEach(this::check);
  }

  /**
   * Reads {@code --name value} pairs; what is not given is the default.
   *
   * @throws IllegalArgumentException with the option and what is allowed
   */
  public static JobOptions fromArgs(String... args) {
    Map<String, String> given = new LinkedHashMap<>();
    for (int i = 0; i < args.length; i += 2) {
      String name = args[i].startsWith("--") ? args[i].substring(2) : "";
      if (!DECLARED.containsKey(name)) {
        throw new IllegalArgumentException(
            "unknown option " + args[i] + ", allowed: --" + String.join(", --", DECLARED.keySet()));
      }
      if (i + 1 == args.length) {
        throw new IllegalArgumentException(args[i] + " needs a value: " + help().get(name));
      }
      given.put(name, args[i + 1]);
    }
    return new JobOptions(given);
  }

  /**
   * All options as {@code --name value} pairs, which {@link #fromArgs} reads back. Files are
   * absolute, so that a process in another directory finds them.
   */
  public String[] toArgs() {
    List<String> args = new ArrayList<>();
    for (ConfigOption<?> option : DECLARED.values()) {
      String value = given.getOrDefault(option.key(), text(option.defaultValue()));
      args.add("--" + option.key());
      args.add(
          FILES.contains(option) && !value.isEmpty()
              ? Path.of(value).toAbsolutePath().toString()
              : value);
    }
    return args.toArray(String[]::new);
  }

  /** Descriptions of the options by name, in order. */
  public static Map<String, String> help() {
    Map<String, String> help = new LinkedHashMap<>();
    HtmlFormatter plain = new HtmlFormatter();
    DECLARED.forEach((name, option) -> help.put(name, plain.format(option.description())));
    return Collections.unmodifiableMap(help);
  }

  /** Kafka's bootstrap servers. */
  public String kafka() {
    return get(KAFKA);
  }

  /** Kafka as clients reach it. */
  public KafkaCluster cluster() {
    String config = get(KAFKA_CONFIG);
    return new KafkaCluster(get(KAFKA), config.isEmpty() ? null : Path.of(config));
  }

  /** Country of phone numbers that are written without a plus, or none. */
  public String defaultCountry() {
    return get(DEFAULT_COUNTRY);
  }

  /** Put before every topic's name. */
  public String topicPrefix() {
    return get(TOPIC_PREFIX);
  }

  /** Names of the topics in this deployment. */
  public TopicNames topicNames() {
    return new TopicNames(topicPrefix());
  }

  /** Partitions of topics that have to be created. */
  public int partitions() {
    return get(PARTITIONS);
  }

  /** Replicas of topics that have to be created; -1 is the broker's default. */
  public int replicationFactor() {
    return get(REPLICATION_FACTOR);
  }

  /** The least in-sync replicas of topics that have to be created; -1 is the broker's default. */
  public int minInsyncReplicas() {
    return get(MIN_INSYNC_REPLICAS);
  }

  /** Whether topics that are missing are created. */
  public boolean createsTopics() {
    return get(CREATE_TOPICS);
  }

  /** How far watermarks stay behind event time. */
  public long latenessMillis() {
    return get(LATENESS).toMillis();
  }

  /** How long windows and ids are kept, in event time. */
  public long horizonMillis() {
    return get(HORIZON).toMillis();
  }

  /** Silence after which a partition no longer holds event time back. */
  public long idleMillis() {
    return get(IDLE_AFTER).toMillis();
  }

  /** Parallelism of the job's operators. */
  public int parallelism() {
    return get(PARALLELISM);
  }

  /** Whether it was given, rather than left to Flink. */
  public boolean isParallelismGiven() {
    return given.containsKey(PARALLELISM.key());
  }

  /** Whether the job ends where its topics end now, instead of waiting for more. */
  public boolean bounded() {
    return get(BOUNDED);
  }

  /** JDBC URL of the warehouse. */
  public String clickhouseUrl() {
    return get(CLICKHOUSE_URL);
  }

  /** User of the warehouse. */
  public String clickhouseUser() {
    return get(CLICKHOUSE_USER);
  }

  /** File of the password, or null. */
  public Path passwordFile() {
    String file = get(CLICKHOUSE_PASSWORD_FILE);
    return file.isEmpty() ? null : Path.of(file);
  }

  /**
   * That user's password.
   *
   * @throws IllegalStateException if its file cannot be read
   */
  public String password() {
    Path file = passwordFile();
    try {
      return file == null ? "" : Files.readString(file).strip();
    } catch (IOException e) {
      throw new IllegalStateException(
          "--clickhouse-password-file " + file + ": " + FileProblem.of(e), e);
    }
  }

  /** Database of the warehouse: a plain identifier, since it becomes part of SQL. */
  public String database() {
    return get(DATABASE);
  }

  /** Cluster on whose replicas the tables are, or null: a part of SQL, like the database. */
  public String clickhouseCluster() {
    String cluster = get(CLICKHOUSE_CLUSTER);
    return cluster.isEmpty() ? null : cluster;
  }

  /** How long the send gate's ALLOW holds its slot. */
  public long reservationMillis() {
    return get(RESERVATION).toMillis();
  }

  /** Age of an unread record from which on the send gate defers. */
  public long staleAfterMillis() {
    return get(STALE_AFTER).toMillis();
  }

  /** How long the warehouse keeps what. */
  public WarehouseRetention keep() {
    return WarehouseRetention.of(get(KEEP));
  }

  /** File of the key by which erased people are recognised, or null. */
  public Path erasureKey() {
    String file = get(ERASURE_KEY);
    return file.isEmpty() ? null : Path.of(file);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof JobOptions o && List.of(toArgs()).equals(List.of(o.toArgs()));
  }

  @Override
  public int hashCode() {
    return List.of(toArgs()).hashCode();
  }

  private <T> T get(ConfigOption<T> option) {
    if (values == null) {
      values = Configuration.fromMap(given);
    }
    return values.get(option);
  }

  private void check(ConfigOption<?> option) {
    Object value;
    try {
      value = get(option);
    } catch (IllegalArgumentException e) {
      throw refused(option, e);
    }
    if (option.equals(DEFAULT_COUNTRY)) {
      // Refuses an unknown country by itself, with what is allowed.
      value = new RecipientIds((String) value).country();
    }
    if (option.equals(KEEP)) {
      checkKeep();
    }
    boolean allowed =
        !(value instanceof Integer number && number < 1 && !value.equals(option.defaultValue()))
            && (!option.equals(DATABASE) || ((String) value).matches("[A-Za-z_][A-Za-z0-9_]{0,62}"))
            && (!option.equals(CLICKHOUSE_CLUSTER) || ((String) value).matches("[A-Za-z0-9_.-]*"));
    if (!allowed) {
      throw refused(option, null);
    }
  }

  private void checkKeep() {
    try {
      keep();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--keep " + e.getMessage(), e);
    }
  }

  private IllegalArgumentException refused(ConfigOption<?> option, Exception cause) {
    Object byDefault = option.defaultValue();
    String needed =
        byDefault instanceof Integer
            ? "a number from 1 is needed"
            : byDefault instanceof Boolean
                ? "true or false is needed"
                : byDefault instanceof Duration
                    ? "a duration such as 10s, 1h or 35d is needed"
                    : option.equals(CLICKHOUSE_CLUSTER)
                        ? "letters, digits, _, . and - are allowed"
                        : "letters, digits and _ are allowed";
    return new IllegalArgumentException(
        "--" + option.key() + " " + given.get(option.key()) + ": " + needed, cause);
  }

  private static String text(Object value) {
    return value instanceof Duration duration
        ? TimeUtils.formatWithHighestUnit(duration).replace(" ", "")
        : value.toString();
  }

  private static ConfigOption<String> text(String name, String byDefault, String description) {
    return declare(ConfigOptions.key(name).stringType().defaultValue(byDefault), description);
  }

  private static ConfigOption<Integer> number(String name, int byDefault, String description) {
    return declare(ConfigOptions.key(name).intType().defaultValue(byDefault), description);
  }

  private static ConfigOption<Duration> duration(
      String name, Duration byDefault, String description) {
    return declare(ConfigOptions.key(name).durationType().defaultValue(byDefault), description);
  }

  private static <T> ConfigOption<T> declare(ConfigOption<T> option, String description) {
    ConfigOption<T> described = option.withDescription(description);
    DECLARED.put(described.key(), described);
    return described;
  }
}
