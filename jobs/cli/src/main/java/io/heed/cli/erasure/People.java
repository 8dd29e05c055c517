package io.heed.cli.erasure;

import io.heed.core.model.KeyedHash;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.common.utils.Utils;

/** The people who are erased together: their ids, and the keyed hashes that stay. */
public final class People {
  private final KeyedHash key;
  private final Map<String, String> hashes = new LinkedHashMap<>();
  private final Pattern mention;

  /** People by the one form of their ids. */
  public People(Collection<String> ids, KeyedHash key) {
    this.key = key;
    ids.forEach(id -> hashes.put(id, key.of(id)));
    mention = Pattern.compile(mentions(Pattern::quote));
  }

  private String mentions(java.util.function.UnaryOperator<String> quote) {
    return "(^|[^0-9A-Za-z])("
        + hashes.keySet().stream().map(quote).collect(Collectors.joining("|"))
        + ")($|[^0-9A-Za-z])";
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
    return hashes.keySet().stream()
        .filter(id -> decisionKey.startsWith(id + "|"))
        .findFirst()
        .orElse(null);
  }

  /** Whether a text names one of them, and not merely a longer number. */
  boolean areNamedIn(byte[] text) {
    return mention.matcher(new String(text, StandardCharsets.ISO_8859_1)).find();
  }

  /** The same as a regular expression of RE2. */
  String mentionPattern() {
    return mentions(id -> id.replaceAll("[^0-9A-Za-z]", "\\\\$0"));
  }

  /** The partitions that their records lie in. */
  Set<Integer> partitions(int count) {
    return hashes.keySet().stream()
        .map(id -> partition(id, count))
        .collect(Collectors.toCollection(TreeSet::new));
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
