package io.heed.core.config;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A place in a configuration file, read as what its reader expects there. A getter that finds
 * something else records a {@link ConfigError} and returns a neutral value; see {@link
 * ConfigReader}.
 */
public final class ConfigNode {
  /** A document whose every line is a mistake is no clearer with the thousandth. */
  private static final int MAX_ERRORS = 1_000;

  /** Events before this are unreadable. */
  private static final Instant EARLIEST = Instant.parse("2000-01-01T00:00:00Z");

  private final String file;
  private final String path;
  private final int line;
  // Null where a required field is missing: reported once, whatever is read from it then.
  private final Node node;
  private final ConfigFindings found;
  private final Set<String> read = new LinkedHashSet<>();
  private final List<ConfigNode> elements = new ArrayList<>();
  // Made when first read, so that aliases unfold no further than a reader looks.
  private Map<String, ConfigNode> fields;
  private boolean kindReported;

  ConfigNode(String file, Node root, ConfigFindings found) {
    this(file, "", lineOf(root), root, found);
  }

  private ConfigNode(String file, String path, int line, Node node, ConfigFindings found) {
    this.file = file;
    this.path = path;
    this.line = line;
    this.node = node;
    this.found = found;
    if (node != null && !isStandardTag(node.getTag())) {
      error("the tag " + node.getTag().getValue() + " has no meaning here", "plain values");
    }
  }

  /** Line of the node in its file, from 1. */
  public int line() {
    return line;
  }

  /** Path of the node, such as {@code variants[1].share}; empty for the root. */
  public String path() {
    return path;
  }

  public boolean isObject() {
    return node instanceof MappingNode;
  }

  public boolean isList() {
    return node instanceof SequenceNode;
  }

  /** Whether the object has that field; which does not make the field a known one. */
  public boolean has(String name) {
    ConfigNode field = fields().get(name);
    return field != null && !isNull(field.node);
  }

  /** Whether no mistake was found so far here or below: what cross-checks of fields need. */
  public boolean valid() {
    return node != null && found.errors().stream().noneMatch(error -> isAt(error.field()));
  }

  private boolean isAt(String field) {
    return path.isEmpty()
        || field.equals(path)
        || field.startsWith(path + ".")
        || field.startsWith(path + "[");
  }

  /** Records a mistake at this node that only its reader can see. */
  public void error(String problem, String allowed) {
    if (found.errors().size() < MAX_ERRORS) {
      found.errors().add(new ConfigError(file, line, path, problem, allowed));
    }
  }

  /** Records what is valid, and most likely not meant. */
  public void warning(String problem) {
    if (found.warnings().size() < MAX_ERRORS) {
      found.warnings().add(new ConfigError(file, line, path, problem, ""));
    }
  }

  // Objects.

  /** The field of that name, which must be there. */
  public ConfigNode required(String name) {
    return optional(name)
        .orElseGet(
            () -> {
              ConfigNode missing = new ConfigNode(file, join(name), line, null, found);
              if (isObject()) {
                missing.error("required, but missing", "");
              }
              return missing;
            });
  }

  /** The field of that name; empty if it is absent or null. */
  public Optional<ConfigNode> optional(String name) {
    expectObject();
    read.add(name);
    return has(name) ? Optional.of(fields().get(name)) : Optional.empty();
  }

  /** The value that {@code shape} makes of this object. */
  public <T> T as(Function<ConfigNode, T> shape) {
    try {
      return shape.apply(this);
    } catch (IllegalArgumentException e) {
      if (valid()) {
        error(e.getMessage(), "");
      }
      return null;
    }
  }

  /** An object whose field names are free, in the order of the file. */
  public <T> Map<String, T> map(Function<ConfigNode, T> value) {
    expectObject();
    Map<String, T> map = new LinkedHashMap<>();
    fields()
        .forEach(
            (name, field) -> {
              read.add(name);
              map.put(name, field.as(value));
            });
    return Collections.unmodifiableMap(map);
  }

  /** The names of the object's fields, in the order of the file. */
  public Collection<String> names() {
    expectObject();
    return Collections.unmodifiableSet(fields().keySet());
  }

  // Lists.

  /** A list, element by element. */
  public <T> List<T> list(Function<ConfigNode, T> element) {
    if (!(node instanceof SequenceNode sequence)) {
      expected("a list");
      return List.of();
    }
    List<T> list = new ArrayList<>();
    for (Node value : sequence.getValue()) {
      String at = path + "[" + list.size() + "]";
      ConfigNode child = new ConfigNode(file, at, lineOf(value), value, found);
      elements.add(child);
      list.add(child.as(element));
    }
    return Collections.unmodifiableList(list);
  }

  // Scalars.

  /** A text that is not empty; a number or a date is text as it stands in the file. */
  public String text() {
    return scalar("a text that is not empty", value -> value.isEmpty() ? null : value, "");
  }

  /** A text that matches as a whole. */
  public String text(Pattern pattern, String allowed) {
    return scalar(allowed, value -> pattern.matcher(value).matches() ? value : null, "");
  }

  /** One of a few texts. */
  public String oneOf(Collection<String> allowed) {
    return scalar(
        String.join(", ", new TreeSet<>(allowed)),
        value -> allowed.contains(value) ? value : null,
        "",
        allowed);
  }

  /** A constant, in any case and with hyphens for underscores. */
  public <E extends Enum<E>> E oneOf(Class<E> type) {
    List<String> names = Arrays.stream(type.getEnumConstants()).map(Enum::name).toList();
    return scalar(
        String.join(", ", names),
        value -> {
          int index = names.indexOf(Suggestion.constant(value));
          return index < 0 ? null : type.getEnumConstants()[index];
        },
        type.getEnumConstants()[0],
        names);
  }

  /** A constant as files spell it: in lower case, with hyphens. Other spellings are warned of. */
  public <E extends Enum<E>> E choice(Class<E> type) {
    E constant = oneOf(type);
    String spelling = constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    if (node instanceof ScalarNode scalar
        && !scalar.getValue().equals(spelling)
        && Suggestion.constant(scalar.getValue()).equals(constant.name())) {
      warning("'%s' is spelled %s in the schema".formatted(scalar.getValue(), spelling));
    }
    return constant;
  }

  public boolean bool() {
    return plain("true or false", ConfigScalars::bool, false);
  }

  public long integer() {
    return integer(Long.MIN_VALUE, Long.MAX_VALUE);
  }

  /** An integer within both bounds, inclusive; underscores may group digits. */
  public long integer(long min, long max) {
    String allowed = "an integer" + ConfigScalars.range(min, max);
    return plain(
        allowed, value -> ConfigScalars.integer(value, min, max), Math.max(min, Math.min(0, max)));
  }

  public BigDecimal decimal() {
    return plain("a decimal number", ConfigScalars::decimal, BigDecimal.ZERO);
  }

  /** A decimal number within both bounds, inclusive. */
  public BigDecimal decimal(String min, String max) {
    BigDecimal least = new BigDecimal(min);
    BigDecimal most = new BigDecimal(max);
    return plain(
        "a decimal number from " + min + " to " + max,
        value -> {
          BigDecimal number = ConfigScalars.decimal(value);
          return number != null && number.compareTo(least) >= 0 && number.compareTo(most) <= 0
              ? number
              : null;
        },
        least);
  }

  /** An amount of money, not negative, as micros (millionths) of its currency. */
  public long micros() {
    return plain("an amount from 0 on with at most 6 decimal places", ConfigScalars::micros, 0L);
  }

  /** A length of time: numbers with units (ms, s, m, h, d of 24 hours, w), such as 1h30m. */
  public Duration duration() {
    return scalar(ConfigScalars.EXAMPLES_OF_DURATION, ConfigScalars::duration, Duration.ZERO);
  }

  /** A length of time within both bounds, inclusive. */
  public Duration duration(Duration min, Duration max) {
    return scalar(
        ConfigScalars.EXAMPLES_OF_DURATION
            + " from "
            + ConfigScalars.format(min)
            + " to "
            + ConfigScalars.format(max),
        value -> {
          Duration duration = ConfigScalars.duration(value);
          return duration != null && duration.compareTo(min) >= 0 && duration.compareTo(max) <= 0
              ? duration
              : null;
        },
        min);
  }

  /** An instant with its offset from UTC, or a date, which is its midnight UTC. */
  public Instant instant() {
    Instant instant =
        time(
            "an instant such as 2026-03-01T09:00:00Z, or a date such as 2026-03-01 (midnight UTC)",
            value ->
                value.length() == 10
                    ? LocalDate.parse(value).atStartOfDay(ZoneOffset.UTC).toInstant()
                    : OffsetDateTime.parse(value).toInstant(),
            Instant.EPOCH);
    if (instant.isBefore(EARLIEST) && !instant.equals(Instant.EPOCH)) {
      warning(
          "the year %d lies before the first event that there can be"
              .formatted(instant.atOffset(ZoneOffset.UTC).getYear()));
    }
    return instant;
  }

  public LocalDate date() {
    return time("a date such as 2026-03-01", LocalDate::parse, LocalDate.EPOCH);
  }

  public LocalTime timeOfDay() {
    return time("a time of day such as 08:00", LocalTime::parse, LocalTime.MIDNIGHT);
  }

  public ZoneId timeZone() {
    return time("an IANA time zone such as America/New_York", ZoneId::of, ZoneOffset.UTC);
  }

  private <T> T time(String allowed, Function<String, T> parser, T neutral) {
    return scalar(
        allowed,
        value -> {
          try {
            return parser.apply(value);
          } catch (DateTimeException e) {
            return null;
          }
        },
        neutral);
  }

  private <T> T scalar(String allowed, Function<String, T> parser, T neutral) {
    return scalar(allowed, parser, neutral, List.of());
  }

  /** Reads a scalar by a parser that returns null for what is not allowed. */
  private <T> T scalar(
      String allowed, Function<String, T> parser, T neutral, Collection<String> candidates) {
    if (!(node instanceof ScalarNode scalar) || isNull(node)) {
      expected(allowed);
      return neutral;
    }
    T value = parser.apply(scalar.getValue());
    if (value == null) {
      error(
          "'" + shorten(scalar.getValue()) + "'" + Suggestion.of(scalar.getValue(), candidates),
          allowed);
      return neutral;
    }
    return value;
  }

  /** A scalar that quotes would make a text. */
  private <T> T plain(String allowed, Function<String, T> parser, T neutral) {
    if (node instanceof ScalarNode scalar && scalar.getScalarStyle() != ScalarStyle.PLAIN) {
      error("\"" + shorten(scalar.getValue()) + "\" is a text", allowed + ", without quotes");
      return neutral;
    }
    return scalar(allowed, parser, neutral);
  }

  private void expectObject() {
    if (!isObject()) {
      expected("an object with fields");
    }
  }

  private void expected(String what) {
    if (node != null && !kindReported) {
      kindReported = true;
      error("found " + kind(), what);
    }
  }

  private String kind() {
    return isObject()
        ? "an object"
        : isList() ? "a list" : isNull(node) ? "nothing" : "a single value";
  }

  /** Records the fields that no reader has read, here and below. */
  void refuseUnknownFields() {
    elements.forEach(ConfigNode::refuseUnknownFields);
    if (read.isEmpty()) {
      return;
    }
    fields()
        .forEach(
            (name, field) -> {
              if (read.contains(name)) {
                field.refuseUnknownFields();
              } else {
                field.error("unknown field" + Suggestion.of(name, read), String.join(", ", read));
              }
            });
  }

  private Map<String, ConfigNode> fields() {
    if (fields == null) {
      fields = node instanceof MappingNode mapping ? fieldsOf(mapping) : Map.of();
    }
    return fields;
  }

  private Map<String, ConfigNode> fieldsOf(MappingNode mapping) {
    Map<String, ConfigNode> result = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      int at = lineOf(tuple.getKeyNode());
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        found
            .errors()
            .add(new ConfigError(file, at, path, "a field's name is not a text", "texts"));
        continue;
      }
      String name = key.getValue();
      ConfigNode field = new ConfigNode(file, join(name), at, tuple.getValueNode(), found);
      if (result.putIfAbsent(name, field) != null) {
        field.error("is there twice, first in line " + result.get(name).line, "once");
      }
    }
    return result;
  }

  private String join(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  private static int lineOf(Node node) {
    return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
  }

  private static boolean isNull(Node node) {
    return node != null && node.getTag().equals(Tag.NULL);
  }

  private static boolean isStandardTag(Tag tag) {
    return tag.equals(Tag.MAP)
        || tag.equals(Tag.SEQ)
        || tag.equals(Tag.STR)
        || tag.equals(Tag.INT)
        || tag.equals(Tag.FLOAT)
        || tag.equals(Tag.BOOL)
        || tag.equals(Tag.NULL);
  }

  private static String shorten(String text) {
    return text.length() <= 60 ? text : text.substring(0, 60) + "...";
  }
}
