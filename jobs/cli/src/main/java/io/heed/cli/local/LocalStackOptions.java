package io.heed.cli.local;

import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.KafkaCluster;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;

/** What a {@link LocalStack} consists of, and where. Made with {@link #builder}. */
public final class LocalStackOptions {
  /** A server of the stack. */
  public enum Part {
    KAFKA,
    CLICKHOUSE,
    FLINK
  }

  /** Where jobs keep their state. */
  public enum StateBackend {
    HEAP("hashmap"),
    ROCKSDB("rocksdb");

    /** Flink's word for it. */
    final String flinkName;

    StateBackend(String flinkName) {
      this.flinkName = flinkName;
    }
  }

  public static final int KAFKA_PORT = 9092;
  public static final int CLICKHOUSE_PORT = 8123;
  public static final int FLINK_PORT = 8081;
  public static final int METRICS_PORT = 9249;
  public static final int PARTITIONS = 4;

  /** Of ClickHouse, and of Flink's heap. */
  public static final int MEGABYTES = 1_024;

  private static final long BYTES_PER_MEGABYTE = 1 << 20;

  final Path dataDirectory;
  Set<Part> parts = EnumSet.allOf(Part.class);
  KafkaCluster kafka;
  int kafkaPort = KAFKA_PORT;
  String clickHouseUrl;
  int clickHousePort = CLICKHOUSE_PORT;
  long clickHouseMemoryBytes = MEGABYTES * BYTES_PER_MEGABYTE;
  int flinkPort = FLINK_PORT;
  int metricsPort = METRICS_PORT;
  long flinkHeapBytes = MEGABYTES * BYTES_PER_MEGABYTE;
  StateBackend stateBackend = StateBackend.HEAP;
  List<String> jobs = List.of();
  JobOptions jobOptions = JobOptions.DEFAULTS;
  Path configuration;
  Instant configurationEffectiveFrom;
  String topicPrefix = "";
  int partitions = PARTITIONS;
  Duration restartDelay = Duration.ofSeconds(1);
  Runnable check = () -> {};
  Consumer<String> notices = line -> {};

  private LocalStackOptions(Path dataDirectory) {
    this.dataDirectory = Objects.requireNonNull(dataDirectory);
  }

  /**
   * Kafka, ClickHouse and Flink on their usual ports, without jobs.
   *
   * @param dataDirectory keeps everything; made if missing
   */
  public static Builder builder(Path dataDirectory) {
    return new Builder(dataDirectory);
  }

  /** Every port may be 0: any that is free. */
  public static final class Builder {
    private LocalStackOptions options;

    private Builder(Path dataDirectory) {
      options = new LocalStackOptions(dataDirectory);
    }

    /** Only these servers. */
    public Builder parts(Part first, Part... others) {
      options.parts = EnumSet.of(first, others);
      return this;
    }

    /** Uses a Kafka of the user's own instead of starting one; null starts one. */
    public Builder kafka(KafkaCluster cluster) {
      options.kafka = cluster;
      return this;
    }

    public Builder kafkaPort(int port) {
      options.kafkaPort = port;
      return this;
    }

    /** Uses a ClickHouse of the user's own, by its JDBC URL, instead of starting one. */
    public Builder clickHouseUrl(String jdbcUrl) {
      options.clickHouseUrl = jdbcUrl;
      return this;
    }

    /** Port for HTTP. */
    public Builder clickHousePort(int port) {
      options.clickHousePort = port;
      return this;
    }

    /** The most that ClickHouse may allocate. */
    public Builder clickHouseMegabytes(int megabytes) {
      options.clickHouseMemoryBytes = megabytes * BYTES_PER_MEGABYTE;
      return this;
    }

    /** Port for the web interface and REST. */
    public Builder flinkPort(int port) {
      options.flinkPort = port;
      return this;
    }

    /** Port for Flink's metrics, read by Prometheus. */
    public Builder metricsPort(int port) {
      options.metricsPort = port;
      return this;
    }

    /** The heap of the Flink process, where jobs keep their state unless it is in RocksDB. */
    public Builder flinkMegabytes(int megabytes) {
      options.flinkHeapBytes = megabytes * BYTES_PER_MEGABYTE;
      return this;
    }

    /** Where jobs keep their state. */
    public Builder stateBackend(StateBackend backend) {
      options.stateBackend = backend;
      return this;
    }

    /** The jobs to run, by name. */
    public Builder jobs(List<String> names) {
      options.jobs = List.copyOf(names);
      return this;
    }

    /** Options of the jobs; where Kafka and ClickHouse are is known better by the stack. */
    public Builder jobOptions(JobOptions jobOptions) {
      options.jobOptions = jobOptions;
      return this;
    }

    /** Applies the documents in this directory before the jobs start; null for none. */
    public Builder configuration(Path configurationDirectory) {
      options.configuration = configurationDirectory;
      return this;
    }

    /**
     * From when documents hold that do not state it themselves; null: from their publication on.
     */
    public Builder configurationEffectiveFrom(Instant instant) {
      options.configurationEffectiveFrom = instant;
      return this;
    }

    /** Prefix of all topics. */
    public Builder topicPrefix(String prefix) {
      options.topicPrefix = prefix;
      return this;
    }

    /** Of every topic that is created. */
    public Builder partitions(int count) {
      options.partitions = count;
      return this;
    }

    /** How long a server that died stays away. */
    public Builder restartDelay(Duration delay) {
      options.restartDelay = delay;
      return this;
    }

    /** Runs once no other stack is on the data directory, before anything starts. */
    public Builder check(Runnable whatElseIsNeeded) {
      options.check = whatElseIsNeeded;
      return this;
    }

    /** Takes lines for the user: what starts, what died, what is back. */
    public Builder notices(Consumer<String> sink) {
      options.notices = sink;
      return this;
    }

    /** The options; the builder is of no use after it. */
    public LocalStackOptions build() {
      LocalStackOptions built = options;
      options = null;
      return built;
    }
  }
}
