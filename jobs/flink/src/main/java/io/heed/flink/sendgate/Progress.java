package io.heed.flink.sendgate;

import io.heed.flink.sendgate.GateInput.Part;
import io.heed.flink.sendgate.GateInput.Position;
import io.heed.flink.sendgate.GateLog.Ends;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * How complete the gate's state is: what was appended to a partition up to an instant is complete
 * when the partition has been read to where it ended at that instant, or when its first unread
 * record was appended then. A partition number is as complete as the least complete of its topics'
 * partitions.
 */
final class Progress {
  /** Nothing is known to be complete. */
  static final long UNKNOWN = Long.MIN_VALUE;

  private final int ignoredTopic;
  private final Map<Part, Long> read = new HashMap<>();

  /** Under steady load the newest ends are never reached, but those of a moment ago are. */
  private final Map<Part, Ends> awaited = new HashMap<>();

  private final Map<Part, Long> completeUntil = new HashMap<>();
  private final Map<Integer, Long> byPartition = new TreeMap<>();
  private Ends newest;
  private long allCompleteUntil = UNKNOWN;

  /**
   * @param ignoredTopic a topic whose ends are known but that is no input
   */
  Progress(int ignoredTopic) {
    this.ignoredTopic = ignoredTopic;
  }

  /** Takes how far partitions have been read; never goes back. */
  void read(List<Position> positions) {
    for (Position position : positions) {
      read.merge(position.part(), position.next(), Math::max);
    }
    advance();
  }

  /** Takes where the partitions ended at an instant of the wall clock. */
  void ends(Ends ends) {
    if (newest == null || ends.at() > newest.at()) {
      newest = ends;
      advance();
    }
  }

  private void advance() {
    if (newest == null) {
      return;
    }
    byPartition.clear();
    for (Part part : newest.offsets().keySet()) {
      if (part.topic() != ignoredTopic) {
        byPartition.merge(part.partition(), advance(part), Math::min);
      }
    }
    allCompleteUntil =
        byPartition.values().stream().mapToLong(Long::longValue).min().orElse(UNKNOWN);
  }

  private long advance(Part part) {
    long until = completeUntil.getOrDefault(part, UNKNOWN);
    until = Math.max(until, newest.oldestUnread().getOrDefault(part, UNKNOWN));
    Ends ends = awaited.getOrDefault(part, newest);
    if (reached(part, ends)) {
      until = Math.max(until, reached(part, newest) ? newest.at() : ends.at());
      ends = newest;
    }
    awaited.put(part, ends);
    completeUntil.put(part, until);
    return until;
  }

  private boolean reached(Part part, Ends ends) {
    return read.getOrDefault(part, 0L) >= ends.offsets().get(part);
  }

  /** Whether partitions have been read to given offsets. */
  boolean reached(Map<Part, Long> offsets) {
    return offsets.entrySet().stream()
        .allMatch(
            end ->
                end.getKey().topic() == ignoredTopic
                    || read.getOrDefault(end.getKey(), 0L) >= end.getValue());
  }

  /** The instant up to which a partition number is complete. */
  long completeUntil(int partition) {
    return byPartition.getOrDefault(partition, UNKNOWN);
  }

  /** The instant up to which everything is complete. */
  long completeUntil() {
    return allCompleteUntil;
  }

  Set<Integer> partitions() {
    return byPartition.keySet();
  }

  /** How far each partition has been read. */
  Map<Part, Long> positions() {
    return Map.copyOf(read);
  }
}
