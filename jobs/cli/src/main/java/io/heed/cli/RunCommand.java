package io.heed.cli;

import io.heed.cli.local.LocalStack;
import io.heed.cli.local.LocalStackOptions;
import io.heed.cli.local.LocalStackOptions.Part;
import io.heed.flink.Jobs;
import io.heed.flink.streaming.JobOptions;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code heed run}: jobs in a Flink of their own, against servers that are there already. */
@Command(
    name = "run",
    description = {
      "Runs jobs in the foreground against a Kafka and a ClickHouse of yours, until Ctrl-C.",
      "They go on from the newest checkpoint under --data-dir. The same jobs run on a cluster:",
      "  flink run jobs/flink/target/heed-jobs.jar JOB --kafka HOST:PORT"
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    modelTransformer = RunCommand.WithJobOptions.class,
    footer = {
      "",
      "Example:",
      "  ./heed run list-health warehouse --kafka broker:9092 --clickhouse-url"
          + " jdbc:clickhouse://db:8123"
    })
final class RunCommand implements Callable<Integer> {
  private static final long POLL_MILLIS = 500;

  @Parameters(
      paramLabel = "JOB",
      arity = "1..*",
      completionCandidates = JobNames.class,
      description = "Jobs to run: ${COMPLETION-CANDIDATES}.")
  private List<String> jobs;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      defaultValue = "${sys:heed.home:-.}/.heed-run",
      description = "Keeps checkpoints and logs (default: ${DEFAULT-VALUE}).")
  private Path dataDirectory;

  @Mixin private FlinkOptions flink = new FlinkOptions();

  @Spec private CommandSpec spec;

  /** The names of the jobs, for messages. */
  static final class JobNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return new TreeSet<>(Jobs.all().keySet()).iterator();
    }
  }

  /** Adds the options that jobs have under {@code flink run} as well. */
  static final class WithJobOptions implements IModelTransformer {
    @Override
    public CommandSpec transform(CommandSpec command) {
      return KafkaOptions.add(command, JobOptions.help().keySet());
    }
  }

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    JobOptions jobOptions = KafkaOptions.of(spec);
    LocalStackOptions options =
        flink
            .builder(dataDirectory)
            .parts(Part.FLINK)
            .kafka(jobOptions.cluster())
            .clickHouseUrl(jobOptions.clickhouseUrl())
            .topicPrefix(jobOptions.topicPrefix())
            .partitions(jobOptions.partitions())
            .jobs(jobs)
            .jobOptions(jobOptions)
            .notices(StackOptions.notices(spec))
            .build();
    try (LocalStack stack = LocalStack.start(options)) {
      out.println("Flink       " + stack.endpoints().flinkUrl());
      out.println("Metrics     " + stack.endpoints().metricsUrl());
      out.println("running     " + String.join(", ", jobs));
      out.flush();
      while (!(jobOptions.bounded() && stack.haveJobsFinished())) {
        TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      }
      out.println("finished");
    } catch (InterruptedException e) {
      out.println("stopped");
    }
    return 0;
  }
}
