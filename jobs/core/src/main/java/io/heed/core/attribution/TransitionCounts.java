package io.heed.core.attribution;

import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * How often one state was followed by another in the paths of one day: exact integers, so that
 * merging in any order gives the same. Mutable; not safe for concurrent use.
 */
public final class TransitionCounts {
  /** Where every path starts. Channels are words, so that no channel has such a name. */
  public static final String START = "(start)";

  /** A path that converted ends here. */
  public static final String CONVERSION = "(conversion)";

  /** A path without conversion ends here. */
  public static final String NULL = "(null)";

  /** One step of a path. */
  public record Transition(String from, String to) {}

  private final Map<Transition, Long> counts = new HashMap<>();

  /** Counts a path, or takes it back, by its sign. */
  public void add(PathFact path) {
    String at = START;
    List<String> channels = path.channels();
    for (String channel : channels) {
      add(at, channel, path.sign());
      at = channel;
    }
    add(at, path.converted() ? CONVERSION : NULL, path.sign());
  }

  /** Counts the same step {@code times} times; negative takes back. */
  public void add(String from, String to, long times) {
    counts.merge(new Transition(from, to), times, (a, b) -> a + b == 0 ? null : (Long) (a + b));
  }

  /** Adds all of another. */
  public void addAll(TransitionCounts other) {
    other.forEach((step, times) -> add(step.from(), step.to(), times));
  }

  public void forEach(BiConsumer<Transition, Long> action) {
    counts.forEach(action);
  }

  /** The counts by step; a view. */
  public Map<Transition, Long> asMap() {
    return Collections.unmodifiableMap(counts);
  }

  public boolean isEmpty() {
    return counts.isEmpty();
  }
}
