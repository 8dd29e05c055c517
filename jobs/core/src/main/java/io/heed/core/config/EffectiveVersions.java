package io.heed.core.config;

import io.heed.core.model.ConfigVersion;
import java.util.Collections;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The versions of documents of one kind, chosen by event time, so that a replay uses the rules that
 * held then. Not safe for concurrent use.
 *
 * @param <T> what a document is parsed into
 */
public final class EffectiveVersions<T> {
  /** Of two versions from one instant the one published later holds. */
  private static final Comparator<ConfigVersion> ORDER =
      Comparator.comparingLong(ConfigVersion::effectiveFrom)
          .thenComparingLong(ConfigVersion::publishedAt)
          .thenComparing(ConfigVersion::configHash);

  /** Parses a document. */
  @FunctionalInterface
  public interface Parser<T> {
    T parse(String name, String document) throws ConfigException;
  }

  private final String kind;
  private final Parser<T> parser;
  private final Map<String, TreeMap<ConfigVersion, T>> byId = new TreeMap<>();

  public EffectiveVersions(String kind, Parser<T> parser) {
    this.kind = kind;
    this.parser = parser;
  }

  /**
   * Takes a version; one of another kind, or one that is known, changes nothing.
   *
   * @throws ConfigException if the document is wrong; then nothing has changed
   */
  public void add(ConfigVersion version) throws ConfigException {
    if (version.kind().equals(kind)) {
      T parsed = parser.parse(version.key(), version.document());
      byId.computeIfAbsent(version.id(), id -> new TreeMap<>(ORDER)).put(version, parsed);
    }
  }

  /** The ids of the documents that have a version. */
  public Set<String> ids() {
    return Collections.unmodifiableSet(byId.keySet());
  }

  /** Every version of a document, in the order in which they come to hold. */
  public SortedMap<ConfigVersion, T> all(String id) {
    return Collections.unmodifiableSortedMap(byId.getOrDefault(id, new TreeMap<>(ORDER)));
  }

  /** The version of a document that held at an instant, epoch milliseconds. */
  public Optional<T> at(String id, long instant) {
    TreeMap<ConfigVersion, T> versions = byId.get(id);
    if (versions == null) {
      return Optional.empty();
    }
    ConfigVersion last = new ConfigVersion(kind, id, "\uffff", instant, Long.MAX_VALUE, "");
    Map.Entry<ConfigVersion, T> held = versions.floorEntry(last);
    return held == null ? Optional.empty() : Optional.of(held.getValue());
  }
}
