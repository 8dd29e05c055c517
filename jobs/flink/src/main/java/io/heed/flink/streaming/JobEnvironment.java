package io.heed.flink.streaming;

import java.time.Duration;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.environment.LocalStreamEnvironment;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The environment of a job: what every job needs of Flink, unless its user sets another value. */
public final class JobEnvironment {
  private JobEnvironment() {}

  /** An environment with Heed's defaults, over which {@code settings} win. */
  public static StreamExecutionEnvironment create(
      String job, JobOptions options, Configuration settings) {
    Configuration all = defaults(job);
    all.addAll(settings);
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(all);
    // What flink run -p or the cluster's configuration says, unless the job's own option is given.
    // A local environment fills in the number of processors.
    ReadableConfig flink =
        env instanceof LocalStreamEnvironment ? settings : env.getConfiguration();
    if (options.isParallelismGiven()
        || flink.getOptional(CoreOptions.DEFAULT_PARALLELISM).isEmpty()) {
      env.setParallelism(options.parallelism());
    }
    env.setMaxParallelism(128);
    return env;
  }

  private static Configuration defaults(String job) {
    Configuration conf = new Configuration();
    conf.set(PipelineOptions.NAME, job);
    // Kryo would make state unreadable after an upgrade, and is slow: fail at once instead.
    conf.set(PipelineOptions.GENERIC_TYPES, false);
    // What flows between operators is immutable.
    conf.set(PipelineOptions.OBJECT_REUSE, true);
    // Latency of decisions; 0 would halve the throughput.
    conf.set(ExecutionOptions.BUFFER_TIMEOUT, Duration.ofMillis(5));
    conf.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofSeconds(10));
    conf.set(CheckpointingOptions.MIN_PAUSE_BETWEEN_CHECKPOINTS, Duration.ofSeconds(2));
    conf.set(CheckpointingOptions.CHECKPOINTING_TIMEOUT, Duration.ofMinutes(30));
    // While a dependency is away checkpoints expire; that is no reason to restart.
    conf.set(CheckpointingOptions.TOLERABLE_FAILURE_NUMBER, Integer.MAX_VALUE);
    conf.set(
        CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
        ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
    conf.set(CheckpointingOptions.MAX_RETAINED_CHECKPOINTS, 3);
    conf.set(RestartStrategyOptions.RESTART_STRATEGY, "exponential-delay");
    conf.set(
        RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_INITIAL_BACKOFF,
        Duration.ofSeconds(1));
    conf.set(
        RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_MAX_BACKOFF,
        Duration.ofSeconds(30));
    return conf;
  }
}
