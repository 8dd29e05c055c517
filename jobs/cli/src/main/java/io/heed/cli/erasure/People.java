package io.heed.cli.erasure;

import io.heed.core.model.KeyedHash;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.common.utils.Utils;

/** The people who are erased together: their ids, and the keyed hashes that stay. */
public final class People {
  /** Before a mention: an escape of a form or of JSON is no letter, though it may end with one. */
  private static final String BEFORE = "(^|[^0-9A-Za-z]|%[0-9A-Fa-f]{2}|\\\\u[0-9A-Fa-f]{4})";

  private static final String BEHIND = "($|[^0-9A-Za-z])";
  private static final Pattern NUMBER = Pattern.compile("\\+[0-9]{7,15}");
  private static final Pattern PUNCTUATION = Pattern.compile("[\\x00-\\x7F&&[^0-9A-Za-z_]]");

  private final KeyedHash key;
  private final Map<String, String> hashes = new LinkedHashMap<>();
  private final Map<String, String> ids = new HashMap<>();
  private final Pattern mention;

  /** People by the one form of their ids. */
  public People(Collection<String> ids, KeyedHash key) {
    this.key = key;
    for (String id : ids) {
      hashes.put(id, key.of(id));
      this.ids.put(hashes.get(id), id);
    }
    mention = Pattern.compile(mentionPattern());
  }

  /** Their ids. */
  public Set<String> ids() {
    return hashes.keySet();
  }

  /** The keyed hash of one of them. */
  String hash(String id) {
    return hashes.get(id);
  }

  /** The hash of something else under the same key. */
  String hashOf(String text) {
    return key.of(text);
  }

  /** The id that a key of the form {@code id|...} begins with, or null. */
  String idOfKey(String decisionKey) {
    return beginning(decisionKey, hashes.keySet());
  }

  /** The id of the person whose hash a key of the form {@code hash|...} begins with, or null. */
  String idOfHashedKey(String decisionKey) {
    return ids.get(beginning(decisionKey, ids.keySet()));
  }

  /** An id may have bars in it as well. */
  private static String beginning(String key, Set<String> names) {
    for (int bar = key.indexOf('|'); bar >= 0; bar = key.indexOf('|', bar + 1)) {
      String name = key.substring(0, bar);
      if (names.contains(name)) {
        return name;
      }
    }
    return null;
  }

  /** Whether a text names one of them, and not merely a longer number. */
  boolean areNamedIn(byte[] text) {
    return mention.matcher(new String(text, StandardCharsets.UTF_8)).find();
  }

  /**
   * The same as a regular expression, which Java and RE2 read alike. A number counts without its
   * plus as well, for many write it so, and whatever stands for the plus is no digit.
   */
  String mentionPattern() {
    return hashes.keySet().stream()
        .map(id -> NUMBER.matcher(id).matches() ? id.substring(1) : id)
        .map(text -> PUNCTUATION.matcher(text).replaceAll("\\\\$0"))
        .collect(Collectors.joining("|", BEFORE + "(", ")" + BEHIND));
  }

  /** The partition of an id, as Kafka's default partitioner chooses it. */
  static int partition(String id, int count) {
    return Utils.toPositive(Utils.murmur2(id.getBytes(StandardCharsets.UTF_8))) % count;
  }

  @Override
  public String toString() {
    return String.join(", ", List.copyOf(hashes.keySet()));
  }
}
