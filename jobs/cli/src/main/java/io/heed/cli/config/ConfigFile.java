package io.heed.cli.config;

import io.heed.cli.UserError;
import io.heed.core.Documents;
import io.heed.core.config.ConfigError;
import io.heed.core.config.ConfigException;
import io.heed.core.config.ConfigReader;
import io.heed.core.config.Document;
import io.heed.core.config.DocumentKind;
import io.heed.core.gate.Policy;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * One valid document of a configuration directory.
 *
 * @param kind what it is
 * @param path where it is, as the user named the directory
 * @param document what it says
 * @param text how it says it
 */
public record ConfigFile(DocumentKind<?> kind, Path path, Document document, String text) {
  /** Not applied: they show how documents may look, and describe them. */
  private static final Set<String> SKIPPED = Set.of("examples", "schemas");

  private static final Pattern ID_LINE = Pattern.compile("id\\s*:.*");

  /**
   * Every document of a directory.
   *
   * @throws UserError with every mistake in every file, if there is one
   */
  public static List<ConfigFile> readAll(Path directory) {
    return readAll(directory, Documents.KINDS);
  }

  static List<ConfigFile> readAll(Path directory, List<DocumentKind<?>> kinds) {
    if (!Files.isDirectory(directory)) {
      throw new UserError("there is no directory " + directory);
    }
    List<ConfigError> errors = new ArrayList<>();
    Map<String, ConfigFile> byId = new HashMap<>();
    List<ConfigFile> files = new ArrayList<>();
    try {
      for (Path path : yamlFiles(directory)) {
        try {
          ConfigFile file = read(directory, path, kinds);
          ConfigFile same = byId.putIfAbsent(file.key(), file);
          if (same != null) {
            errors.add(file.error("id", "'%s' is already in %s".formatted(file.id(), same.path)));
          }
          files.add(file);
        } catch (ConfigException e) {
          errors.addAll(e.errors());
        }
      }
    } catch (IOException e) {
      throw UserError.of(directory.toString(), e);
    }
    errors.addAll(secondHoldouts(files));
    refuse(directory, errors);
    return files;
  }

  /** The programme has one hold-out at a time. */
  private static List<ConfigError> secondHoldouts(List<ConfigFile> files) {
    List<ConfigError> errors = new ArrayList<>();
    List<ConfigFile> known = new ArrayList<>();
    for (ConfigFile file : files) {
      if (file.document() instanceof Policy policy && policy.holdout() != null) {
        for (ConfigFile other : known) {
          if (policy.holdout().overlaps(((Policy) other.document()).holdout())) {
            errors.add(
                file.error("holdout", "%s has one for a part of that time".formatted(other.path)));
          }
        }
        known.add(file);
      }
    }
    return errors;
  }

  /**
   * Reports mistakes, all at once.
   *
   * @throws UserError unless there are none
   */
  static void refuse(Path directory, List<ConfigError> errors) {
    if (!errors.isEmpty()) {
      throw new UserError(
          "%d %s in %s%n%s"
              .formatted(
                  errors.size(),
                  errors.size() == 1 ? "mistake" : "mistakes",
                  directory,
                  errors.stream().map(ConfigError::toString).collect(Collectors.joining("\n"))));
    }
  }

  private static List<Path> yamlFiles(Path directory) throws IOException {
    List<Path> found = new ArrayList<>();
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) {
            boolean skipped = !path.equals(directory) && (isHidden(path) || isSkipped(path));
            return skipped ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) {
            String name = path.getFileName().toString();
            if ((name.endsWith(".yaml") || name.endsWith(".yml")) && !isHidden(path)) {
              found.add(path);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    found.sort(null);
    return found;
  }

  private static boolean isHidden(Path path) {
    return path.getFileName().toString().startsWith(".");
  }

  private static boolean isSkipped(Path path) {
    return SKIPPED.contains(path.getFileName().toString());
  }

  private static ConfigFile read(Path directory, Path path, List<DocumentKind<?>> kinds)
      throws ConfigException, IOException {
    Path relative = directory.relativize(path);
    for (DocumentKind<?> kind : kinds) {
      if (path.getFileSystem().getPathMatcher("glob:" + kind.glob()).matches(relative)) {
        String text = ConfigReader.text(path);
        return new ConfigFile(kind, path, kind.parser().parse(path.toString(), text), text);
      }
    }
    String allowed = kinds.stream().map(DocumentKind::glob).collect(Collectors.joining(", "));
    throw mistake(path, 1, "", "belongs to no kind of document", allowed);
  }

  private static ConfigException mistake(
      Path path, int line, String field, String problem, String allowed) {
    return new ConfigException(
        List.of(new ConfigError(path.toString(), line, field, problem, allowed)));
  }

  /** Id of the document within its kind. */
  public String id() {
    return document.id();
  }

  /** Id of the document among all. */
  String key() {
    return kind.name() + "|" + id();
  }

  /** A mistake that only the other documents show; it stands where the id does. */
  ConfigError error(String field, String problem) {
    int line = 1 + (int) text.lines().takeWhile(l -> !ID_LINE.matcher(l).matches()).count();
    return new ConfigError(
        path.toString(), line > text.lines().count() ? 1 : line, field, problem, "");
  }
}
