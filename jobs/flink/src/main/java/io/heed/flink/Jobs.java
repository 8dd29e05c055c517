package io.heed.flink;

import io.heed.core.model.Topic;
import io.heed.flink.attribution.AttributionTopology;
import io.heed.flink.experiments.ExperimentsTopology;
import io.heed.flink.listhealth.ListHealthTopology;
import io.heed.flink.optimizer.OptimizerTopology;
import io.heed.flink.sendgate.SendGateTopology;
import io.heed.flink.streaming.JobEnvironment;
import io.heed.flink.streaming.JobOptions;
import io.heed.flink.streaming.KafkaRights;
import io.heed.flink.streaming.KafkaTopics;
import io.heed.flink.warehouse.WarehouseTopology;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

  private static final Logger LOG = LoggerFactory.getLogger(Jobs.class);
  private static final Map<String, Topology> ALL = new TreeMap<>();
  private static final Map<String, KafkaRights> RIGHTS = new TreeMap<>();

  static {
    add(WarehouseTopology.RIGHTS, WarehouseTopology::define);
    add(ListHealthTopology.RIGHTS, ListHealthTopology::define);
    add(ExperimentsTopology.RIGHTS, ExperimentsTopology::define);
    add(AttributionTopology.RIGHTS, AttributionTopology::define);
    add(OptimizerTopology.RIGHTS, OptimizerTopology::define);
    add(SendGateTopology.RIGHTS, SendGateTopology::define);
  }

  private Jobs() {}

  private static void add(KafkaRights rights, Topology topology) {
    ALL.put(rights.job(), topology);
    RIGHTS.put(rights.job(), rights);
  }

  /** The jobs that {@code heed run} knows, by name. */
  public static Map<String, Topology> all() {
    return Map.copyOf(ALL);
  }

  /** What a job needs in Kafka. */
  public static KafkaRights rights(String job) {
    return RIGHTS.get(job);
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
    prepare(options, List.of(job), obstacle -> LOG.warn("{}; the job waits for it", obstacle));
    StreamExecutionEnvironment env = JobEnvironment.create(job, options, new Configuration());
    ALL.get(job).define(env, options);
    env.execute(job);
  }

  /** Creates every topic that is missing. */
  public static void ensureTopics(JobOptions options) throws InterruptedException {
    KafkaTopics.ensure(options, EnumSet.allOf(Topic.class));
  }

  /**
   * Makes sure that jobs find what they need: creates topics that are missing, and checks the
   * user's rights.
   *
   * @param notices takes what is in the way and passes by itself: a database that is away
   * @throws IllegalStateException with what is missing, or what the database refuses
   */
  public static void prepare(JobOptions options, Collection<String> jobs, Consumer<String> notices)
      throws InterruptedException {
    Set<Topic> needed = EnumSet.noneOf(Topic.class);
    jobs.forEach(job -> needed.addAll(RIGHTS.get(job).topics()));
    KafkaTopics.ensure(options, needed);
    for (String job : jobs) {
      RIGHTS.get(job).require(options);
    }
    String obstacle =
        jobs.contains(WarehouseTopology.JOB) ? WarehouseTopology.obstacle(options) : null;
    if (obstacle != null) {
      notices.accept(obstacle);
    }
  }
}
