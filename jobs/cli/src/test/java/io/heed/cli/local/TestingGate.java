package io.heed.cli.local;

import io.heed.flink.Jobs;
import io.heed.flink.sendgate.SendGateTopology;
import io.heed.flink.streaming.JobOptions;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.flink.configuration.BlobServerOptions;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;

/** A send gate on a small cluster of its own, which goes on from the newest checkpoint. */
final class TestingGate implements AutoCloseable {
  private final MiniCluster cluster;

  /**
   * Starts it.
   *
   * @param checkpoints shared by all gates of a test
   */
  TestingGate(JobOptions options, Path checkpoints) throws Exception {
    Configuration conf = new Configuration();
    conf.set(RestOptions.BIND_PORT, "0");
    conf.set(BlobServerOptions.OFFLOAD_MINSIZE, Integer.MAX_VALUE);
    // A gate that still runs must not delete the checkpoint from which the next one starts.
    conf.set(CheckpointingOptions.MAX_RETAINED_CHECKPOINTS, 1_000);
    conf.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(8));
    cluster =
        new MiniCluster(
            new MiniClusterConfiguration.Builder()
                .setConfiguration(conf)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(options.parallelism())
                .build());
    cluster.start();
    RetainedCheckpoints retained = new RetainedCheckpoints(checkpoints);
    Configuration settings = new Configuration();
    retained
        .newest()
        .ifPresent(
            checkpoint -> {
              settings.set(StateRecoveryOptions.SAVEPOINT_PATH, checkpoint.toUri().toString());
              settings.set(StateRecoveryOptions.RESTORE_MODE, RecoveryClaimMode.NO_CLAIM);
            });
    settings.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
    settings.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, retained.newRun().toUri().toString());
    settings.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(700));
    settings.set(CheckpointingOptions.MIN_PAUSE_BETWEEN_CHECKPOINTS, Duration.ofMillis(100));
    JobGraph graph =
        Jobs.graph(SendGateTopology.JOB, options, settings)
            .getJobGraph(getClass().getClassLoader());
    cluster.submitJob(graph).get();
  }

  /** Ends it without a last checkpoint. */
  @Override
  public void close() throws Exception {
    cluster.close();
  }
}
