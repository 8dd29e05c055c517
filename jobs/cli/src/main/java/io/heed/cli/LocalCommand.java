package io.heed.cli;

import io.heed.cli.local.Endpoints;
import io.heed.cli.local.LocalStack;
import io.heed.flink.warehouse.Database;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code heed local}: the stack without traffic, until it is interrupted. */
@Command(
    name = "local",
    description = {
      "Starts Kafka, ClickHouse and Flink on this machine and waits for your traffic.",
      "Ctrl-C stops it cleanly (exit code 0); a second start on the same --data-dir goes on where it"
          + " stopped."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Example:",
      "  ./heed local --data-dir ~/heed-data --kafka-port 19092",
    })
final class LocalCommand implements Callable<Integer> {
  @Mixin private StackOptions stackOptions;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    Preview preview = stackOptions.preview(spec);
    try (LocalStack stack = LocalStack.start(stackOptions.options(spec, preview));
        Preview running = preview.start(stack.endpoints())) {
      printEndpoints(out, stack.endpoints(), running);
      out.println("ready");
      out.flush();
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      out.println("stopped");
    }
    return 0;
  }

  static void printEndpoints(PrintWriter out, Endpoints endpoints, Preview preview) {
    out.println("Kafka       " + endpoints.kafka());
    boolean own = endpoints.readerPasswordFile() != null;
    out.println(
        "ClickHouse  "
            + Database.withoutSecrets(endpoints.clickHouseUrl())
            + (own ? "  (user default, no password)" : ""));
    out.println("Flink       " + endpoints.flinkUrl());
    out.println("Metrics     " + endpoints.metricsUrl());
    preview.url().ifPresent(url -> out.println("Preview     " + url + "  (dashboards)"));
  }
}
