package io.heed.cli;

import io.heed.cli.demo.Demo;
import io.heed.cli.explain.WarehouseOptions;
import io.heed.cli.local.LocalStack;
import io.heed.core.model.Topic;
import io.heed.flink.Jobs;
import io.heed.flink.streaming.JobOptions;
import io.heed.sim.Scenario;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code heed simulate}: simulated traffic on a stack that runs, its results held against the
 * truth.
 */
@Command(
    name = "simulate",
    description = {
      "Plays simulated traffic, 30 days of history and then live, on a deployment whose jobs run,"
          + " and",
      "compares what ClickHouse says with the truth: exit code 0 if they agree. It publishes people"
          + " who",
      "do not exist: use a deployment of its own, such as one with another --topic-prefix and"
          + " database."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    modelTransformer = SimulateCommand.KafkaOnly.class,
    footer = {
      "",
      "Example:",
      "  ./heed simulate --for 2m --kafka broker:9093 --kafka-config heed.properties --topic-prefix"
          + " try.",
      "      --clickhouse-url jdbc:clickhouse://db:8123 --database heed_try"
    })
final class SimulateCommand implements Callable<Integer> {
  private static final int DIFFERS = 1;

  @Mixin private ScenarioOptions traffic;

  @Option(
      names = "--jobs",
      paramLabel = "JOB",
      split = ",",
      description =
          "The jobs that run there, separated by commas (default: all). Without send-gate nothing"
              + " is requested, without list-health it is not compared.")
  private List<String> jobs = List.copyOf(Jobs.all().keySet());

  @Mixin private WarehouseOptions warehouse;

  @Option(
      names = "--used-topics",
      description =
          "Go on if the topics hold records already: then events are compared, list health is not.")
  private boolean usedTopics;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = ".",
      description = "Takes truth.json and summary.json (default: the working directory).")
  private Path directory;

  @Spec private CommandSpec spec;

  static final class KafkaOnly implements IModelTransformer {
    @Override
    public CommandSpec transform(CommandSpec command) {
      return KafkaOptions.add(command, List.of("kafka", "kafka-config", "topic-prefix"));
    }
  }

  @Override
  public Integer call() throws InterruptedException, IOException {
    Scenario scenario = traffic.scenario();
    LocalStack.requireKnown(jobs);
    ScenarioOptions.requireWarehouse(jobs);
    requireDirectory();
    JobOptions options = KafkaOptions.of(spec);
    EventPublisher.requireTopics(options.cluster(), options.topicNames(), List.of(Topic.values()));
    try {
      warehouse.connect().close();
    } catch (SQLException e) {
      throw warehouse.unreachable(e);
    }
    PrintWriter out = spec.commandLine().getOut();
    try (Demo demo =
        new Demo(
            options.cluster(),
            warehouse::connect,
            options.topicNames(),
            scenario,
            jobs,
            out,
            Ansi.AUTO.enabled())) {
      if (!demo.isOnEmptyTopics() && !usedTopics) {
        throw new UserError(
            "the topics on %s hold records already; made-up people beside real ones distort every"
                    .formatted(options.cluster())
                + " figure: give an empty deployment, or --used-topics");
      }
      demo.playHistory();
      try {
        demo.live(traffic.length());
      } catch (InterruptedException e) {
        demo.writeTruth(directory);
        out.println("stopped");
        return 0;
      }
      return demo.finish(directory) ? 0 : DIFFERS;
    }
  }

  private void requireDirectory() {
    try {
      Files.createDirectories(directory);
      if (!Files.isWritable(directory)) {
        throw new AccessDeniedException(directory.toString());
      }
    } catch (IOException e) {
      throw UserError.of("--out " + directory, e);
    }
  }
}
