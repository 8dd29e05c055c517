package io.heed.cli;

import io.heed.cli.config.ConfigChanges;
import io.heed.cli.config.ConfigFile;
import io.heed.cli.config.PublishedConfig;
import io.heed.cli.config.RestartedExperiment;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Topic;
import io.heed.flink.streaming.JobOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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
    modelTransformer = KafkaOptions.class,
    footer = {"", "Example:", "  ./heed apply experiment-config --kafka 127.0.0.1:9092 --dry-run"})
final class ApplyCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "DIR",
      arity = "0..1",
      defaultValue = ConfigOptions.DEFAULT_DIRECTORY,
      description = "Configuration directory (default: ${DEFAULT-VALUE}).")
  private Path directory;

  @Option(
      names = "--dry-run",
      description = "Shows what would change, line by line, and publishes nothing.")
  private boolean dryRun;

  @Option(
      names = "--restart",
      paramLabel = "EXPERIMENT",
      description = {
        "Starts an experiment again, such as an invalid one: writes its file under the next free id,",
        "such as emoji-2, with the start set to now, and publishes it. Requests name the new id."
      })
  private String restart;

  @Option(
      names = "--effective-from",
      paramLabel = "INSTANT",
      description =
          "From when documents hold that do not state it themselves, such as 2026-01-01T00:00:00Z"
              + " (default: from now on).")
  private Instant effectiveFrom;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    List<ConfigFile> files = ConfigFile.readAll(directory);
    JobOptions options = KafkaOptions.of(spec);
    PublishedConfig published = new PublishedConfig(options);
    List<ConfigVersion> versions = published.versions();
    Instant now = Instant.now();
    ConfigFile again =
        restart == null ? null : RestartedExperiment.of(files, versions, restart, now);
    List<ConfigFile> all = again == null ? files : with(files, again);
    ConfigChanges changes = ConfigChanges.between(versions, directory, all, now, effectiveFrom);
    for (ConfigChanges.Change change : changes.changes()) {
      out.println(change.summary());
      if (dryRun) {
        change.diff().forEach(line -> out.println(coloured(line)));
      }
    }
    changes.onlyPublished().forEach(id -> out.println("kept     " + id + ", not in " + directory));
    if (again != null) {
      out.printf("%s starts again as %s, in %s%n", restart, again.id(), again.path());
    }
    if (!dryRun && !changes.changes().isEmpty()) {
      write(again);
      DeploymentTopics.create(options, Set.of(Topic.CONFIG));
      published.publish(changes);
    }
    out.printf(
        "%d %s, %d unchanged%n",
        changes.changes().size(), dryRun ? "would be published" : "published", changes.unchanged());
    return 0;
  }

  private static List<ConfigFile> with(List<ConfigFile> files, ConfigFile another) {
    List<ConfigFile> all = new ArrayList<>(files);
    all.add(another);
    return all;
  }

  private static void write(ConfigFile file) {
    try {
      if (file != null) {
        Files.writeString(file.path(), file.text(), StandardOpenOption.CREATE_NEW);
      }
    } catch (IOException e) {
      throw UserError.of(file.path().toString(), e);
    }
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
