package io.heed.flink.sendgate;

import io.heed.flink.sendgate.GateInput.Part;
import io.heed.flink.sendgate.GateInput.Position;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * How complete the gate's state is: whatever had been appended to a partition number up to an
 * instant of the wall clock is complete when every topic's partition of that number has been read
 * to where it ended at that instant.
 */
final class Progress {
  /** Nothing is known to be complete. */
  static final long UNKNOWN = Long.MIN_VALUE;

  private record Ends(long at, Map<Part, Long> offsets) {}

  private final int ignoredTopic;
  private final Map<Part, Long> read = new HashMap<>();
  private final Map<Integer, Long> completeUntil = new TreeMap<>();
  private final Map<Integer, Ends> awaited = new HashMap<>();
  private final Set<Integer> partitions = new TreeSet<>();
  private Ends newest;
  private long allCompleteUntil = UNKNOWN;

  /**
   * @param ignoredTopic a topic whose ends are told but that is no input
   */
  Progress(int ignoredTopic) {
    this.ignoredTopic = ignoredTopic;
  }

  /** Takes how far partitions have been read; never goes back. */
  void read(List<Position> positions) {
    for (Position position : positions) {
      read.merge(position.part(), position.next(), Math::max);
    }
    look();
  }

  /** Takes where the partitions ended at an instant of the wall clock. */
  void ends(long at, Map<Part, Long> offsets) {
    if (newest == null || at > newest.at()) {
      newest = new Ends(at, offsets);
      offsets.keySet().forEach(part -> partitions.add(part.partition()));
      look();
    }
  }

  private void look() {
    for (int partition : partitions) {
      Ends ends = awaited.computeIfAbsent(partition, p -> newest);
      if (reached(partition, ends)) {
        completeUntil.merge(partition, ends.at(), Math::max);
        if (newest.at() > ends.at() && reached(partition, newest)) {
          completeUntil.merge(partition, newest.at(), Math::max);
        }
        awaited.put(partition, newest);
      }
    }
    allCompleteUntil = partitions.stream().mapToLong(this::completeUntil).min().orElse(UNKNOWN);
  }

  private boolean reached(int partition, Ends ends) {
    for (Map.Entry<Part, Long> end : ends.offsets().entrySet()) {
      Part part = end.getKey();
      if (part.partition() == partition
          && part.topic() != ignoredTopic
          && read.getOrDefault(part, 0L) < end.getValue()) {
        return false;
      }
    }
    return true;
  }

  /** Whether partitions have been read to given offsets. */
  boolean reached(Map<Part, Long> offsets) {
    return offsets.entrySet().stream()
        .allMatch(end -> read.getOrDefault(end.getKey(), 0L) >= end.getValue());
  }

  /** The instant of the wall clock up to which a partition number is complete. */
  long completeUntil(int partition) {
    return completeUntil.getOrDefault(partition, UNKNOWN);
  }

  /** The instant of the wall clock up to which everything is complete. */
  long completeUntil() {
    return allCompleteUntil;
  }

  Set<Integer> partitions() {
    return partitions;
  }

  /** How far each partition has been read. */
  Map<Part, Long> positions() {
    return Map.copyOf(read);
  }
}
