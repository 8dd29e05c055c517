package io.heed.cli;

import io.heed.cli.config.ConfigChanges;
import io.heed.cli.config.ConfigFile;
import io.heed.cli.config.PublishedConfig;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code heed apply}: publishes the configuration that is not published yet. */
@Command(
    name = "apply",
    description = {
      "Publishes what changed in a configuration directory, if all of it is valid.",
      "A document that is gone from the directory stays in force: end it by what it says."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {"", "Example:", "  ./heed apply experiment-config --kafka 127.0.0.1:9092 --dry-run"})
final class ApplyCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "DIR",
      arity = "0..1",
      defaultValue = ConfigOptions.DEFAULT_DIRECTORY,
      description = "Configuration directory (default: ${DEFAULT-VALUE}).")
  private Path directory;

  @Option(
      names = "--kafka",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:9092",
      description = "Bootstrap servers of Kafka (default: ${DEFAULT-VALUE}).")
  private String kafka;

  @Option(
      names = "--dry-run",
      description = "Shows what would change, line by line, and publishes nothing.")
  private boolean dryRun;

  @Option(
      names = "--effective-from",
      paramLabel = "INSTANT",
      description =
          "From when documents hold that do not state it themselves, such as 2026-01-01T00:00:00Z"
              + " (default: from now on).")
  private Instant effectiveFrom;

  @Option(
      names = "--topic-prefix",
      paramLabel = "PREFIX",
      defaultValue = "",
      description = "Put before the name of every topic (default: none).")
  private String topicPrefix;

  @Option(
      names = "--partitions",
      paramLabel = "N",
      defaultValue = "4",
      description = "Partitions of topics that are created (default: ${DEFAULT-VALUE}).")
  private int partitions;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    List<ConfigFile> files = ConfigFile.readAll(directory);
    PublishedConfig published = new PublishedConfig(kafka, topicPrefix);
    ConfigChanges changes = published.changes(directory, files, effectiveFrom);
    for (ConfigChanges.Change change : changes.changes()) {
      out.println(change.summary());
      if (dryRun) {
        change.diff().forEach(line -> out.println(coloured(line)));
      }
    }
    changes.onlyPublished().forEach(id -> out.println("kept     " + id + ", not in " + directory));
    if (!dryRun && !changes.changes().isEmpty()) {
      DeploymentTopics.create(kafka, topicPrefix, partitions, (short) -1);
      published.publish(changes);
    }
    out.printf(
        "%d %s, %d unchanged%n",
        changes.changes().size(), dryRun ? "would be published" : "published", changes.unchanged());
    return 0;
  }

  private static String coloured(String line) {
    // Not as markup: a document may have any characters.
    Ansi.Style colour =
        line.startsWith("+")
            ? Ansi.Style.fg_green
            : line.startsWith("-") ? Ansi.Style.fg_red : null;
    return colour == null || !Ansi.AUTO.enabled() ? line : colour.on() + line + colour.off();
  }
}
