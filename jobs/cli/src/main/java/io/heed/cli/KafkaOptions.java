package io.heed.cli;

import io.heed.flink.streaming.ErasureTopic;
import io.heed.flink.streaming.JobOptions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Options of jobs as options of commands: declared once, in {@link JobOptions}. */
final class KafkaOptions implements IModelTransformer {
  private static final List<String> NAMES =
      List.of(
          "kafka",
          "kafka-config",
          "topic-prefix",
          "partitions",
          "replication-factor",
          "min-insync-replicas",
          "create-topics");

  /** Those of commands that create topics. */
  @Override
  public CommandSpec transform(CommandSpec command) {
    return add(command, NAMES);
  }

  /** Adds options by name, with their defaults. */
  static CommandSpec add(CommandSpec command, Collection<String> names) {
    String[] defaults = JobOptions.DEFAULTS.toArgs();
    int value = 1;
    for (Map.Entry<String, String> option : JobOptions.help().entrySet()) {
      if (names.contains(option.getKey())) {
        command.addOption(
            OptionSpec.builder("--" + option.getKey())
                .type(String.class)
                .paramLabel("VALUE")
                .defaultValue(defaults[value])
                .description(
                    option.getValue()
                        + (defaults[value].isEmpty() ? "" : " (default: ${DEFAULT-VALUE})"))
                .build());
      }
      value += 2;
    }
    return command;
  }

  /**
   * The options as given.
   *
   * @throws UserError if a value is not allowed, or a file that one names cannot be used
   */
  static JobOptions of(CommandSpec command) {
    List<String> args = new ArrayList<>();
    for (String name : JobOptions.help().keySet()) {
      OptionSpec option = command.findOption("--" + name);
      // Some commands have one of these as their own, which may not be given.
      Object value = option == null ? null : option.getValue();
      if (value != null) {
        args.add("--" + name);
        args.add(value.toString());
      }
    }
    try {
      JobOptions options = JobOptions.fromArgs(args.toArray(String[]::new));
      options.password();
      ErasureTopic.key(options);
      return options;
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new UserError(e.getMessage(), e);
    }
  }
}
