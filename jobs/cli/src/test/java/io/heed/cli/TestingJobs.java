package io.heed.cli;

import io.heed.flink.Jobs;
import io.heed.flink.streaming.JobOptions;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.BlobServerOptions;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;

/**
 * Jobs on a small cluster in this process, which are stopped with savepoints and start from them.
 */
final class TestingJobs implements AutoCloseable {
  /** States up to this size lie in the savepoint's one file. */
  private static final MemorySize SMALL = MemorySize.ofMebiBytes(1);

  private final MiniCluster cluster;
  private final Map<String, JobID> running = new LinkedHashMap<>();

  /**
   * Starts jobs.
   *
   * @param savepoints by job, the directory to start from; without one a job starts fresh
   */
  TestingJobs(List<String> jobs, JobOptions options, Map<String, Path> savepoints)
      throws Exception {
    Configuration conf = new Configuration();
    conf.set(RestOptions.BIND_PORT, "0");
    conf.set(BlobServerOptions.OFFLOAD_MINSIZE, Integer.MAX_VALUE);
    conf.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(8));
    cluster =
        new MiniCluster(
            new MiniClusterConfiguration.Builder()
                .setConfiguration(conf)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(jobs.size() * options.parallelism())
                .build());
    cluster.start();
    for (String job : jobs) {
      Configuration settings = new Configuration();
      settings.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
      settings.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofSeconds(1));
      settings.set(CheckpointingOptions.MIN_PAUSE_BETWEEN_CHECKPOINTS, Duration.ofMillis(100));
      settings.set(CheckpointingOptions.FS_SMALL_FILE_THRESHOLD, SMALL);
      if (savepoints.containsKey(job)) {
        settings.set(StateRecoveryOptions.SAVEPOINT_PATH, savepoints.get(job).toUri().toString());
        settings.set(StateRecoveryOptions.RESTORE_MODE, RecoveryClaimMode.NO_CLAIM);
      }
      JobGraph graph =
          Jobs.graph(job, options, settings).getJobGraph(TestingJobs.class.getClassLoader());
      cluster.submitJob(graph).get();
      running.put(job, graph.getJobID());
    }
  }

  /** Whether every task of every job runs; fails if a job has failed. */
  boolean run() throws Exception {
    boolean all = true;
    for (Map.Entry<String, JobID> job : running.entrySet()) {
      var graph = cluster.getExecutionGraph(job.getValue()).get();
      if (graph.getState() == JobStatus.FAILED) {
        throw new AssertionError(
            job.getKey() + " has failed: " + graph.getFailureInfo().getExceptionAsString());
      }
      for (var vertex : graph.getAllExecutionVertices()) {
        all &= vertex.getExecutionState() == ExecutionState.RUNNING;
      }
    }
    return all;
  }

  /**
   * Stops every job with a savepoint.
   *
   * @param directory takes them, each in a directory of its own
   * @return by job
   */
  Map<String, Path> stop(Path directory) throws Exception {
    Map<String, Path> savepoints = new LinkedHashMap<>();
    for (Map.Entry<String, JobID> job : running.entrySet()) {
      String path =
          cluster
              .stopWithSavepoint(
                  job.getValue(),
                  directory.resolve(job.getKey()).toUri().toString(),
                  false,
                  SavepointFormatType.CANONICAL)
              .get();
      savepoints.put(job.getKey(), Path.of(URI.create(path)));
    }
    running.clear();
    return savepoints;
  }

  @Override
  public void close() throws Exception {
    cluster.close();
  }
}
