package io.heed.flink;

import io.heed.flink.attribution.AttributionTopology;
import io.heed.flink.experiments.ExperimentsTopology;
import io.heed.flink.listhealth.ListHealthTopology;
import io.heed.flink.optimizer.OptimizerTopology;
import io.heed.flink.sendgate.SendGateTopology;
import io.heed.flink.streaming.JobEnvironment;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.KafkaTopics;
import io.heed.flink.warehouse.WarehouseTopology;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;

/**
 * The jobs by name, and the two ways to start one: from a main (this one takes the job's name
 * first, each job has one of its own), or as a graph.
 */
public final class Jobs {
  /** Wires a job into an environment. */
  @FunctionalInterface
  public interface Topology {
    void define(StreamExecutionEnvironment env, JobOptions options) throws Exception;
  }

  private static final Map<String, Topology> ALL = new TreeMap<>();

  static {
    ALL.put(WarehouseTopology.JOB, WarehouseTopology::define);
    ALL.put(ListHealthTopology.JOB, ListHealthTopology::define);
    ALL.put(ExperimentsTopology.JOB, ExperimentsTopology::define);
    ALL.put(AttributionTopology.JOB, AttributionTopology::define);
    ALL.put(OptimizerTopology.JOB, OptimizerTopology::define);
    ALL.put(SendGateTopology.JOB, SendGateTopology::define);
  }

  private Jobs() {}

  /** The jobs that {@code heed run} knows, by name. */
  public static Map<String, Topology> all() {
    return Map.copyOf(ALL);
  }

  /** The graph of one job, for a cluster to run. */
  public static StreamGraph graph(String job, JobOptions options, Configuration settings)
      throws Exception {
    StreamExecutionEnvironment env = JobEnvironment.create(job, options, settings);
    ALL.get(job).define(env, options);
    return env.getStreamGraph();
  }

  /** Runs the job that the first argument names, with the options that follow. */
  public static void main(String[] args) throws Exception {
    if (args.length == 0 || !ALL.containsKey(args[0])) {
      throw new IllegalArgumentException(
          "the first argument names the job, allowed: " + String.join(", ", ALL.keySet()));
    }
    main(args[0], Arrays.copyOfRange(args, 1, args.length));
  }

  /** Body of a job's main: options from the command line, then run. */
  public static void main(String job, String[] args) throws Exception {
    JobOptions options = JobOptions.fromArgs(args);
    ensureTopics(options);
    StreamExecutionEnvironment env = JobEnvironment.create(job, options, new Configuration());
    ALL.get(job).define(env, options);
    env.execute(job);
  }

  /** Creates the topics that are missing, with the broker's own default of replicas. */
  public static void ensureTopics(JobOptions options) throws InterruptedException {
    KafkaTopics.ensure(options.kafka(), options.topicNames(), options.partitions(), -1);
  }
}
