package io.heed.cli.local;

import io.heed.flink.streaming.JobOptions;
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

  final Path dataDirectory;
  final Set<Part> parts;
  final String kafka;
  final int kafkaPort;
  final String clickHouseUrl;
  final int clickHousePort;
  final long clickHouseMemoryBytes;
  final int flinkPort;
  final int metricsPort;
  final long flinkHeapBytes;
  final StateBackend stateBackend;
  final List<String> jobs;
  final JobOptions jobOptions;
  final Path configuration;
  final Instant configurationEffectiveFrom;
  final String topicPrefix;
  final int partitions;
  final Duration restartDelay;
  final Consumer<String> notices;

  private LocalStackOptions(Builder builder) {
    dataDirectory = builder.dataDirectory;
    parts = Set.copyOf(builder.parts);
    kafka = builder.kafka;
    kafkaPort = builder.kafkaPort;
    clickHouseUrl = builder.clickHouseUrl;
    clickHousePort = builder.clickHousePort;
    clickHouseMemoryBytes = builder.clickHouseMemoryBytes;
    flinkPort = builder.flinkPort;
    metricsPort = builder.metricsPort;
    flinkHeapBytes = builder.flinkHeapBytes;
    stateBackend = builder.stateBackend;
    jobs = List.copyOf(builder.jobs);
    jobOptions = builder.jobOptions;
    configuration = builder.configuration;
    configurationEffectiveFrom = builder.configurationEffectiveFrom;
    topicPrefix = builder.topicPrefix;
    partitions = builder.partitions;
    restartDelay = builder.restartDelay;
    notices = builder.notices;
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
    private final Path dataDirectory;
    private Set<Part> parts = EnumSet.allOf(Part.class);
    private String kafka;
    private int kafkaPort = 9092;
    private String clickHouseUrl;
    private int clickHousePort = 8123;
    private long clickHouseMemoryBytes = 1L << 30;
    private int flinkPort = 8081;
    private int metricsPort = 9249;
    private long flinkHeapBytes = 1L << 30;
    private StateBackend stateBackend = StateBackend.HEAP;
    private List<String> jobs = List.of();
    private JobOptions jobOptions = JobOptions.DEFAULTS;
    private Path configuration;
    private Instant configurationEffectiveFrom;
    private String topicPrefix = "";
    private int partitions = 4;
    private Duration restartDelay = Duration.ofSeconds(1);
    private Consumer<String> notices = line -> {};

    private Builder(Path dataDirectory) {
      this.dataDirectory = Objects.requireNonNull(dataDirectory);
    }

    /** Only these servers. */
    public Builder parts(Part first, Part... others) {
      parts = EnumSet.of(first, others);
      return this;
    }

    /** Uses a Kafka of the user's own, {@code host:port}, instead of starting one. */
    public Builder kafka(String bootstrap) {
      kafka = bootstrap;
      return this;
    }

    public Builder kafkaPort(int port) {
      kafkaPort = port;
      return this;
    }

    /** Uses a ClickHouse of the user's own, by its JDBC URL, instead of starting one. */
    public Builder clickHouseUrl(String jdbcUrl) {
      clickHouseUrl = jdbcUrl;
      return this;
    }

    /** Port for HTTP. */
    public Builder clickHousePort(int port) {
      clickHousePort = port;
      return this;
    }

    /** The most that ClickHouse may allocate. */
    public Builder clickHouseMemoryBytes(long bytes) {
      clickHouseMemoryBytes = bytes;
      return this;
    }

    /** Port for the web interface and REST. */
    public Builder flinkPort(int port) {
      flinkPort = port;
      return this;
    }

    /** Port for Flink's metrics, read by Prometheus. */
    public Builder metricsPort(int port) {
      metricsPort = port;
      return this;
    }

    /** The heap of the Flink process, where jobs keep their state unless it is in RocksDB. */
    public Builder flinkHeapBytes(long bytes) {
      flinkHeapBytes = bytes;
      return this;
    }

    /** Where jobs keep their state. */
    public Builder stateBackend(StateBackend backend) {
      stateBackend = backend;
      return this;
    }

    /** The jobs to run, by name. */
    public Builder jobs(List<String> names) {
      jobs = names;
      return this;
    }

    /** Options of the jobs; where Kafka and ClickHouse are is known better by the stack. */
    public Builder jobOptions(JobOptions options) {
      jobOptions = options;
      return this;
    }

    /** Applies the documents in this directory before the jobs start; null for none. */
    public Builder configuration(Path configurationDirectory) {
      configuration = configurationDirectory;
      return this;
    }

    /** From when documents hold that do not say it themselves; null: from their publication on. */
    public Builder configurationEffectiveFrom(Instant instant) {
      configurationEffectiveFrom = instant;
      return this;
    }

    /** Prefix of all topics. */
    public Builder topicPrefix(String prefix) {
      topicPrefix = prefix;
      return this;
    }

    /** Of every topic that is created. */
    public Builder partitions(int count) {
      partitions = count;
      return this;
    }

    /** How long a server that died stays away. */
    public Builder restartDelay(Duration delay) {
      restartDelay = delay;
      return this;
    }

    /** Takes lines for the user: what starts, what died, what is back. */
    public Builder notices(Consumer<String> sink) {
      notices = sink;
      return this;
    }

    public LocalStackOptions build() {
      return new LocalStackOptions(this);
    }
  }
}
