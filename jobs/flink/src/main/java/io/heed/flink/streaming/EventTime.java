package io.heed.flink.streaming;

import io.heed.core.model.Topic;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * How far event time has come, from what the partitions of the inputs have shown.
 *
 * <p>Each partition that speaks holds event time at the largest instant that it has shown. One that
 * has been silent for the idle time holds nothing back; if its last event was live (no older than
 * {@link #LIVE_MILLIS} when it was appended), time goes on for it with the wall clock, else (a
 * back-fill that has ended) it says nothing. Event time is the smallest of what the partitions say,
 * less the lateness; where they say nothing, a time mark speaks. A partition that has just been
 * opened may have a backlog that nobody has seen yet, so for the first idle time after a start
 * nothing is said at all.
 */
final class EventTime {
  /** An event is live if it happened at most this long before it was appended. */
  static final long LIVE_MILLIS = 5 * 60_000L;

  private static final String MARKS = Topic.TIME_MARK.baseName();

  /** No instant is known. */
  static final long UNKNOWN = Long.MIN_VALUE;

  /**
   * What is remembered of a partition, also over restarts.
   *
   * @param topic name of the topic
   * @param partition its number
   * @param offset of the newest record
   * @param maxTime the largest instant shown
   * @param live whether the newest event was live
   */
  record Shown(String topic, int partition, long offset, long maxTime, boolean live) {}

  private static final class Split {
    Shown shown;
    long lastSeenAt;
  }

  private final long latenessMillis;
  private final long horizonMillis;
  private final long idleMillis;
  private final Map<String, Split[]> splits = new HashMap<>();
  private long startedAt = UNKNOWN;
  private long lastLookAt = UNKNOWN;
  private long watermark = UNKNOWN;

  EventTime(long latenessMillis, long horizonMillis, long idleMillis) {
    this.latenessMillis = latenessMillis;
    this.horizonMillis = horizonMillis;
    this.idleMillis = idleMillis;
  }

  /**
   * Takes what was remembered. After a restart with another parallelism several subtasks may have
   * remembered the same partition: the one that had come furthest holds.
   */
  void restore(Iterable<Shown> remembered) {
    for (Shown shown : remembered) {
      Split split = split(shown.topic(), shown.partition());
      if (split.shown == null || split.shown.offset() < shown.offset()) {
        split.shown = shown;
      }
    }
  }

  Collection<Shown> snapshot() {
    return splits.values().stream()
        .flatMap(Arrays::stream)
        .filter(split -> split != null && split.shown != null)
        .map(split -> split.shown)
        .toList();
  }

  /**
   * Takes note of a record.
   *
   * @return whether it lies further back than the horizon
   */
  boolean see(Input input, long wallClock) {
    Split split = split(input.topic().baseName(), input.partition());
    long time = input.time();
    long reached = Math.max(watermark, split.shown == null ? UNKNOWN : split.shown.maxTime());
    split.lastSeenAt = wallClock;
    split.shown =
        new Shown(
            input.topic().baseName(),
            input.partition(),
            input.offset(),
            split.shown == null ? time : Math.max(split.shown.maxTime(), time),
            input.appendTime() - time <= LIVE_MILLIS && time <= input.appendTime());
    return reached != UNKNOWN && time < reached - horizonMillis;
  }

  /**
   * The watermark at this moment of the wall clock; never goes back. {@link #UNKNOWN} if the
   * partitions hold nothing to say: then others must not wait for this one.
   */
  long advance(long wallClock) {
    if (startedAt == UNKNOWN) {
      startedAt = wallClock;
    }
    if (lastLookAt != UNKNOWN && wallClock - lastLookAt > idleMillis) {
      // This thread was held up, so silence was ours and says nothing about the partitions.
      long heldUp = wallClock - lastLookAt;
      startedAt += heldUp;
      splits.values().stream()
          .flatMap(Arrays::stream)
          .filter(Objects::nonNull)
          .forEach(split -> split.lastSeenAt += heldUp);
    }
    lastLookAt = wallClock;
    if (starting()) {
      return watermark;
    }
    long time = Long.MAX_VALUE;
    for (Map.Entry<String, Split[]> topic : splits.entrySet()) {
      for (Split split : topic.getValue()) {
        if (split != null && split.shown != null && !topic.getKey().equals(MARKS)) {
          boolean idle = wallClock - split.lastSeenAt > idleMillis;
          if (!idle) {
            time = Math.min(time, split.shown.maxTime());
          } else if (split.shown.live()) {
            time = Math.min(time, Math.max(split.shown.maxTime(), wallClock));
          }
        }
      }
    }
    if (time == Long.MAX_VALUE) {
      if (marked() == UNKNOWN) {
        return UNKNOWN;
      }
      time = marked();
    }
    watermark = Math.max(watermark, time - latenessMillis);
    return watermark;
  }

  /** The largest instant of the time marks. */
  private long marked() {
    long marked = UNKNOWN;
    for (Split split : splits.getOrDefault(MARKS, new Split[0])) {
      if (split != null && split.shown != null) {
        marked = Math.max(marked, split.shown.maxTime());
      }
    }
    return marked;
  }

  /** Whether there may be a backlog that nobody has seen yet. */
  boolean starting() {
    return startedAt == UNKNOWN || lastLookAt - startedAt < idleMillis;
  }

  private Split split(String topic, int partition) {
    Split[] partitions = splits.get(topic);
    if (partitions == null || partitions.length <= partition) {
      Split[] grown = new Split[Math.max(partition + 1, 8)];
      if (partitions != null) {
        System.arraycopy(partitions, 0, grown, 0, partitions.length);
      }
      splits.put(topic, grown);
      partitions = grown;
    }
    if (partitions[partition] == null) {
      partitions[partition] = new Split();
    }
    return partitions[partition];
  }
}
