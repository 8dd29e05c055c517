package io.heed.cli.local;

import io.heed.flink.Jobs;
import io.heed.flink.pipeline.PipelineReporterFactory;
import io.heed.flink.sendgate.SendGateTopology;
import io.heed.flink.streaming.JobOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.BlobServerOptions;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ClusterOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.MetricOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.configuration.WebOptions;
import org.apache.flink.core.execution.CheckpointType;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.metrics.prometheus.LoopbackPrometheusReporter;
import org.apache.flink.runtime.client.JobInitializationException;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.executiongraph.AccessExecutionVertex;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.util.ExceptionUtils;
import org.apache.flink.util.FileUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Main class of the Flink process: JobManager, TaskManager, REST and web interface in one JVM, and
 * the jobs, each kept up.
 *
 * <p>One JVM, because two cost some 300 MiB more and take longer to start, and because what a
 * second TaskManager would protect is protected already: a job that fails is restarted by Flink, a
 * process that dies by its parent, and both go on from the newest checkpoint.
 *
 * <p>Arguments: the directory, the port for the web interface, the port for metrics, the state
 * backend, the names of the jobs separated by commas, then the options of the jobs.
 */
final class FlinkServer implements ServerMain.Server {
  private static final Logger LOG = LoggerFactory.getLogger(FlinkServer.class);
  private static final String LOOPBACK = "127.0.0.1";
  private static final Duration LAST_CHECKPOINT_TIMEOUT = Duration.ofSeconds(5);

  /** For the last checkpoint and the end of the job after it. */
  private static final Duration STOP_TIMEOUT = LAST_CHECKPOINT_TIMEOUT.plusSeconds(3);

  /** The job that the caller waits for; the others start once it runs, or after a while. */
  private static final String FIRST = SendGateTopology.JOB;

  private static final Duration FIRST_TIMEOUT = Duration.ofSeconds(15);
  private static final long FIRST_POLL_MILLIS = 50;

  private static final long CLOSE_SECONDS = 5;
  private static final long WATCH_SECONDS = 5;

  /** Busy machines miss heartbeats and registrations; Flink itself connects it again. */
  private static final Duration TASK_MANAGER_TIMEOUT = Duration.ofMinutes(1);

  private static final Duration TASK_MANAGER_START_TIMEOUT = Duration.ofMinutes(5);
  private static final Duration MIN_BACK_OFF = Duration.ofSeconds(1);
  private static final Duration MAX_BACK_OFF = Duration.ofMinutes(1);

  private final Path directory;
  private final String stateBackend;
  private final List<String> jobs;
  private final JobOptions options;
  private final MiniCluster cluster;
  private final Map<String, JobID> running = new ConcurrentHashMap<>();
  private final CompletableFuture<Void> broken = new CompletableFuture<>();
  private volatile boolean stopping;

  private FlinkServer(
      Path directory,
      int port,
      int metricsPort,
      String stateBackend,
      List<String> jobs,
      JobOptions options) {
    this.directory = directory;
    this.stateBackend = stateBackend;
    this.jobs = jobs;
    this.options = options;
    this.cluster =
        new MiniCluster(
            new MiniClusterConfiguration.Builder()
                .setConfiguration(clusterConfiguration(port, metricsPort))
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(Math.max(1, jobs.size() * options.parallelism()))
                .build());
  }

  public static void main(String[] args) {
    Path directory = Path.of(args[0]);
    List<String> jobs = args[4].isEmpty() ? List.of() : List.of(args[4].split(","));
    JobOptions options = JobOptions.fromArgs(Arrays.copyOfRange(args, 5, args.length));
    ServerMain.run(
        directory,
        new FlinkServer(
            directory,
            Integer.parseInt(args[1]),
            Integer.parseInt(args[2]),
            args[3],
            jobs,
            options));
  }

  @Override
  public void start() throws Exception {
    // What a killed process left; nothing in it is needed again.
    FileUtils.deleteDirectory(scratch().toFile());
    Files.createDirectories(scratch());
    cluster.start();
    if (jobs.contains(FIRST)) {
      keep(FIRST);
      awaitFirst();
    }
    jobs.stream().filter(job -> !job.equals(FIRST)).forEach(this::keep);
  }

  private void keep(String job) {
    Thread keeper = new Thread(() -> keepUp(job), job + "-keeper");
    keeper.setDaemon(true);
    keeper.start();
  }

  private void awaitFirst() throws InterruptedException {
    long deadline = System.nanoTime() + FIRST_TIMEOUT.toNanos();
    while (!isRunning(running.get(FIRST)) && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(FIRST_POLL_MILLIS);
    }
  }

  /** Whether every task of the job runs; null for a job that is not submitted yet. */
  private boolean isRunning(JobID id) throws InterruptedException {
    if (id == null) {
      return false;
    }
    try {
      List<AccessExecutionVertex> tasks = new ArrayList<>();
      cluster.getExecutionGraph(id).get().getAllExecutionVertices().forEach(tasks::add);
      // A job that is being initialized has none.
      return !tasks.isEmpty()
          && tasks.stream().allMatch(task -> task.getExecutionState() == ExecutionState.RUNNING);
    } catch (ExecutionException e) {
      return false;
    }
  }

  /** Ends if a job cannot even be started, or the cluster has lost what it consists of. */
  @Override
  public void await() throws Exception {
    long deadline = System.nanoTime() + TASK_MANAGER_START_TIMEOUT.toNanos();
    while (cluster.isRunning()) {
      try {
        broken.get(WATCH_SECONDS, TimeUnit.SECONDS);
      } catch (TimeoutException e) {
        if (isTaskManagerConnected()) {
          deadline = System.nanoTime() + TASK_MANAGER_TIMEOUT.toNanos();
        } else if (System.nanoTime() > deadline) {
          throw new IllegalStateException(
              "the TaskManager has not been connected for a minute or longer");
        }
      }
    }
  }

  private boolean isTaskManagerConnected() throws InterruptedException {
    try {
      return cluster.requestClusterOverview().get().getNumTaskManagersConnected() > 0;
    } catch (ExecutionException e) {
      LOG.warn("the cluster does not answer: {}", e.toString());
      return false;
    }
  }

  /**
   * Takes a last checkpoint of every job, so that the next start has nothing to catch up with, and
   * cancels. Jobs that cannot take one now go on from their last.
   */
  @Override
  public void stop() throws Exception {
    stopping = true;
    if (!cluster.isRunning()) {
      return;
    }
    List<CompletableFuture<?>> ends = new ArrayList<>();
    running.forEach((job, id) -> ends.add(stop(job, id)));
    CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new)).get();
    cluster.closeAsync().get(CLOSE_SECONDS, TimeUnit.SECONDS);
  }

  private CompletableFuture<?> stop(String job, JobID id) {
    return cluster
        .triggerCheckpoint(id, CheckpointType.CONFIGURED)
        .orTimeout(LAST_CHECKPOINT_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
        .exceptionally(
            e -> {
              LOG.info("{} stops without a last checkpoint: {}", job, e.toString());
              return null;
            })
        .thenCompose(checkpoint -> cluster.cancelJob(id))
        .thenCompose(acknowledged -> cluster.requestJobResult(id))
        .orTimeout(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
        .handle(
            (result, e) -> {
              if (e != null) {
                LOG.info("{} is cut off: {}", job, e.toString());
              }
              return result;
            });
  }

  /** Submits the job, and again whenever Flink has given it up. */
  private void keepUp(String job) {
    try {
      Duration backOff = MIN_BACK_OFF;
      while (!stopping) {
        JobID id = submit(job);
        running.put(job, id);
        JobResult result = cluster.requestJobResult(id).get();
        running.remove(job);
        if (result.isSuccess()) {
          LOG.info("{} has finished", job);
          return;
        }
        if (stopping) {
          return;
        }
        Throwable cause =
            result
                .getSerializedThrowable()
                .map(e -> e.deserializeError(getClass().getClassLoader()))
                .orElse(null);
        if (ExceptionUtils.findThrowable(cause, JobInitializationException.class).isPresent()) {
          throw new IllegalStateException("job " + job + " cannot be started", cause);
        }
        boolean ranForLong = result.getNetRuntime() > MAX_BACK_OFF.toMillis();
        backOff = ranForLong ? MIN_BACK_OFF : min(backOff.multipliedBy(2));
        LOG.error("{} failed, starting it again in {} s", job, backOff.toSeconds(), cause);
        TimeUnit.MILLISECONDS.sleep(backOff.toMillis());
      }
    } catch (Throwable e) {
      // An Error, too, would leave the job down without a word.
      broken.completeExceptionally(e);
    }
  }

  private static Duration min(Duration backOff) {
    return backOff.compareTo(MAX_BACK_OFF) < 0 ? backOff : MAX_BACK_OFF;
  }

  private JobID submit(String job) throws Exception {
    RetainedCheckpoints checkpoints =
        new RetainedCheckpoints(directory.resolve("checkpoints").resolve(job));
    Configuration settings = new Configuration();
    Optional<Path> newest = checkpoints.newest();
    newest.ifPresent(
        checkpoint -> {
          settings.set(StateRecoveryOptions.SAVEPOINT_PATH, checkpoint.toUri().toString());
          settings.set(StateRecoveryOptions.RESTORE_MODE, RecoveryClaimMode.NO_CLAIM);
        });
    settings.set(StateBackendOptions.STATE_BACKEND, stateBackend);
    settings.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, true);
    settings.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
    settings.set(
        CheckpointingOptions.CHECKPOINTS_DIRECTORY, checkpoints.newRun().toUri().toString());
    JobGraph graph = Jobs.graph(job, options, settings).getJobGraph(getClass().getClassLoader());
    LOG.info(
        "{} starts from {}", job, newest.map(Path::toString).orElse("the beginning of its topics"));
    cluster.submitJob(graph).get();
    return graph.getJobID();
  }

  private Path scratch() {
    return directory.resolve("scratch");
  }

  private Configuration clusterConfiguration(int port, int metricsPort) {
    Configuration conf = new Configuration();
    conf.set(RestOptions.ADDRESS, LOOPBACK);
    conf.set(RestOptions.BIND_ADDRESS, LOOPBACK);
    conf.set(RestOptions.PORT, port);
    conf.set(RestOptions.BIND_PORT, Integer.toString(port));
    conf.set(JobManagerOptions.ADDRESS, LOOPBACK);
    conf.set(JobManagerOptions.BIND_HOST, LOOPBACK);
    conf.set(TaskManagerOptions.HOST, LOOPBACK);
    conf.set(TaskManagerOptions.BIND_HOST, LOOPBACK);
    // Everything is in one process: nothing has to be fetched from a server.
    conf.set(BlobServerOptions.OFFLOAD_MINSIZE, Integer.MAX_VALUE);

    // The web interface shows; other pages in the user's browser may not read it.
    conf.set(WebOptions.SUBMIT_ENABLE, false);
    conf.set(WebOptions.CANCEL_ENABLE, false);
    conf.set(WebOptions.ACCESS_CONTROL_ALLOW_ORIGIN, "http://" + LOOPBACK + ":" + port);

    conf.set(CoreOptions.TMP_DIRS, scratch().toString());
    conf.set(ClusterOptions.PROCESS_WORKING_DIR_BASE, scratch().toString());
    conf.set(WebOptions.TMP_DIR, scratch().toString());

    // Of the cluster, not of the job: what a job sets here has no effect.
    conf.set(CheckpointingOptions.MAX_RETAINED_CHECKPOINTS, RetainedCheckpoints.KEPT);
    String log = System.getProperty("heed.log");
    conf.set(WebOptions.LOG_PATH, log);
    conf.set(TaskManagerOptions.TASK_MANAGER_LOG_PATH, log);

    boolean rocksdb = stateBackend.equals("rocksdb");
    conf.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(rocksdb ? 384 : 8));
    MemorySize network = MemorySize.ofMebiBytes(32L * (1 + options.parallelism()));
    conf.set(TaskManagerOptions.NETWORK_MEMORY_MIN, network);
    conf.set(TaskManagerOptions.NETWORK_MEMORY_MAX, network);

    conf.set(MetricOptions.REPORTERS_LIST, "prometheus,heed");
    conf.setString(
        "metrics.reporter.prometheus.factory.class",
        LoopbackPrometheusReporter.Factory.class.getName());
    conf.setString("metrics.reporter.prometheus.port", Integer.toString(metricsPort));
    conf.setString("metrics.reporter.heed.factory.class", PipelineReporterFactory.class.getName());
    conf.setString("metrics.reporter.heed.interval", "10 s");
    conf.setString("metrics.reporter.heed.kafka", options.cluster().servers());
    if (options.cluster().config() != null) {
      conf.setString("metrics.reporter.heed.kafka-config", options.cluster().config().toString());
    }
    conf.setString("metrics.reporter.heed.topic-prefix", options.topicPrefix());
    return conf;
  }
}
