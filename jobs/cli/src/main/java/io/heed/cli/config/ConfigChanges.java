package io.heed.cli.config;

import com.github.difflib.DiffUtils;
import com.github.difflib.UnifiedDiffUtils;
import io.heed.cli.UserError;
import io.heed.core.config.ConfigError;
import io.heed.core.config.ConfigException;
import io.heed.core.model.ConfigVersion;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a directory has that was not published yet. A document whose text is the one that was
 * published last is unchanged. One that is gone from the directory stays in force: versions are
 * kept for ever, since a replay needs them, so a document ends by its own content.
 *
 * @param changes to be published
 * @param unchanged how many documents are published already
 * @param onlyPublished documents in force that the directory does not have, {@code kind id}
 */
public record ConfigChanges(List<Change> changes, int unchanged, List<String> onlyPublished) {
  private static final int CONTEXT_LINES = 3;

  /**
   * One document that is new, or differs from its last version.
   *
   * @param previous the version published last; null for a new document
   */
  public record Change(ConfigVersion previous, ConfigVersion next) {

    /** For people: what it is and from when it holds. */
    public String summary() {
      return "%-8s %s %s, effective from %s"
          .formatted(
              previous == null ? "new" : "changed",
              next.kind(),
              next.id(),
              Instant.ofEpochMilli(next.effectiveFrom()));
    }

    /** The lines that differ, as a unified diff; a new document is all new lines. */
    public List<String> diff() {
      List<String> before = previous == null ? List.of() : previous.document().lines().toList();
      String name = next.kind() + "/" + next.id();
      return UnifiedDiffUtils.generateUnifiedDiff(
          previous == null ? "/dev/null" : name,
          name,
          before,
          DiffUtils.diff(before, next.document().lines().toList()),
          CONTEXT_LINES);
    }
  }

  /**
   * Compares a directory with what was published.
   *
   * @param published every version, in any order
   * @param now instant of the publication
   * @param effectiveFrom of documents that do not state it; null: from now on
   * @throws UserError with every document that may not follow its last version
   */
  public static ConfigChanges between(
      Collection<ConfigVersion> published,
      Path directory,
      List<ConfigFile> files,
      Instant now,
      Instant effectiveFrom) {
    Map<String, ConfigVersion> last = new HashMap<>();
    for (ConfigVersion version : published) {
      last.merge(version.kind() + "|" + version.id(), version, ConfigChanges::later);
    }
    List<Change> changes = new ArrayList<>();
    List<ConfigError> refused = new ArrayList<>();
    for (ConfigFile file : files) {
      ConfigVersion previous = last.remove(file.key());
      if (previous == null || !previous.document().equals(file.text())) {
        refusals(previous, file, now).forEach(problem -> refused.add(file.error("", problem)));
        changes.add(new Change(previous, next(previous, file, now, effectiveFrom)));
      }
    }
    ConfigFile.refuse(directory, refused);
    return new ConfigChanges(
        changes,
        files.size() - changes.size(),
        last.values().stream().map(v -> v.kind() + " " + v.id()).sorted().toList());
  }

  private static ConfigVersion later(ConfigVersion a, ConfigVersion b) {
    return Comparator.comparingLong(ConfigVersion::publishedAt).compare(a, b) > 0 ? a : b;
  }

  private static List<String> refusals(ConfigVersion previous, ConfigFile file, Instant now) {
    try {
      return previous == null ? List.of() : file.kind().refusals(previous, file.text(), now);
    } catch (ConfigException e) {
      // The last version cannot be read by this release, so no job holds to it either.
      return List.of();
    }
  }

  private static ConfigVersion next(
      ConfigVersion previous, ConfigFile file, Instant now, Instant effectiveFrom) {
    // The order of publication must not depend on a clock that was set back.
    long publishedAt =
        previous == null
            ? now.toEpochMilli()
            : Math.max(now.toEpochMilli(), previous.publishedAt() + 1);
    Instant own = file.document().effectiveFrom();
    Instant from = own == null ? effectiveFrom : own;
    return ConfigVersion.of(
        file.kind().name(),
        file.id(),
        from == null ? publishedAt : from.toEpochMilli(),
        publishedAt,
        file.text());
  }
}
