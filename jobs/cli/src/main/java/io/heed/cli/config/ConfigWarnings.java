package io.heed.cli.config;

import io.heed.core.config.ConfigError;
import io.heed.core.config.ConfigException;
import io.heed.core.experiments.ExperimentConfig;
import io.heed.core.gate.Policy;
import java.util.ArrayList;
import java.util.List;

/** What documents say, alone or together, that is valid and most likely not meant. */
public final class ConfigWarnings {
  private ConfigWarnings() {}

  /** One line a warning. */
  public static List<String> of(List<ConfigFile> files) {
    List<ConfigError> warnings = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      ConfigFile file = files.get(i);
      warnings.addAll(alone(file));
      for (ConfigFile other : files.subList(i + 1, files.size())) {
        if (file.document() instanceof ExperimentConfig a
            && other.document() instanceof ExperimentConfig b
            && a.mayShareRecipients(b)) {
          warnings.add(
              other.error(
                  "audience",
                  "the same people can be in '%s': without a common exclusion_group each test sees the other one's effects"
                      .formatted(a.id())));
        }
        if (file.document() instanceof Policy a
            && other.document() instanceof Policy b
            && a.closes(b)) {
          warnings.add(
              other.error(
                  "quiet_hours",
                  "has no hour in common with policy '%s': lists of both get no message at all"
                      .formatted(a.id())));
        }
      }
    }
    return warnings.stream().map(warning -> "warning: " + warning).toList();
  }

  private static List<ConfigError> alone(ConfigFile file) {
    try {
      return file.kind().warnings().parse(file.path().toString(), file.text());
    } catch (ConfigException e) {
      throw new IllegalStateException("a valid document cannot be read again: " + file.path(), e);
    }
  }
}
