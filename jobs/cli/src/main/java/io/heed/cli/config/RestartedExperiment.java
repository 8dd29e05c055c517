package io.heed.cli.config;

import io.heed.cli.UserError;
import io.heed.core.config.ConfigException;
import io.heed.core.experiments.ExperimentReader;
import io.heed.core.model.ConfigVersion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An experiment that starts again: the old file's text under the next free id, from now on. A test
 * that has ended, or is invalid, never goes on; its units stay its own.
 */
public final class RestartedExperiment {
  private static final Pattern ID = Pattern.compile("(?m)^id:.*$");
  private static final Pattern START = Pattern.compile("(?m)^start:.*$");
  private static final Pattern EFFECTIVE_FROM = Pattern.compile("(?m)^effective_from:.*\\R?");
  private static final Pattern NUMBER = Pattern.compile("-\\d+$");
  private static final int LONGEST_ID = 64;

  private RestartedExperiment() {}

  /**
   * The new file, which is not written yet.
   *
   * @param published every version, so that no id is used twice
   * @throws UserError if there is no such experiment, or its file cannot be changed by lines
   */
  public static ConfigFile of(
      List<ConfigFile> files, Collection<ConfigVersion> published, String id, Instant now) {
    String kind = ExperimentReader.KIND.name();
    ConfigFile old =
        files.stream()
            .filter(file -> file.kind().name().equals(kind) && file.id().equals(id))
            .findFirst()
            .orElseThrow(() -> new UserError("no file has the experiment " + id));
    Set<String> used = new HashSet<>();
    files.forEach(file -> used.add(file.key()));
    published.forEach(version -> used.add(version.kind() + "|" + version.id()));
    String base = NUMBER.matcher(id).replaceFirst("");
    int number = 2;
    while (used.contains(kind + "|" + base + "-" + number)) {
      number++;
    }
    String next = base + "-" + number;
    Path path = old.path().resolveSibling(next + ".yaml");
    if (Files.exists(path)) {
      throw new UserError(
          "%s exists already, and is not the experiment %s: rename that file"
              .formatted(path, next));
    }
    if (next.length() > LONGEST_ID) {
      throw new UserError("%s would be longer than %d characters".formatted(next, LONGEST_ID));
    }
    String text = replaced(old, ID, old.text(), "id: " + next);
    text = replaced(old, START, text, "start: " + now.truncatedTo(ChronoUnit.SECONDS));
    // The weights of the new test hold from its start on.
    text = EFFECTIVE_FROM.matcher(text).replaceAll("");
    try {
      return new ConfigFile(
          ExperimentReader.KIND, path, ExperimentReader.parse(path.toString(), text), text);
    } catch (ConfigException e) {
      throw new UserError(e.getMessage(), e);
    }
  }

  private static String replaced(ConfigFile old, Pattern line, String text, String by) {
    Matcher matcher = line.matcher(text);
    if (!matcher.find()) {
      throw new UserError(
          "%s has no line that begins with '%s': copy it under a new id by hand"
              .formatted(old.path(), by.substring(0, by.indexOf(':') + 1)));
    }
    return matcher.replaceFirst(Matcher.quoteReplacement(by));
  }
}
