package io.heed.cli;

import io.heed.cli.demo.Demo;
import io.heed.cli.local.LocalStack;
import io.heed.core.model.TopicNames;
import io.heed.sim.Scenario;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * {@code heed demo}: the whole stack under simulated traffic, its results held against the truth.
 */
@Command(
    name = "demo",
    description = {
      "Starts Kafka, ClickHouse and Flink on this machine, runs every job, plays 30 days of"
          + " simulated history and then live traffic.",
      "With --for, stops the traffic at the end and compares what ClickHouse says with the truth:"
          + " exit code 0 if they agree. Without, goes on until Ctrl-C."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  ./heed demo --for 2m",
      "  ./heed demo --scenario opt-out-spike --rate 500 --data-dir /tmp/spike",
    })
final class DemoCommand implements Callable<Integer> {
  private static final int DIFFERS = 1;

  @Mixin private ScenarioOptions traffic;
  @Mixin private StackOptions stackOptions;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException, IOException {
    Scenario scenario = traffic.scenario();
    ScenarioOptions.requireWarehouse(stackOptions.jobs());
    PrintWriter out = spec.commandLine().getOut();
    Path directory = stackOptions.dataDirectory();
    Preview preview = stackOptions.preview(spec);
    try (LocalStack stack = LocalStack.start(stackOptions.options(spec, preview));
        Preview running = preview.start(stack.endpoints());
        Demo demo =
            new Demo(
                stack.endpoints().cluster(),
                () -> DriverManager.getConnection(stack.endpoints().clickHouseUrl()),
                new TopicNames(stackOptions.topicPrefix()),
                scenario,
                stackOptions.jobs(),
                out,
                Ansi.AUTO.enabled())) {
      LocalCommand.printEndpoints(out, stack.endpoints(), running);
      out.flush();
      demo.playHistory();
      out.println("ready");
      out.flush();
      try {
        demo.live(traffic.length());
      } catch (InterruptedException e) {
        demo.writeTruth(directory);
        out.println("stopped");
        return 0;
      }
      boolean agrees = demo.finish(directory);
      if (!agrees && !stack.areJobsRunning()) {
        out.println("Not every job runs, see " + directory.resolve("logs").resolve("flink.log"));
      }
      out.printf(
          "%nThe truth is in %s, the results in %s%n",
          directory.resolve("truth.json"), directory.resolve("summary.json"));
      out.printf("To look around in the results: ./heed local --data-dir %s%n", directory);
      return agrees ? 0 : DIFFERS;
    }
  }
}
