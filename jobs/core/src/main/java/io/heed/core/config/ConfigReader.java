package io.heed.core.config;

import io.heed.core.model.ConfigVersion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * Reads one YAML 1.2 document into a value, by a function that takes the fields it knows from the
 * root {@link ConfigNode}:
 *
 * <pre>{@code
 * Variant variant = ConfigReader.read(file, root -> new Variant(
 *     root.required("id").text(),
 *     root.optional("share").map(ConfigNode::decimal).orElse(BigDecimal.ONE)));
 * }</pre>
 *
 * <p>All mistakes are collected, not only the first: after a mistake the getters go on with a
 * neutral value (an empty text, zero, the first constant), and the function's result is thrown away
 * at the end. Fields that the function never read are mistakes, too. An {@link
 * IllegalArgumentException} of a record's constructor is reported at the place of its object.
 *
 * <p>Files are data and nothing else: tags that would name types are refused, and size, depth and
 * aliases are limited.
 */
public final class ConfigReader {
  private static final int MAX_DEPTH = 50;
  private static final int MAX_ALIASES = 50;

  private ConfigReader() {}

  /**
   * Reads a file.
   *
   * @throws ConfigException with every mistake
   * @throws IOException if the file cannot be read
   */
  public static <T> T read(Path file, Function<ConfigNode, T> shape)
      throws ConfigException, IOException {
    return read(file.toString(), text(file), shape);
  }

  /**
   * The text of a file.
   *
   * @throws ConfigException if it is too long, or not UTF-8
   * @throws IOException if the file cannot be read
   */
  public static String text(Path file) throws ConfigException, IOException {
    limitSize(file.toString(), Files.size(file));
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
          .toString();
    } catch (CharacterCodingException e) {
      throw broken(file.toString(), 1, "not text in UTF-8");
    }
  }

  private static void limitSize(String file, long bytes) throws ConfigException {
    if (bytes > ConfigVersion.MAX_DOCUMENT_BYTES) {
      String allowed = "at most %d (256 KiB)".formatted(ConfigVersion.MAX_DOCUMENT_BYTES);
      throw new ConfigException(List.of(new ConfigError(file, 1, "", bytes + " bytes", allowed)));
    }
  }

  /**
   * Reads a text.
   *
   * @param file name of the text in errors
   * @throws ConfigException with every mistake
   */
  public static <T> T read(String file, String text, Function<ConfigNode, T> shape)
      throws ConfigException {
    return read(file, text, shape, new ConfigFindings());
  }

  /**
   * What a text says that is valid and most likely not meant.
   *
   * @throws ConfigException with every mistake, if it is not valid
   */
  public static List<ConfigError> warnings(String file, String text, Function<ConfigNode, ?> shape)
      throws ConfigException {
    ConfigFindings found = new ConfigFindings();
    read(file, text, shape, found);
    return List.copyOf(found.warnings());
  }

  private static <T> T read(
      String file, String text, Function<ConfigNode, T> shape, ConfigFindings found)
      throws ConfigException {
    limitSize(file, text.getBytes(StandardCharsets.UTF_8).length);
    List<ConfigError> errors = found.errors();
    T value = null;
    ConfigNode root = new ConfigNode(file, parse(file, text), found);
    try {
      value = root.as(shape);
    } catch (RuntimeException e) {
      // Neutral values may break what comes after a mistake; without a mistake it is a defect.
      if (errors.isEmpty()) {
        throw e;
      }
    }
    root.refuseUnknownFields();
    if (!errors.isEmpty()) {
      errors.sort(Comparator.comparingInt(ConfigError::line));
      throw new ConfigException(errors);
    }
    return value;
  }

  private static Node parse(String file, String text) throws ConfigException {
    LoadSettings settings =
        LoadSettings.builder()
            .setLabel(file)
            .setSchema(new CoreSchema())
            .setCodePointLimit(ConfigVersion.MAX_DOCUMENT_BYTES)
            // All at once: the library (2.10) fails on an emoji that stands across two buffers.
            .setBufferSize(text.length() + 1)
            .setMaxAliasesForCollections(MAX_ALIASES)
            .build();
    try {
      limitDepth(file, new Parse(settings).parseString(text));
      Optional<Node> root = new Compose(settings).composeString(text);
      if (root.isEmpty()) {
        throw broken(file, 1, "the file is empty");
      }
      return root.get();
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
      throw broken(file, line, "not YAML: " + e.getProblem());
    } catch (ReaderException e) {
      long line = text.codePoints().limit(e.getPosition()).filter(c -> c == '\n').count() + 1;
      throw broken(file, (int) line, "not YAML: character U+%04X".formatted(e.getCodePoint()));
    } catch (YamlEngineException e) {
      throw broken(file, 1, "not YAML: " + e.getMessage().lines().findFirst().orElse(""));
    } catch (NumberFormatException e) {
      // The library lets through what its scanner fails with on an escape without its digits.
      throw broken(file, 1, "not YAML: an escape such as \\u00e9 is cut off");
    }
  }

  /** Composing recurses, so that depth must be known before. */
  private static void limitDepth(String file, Iterable<Event> events) throws ConfigException {
    int depth = 0;
    for (Event event : events) {
      if (event instanceof CollectionStartEvent && ++depth > MAX_DEPTH) {
        int line = event.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
        throw broken(file, line, "nested more than " + MAX_DEPTH + " deep");
      } else if (event instanceof CollectionEndEvent) {
        depth--;
      }
    }
  }

  private static ConfigException broken(String file, int line, String problem) {
    return new ConfigException(List.of(new ConfigError(file, line, "", problem, "")));
  }
}
