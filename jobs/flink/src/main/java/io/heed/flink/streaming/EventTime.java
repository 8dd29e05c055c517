package io.heed.flink.streaming;

import io.heed.core.model.Topic;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * How far event time has come, by the records of the inputs' partitions.
 *
 * <p>Each active partition holds event time at the largest instant of its records. One that has
 * been idle for the idle time holds nothing back; if its last event was live (no older than {@link
 * #LIVE_MILLIS} when it was appended), time goes on for it with the wall clock, else (a back-fill
 * that has ended) it is left out. Event time is the smallest instant of the partitions, less the
 * lateness; where all are left out, the watermark records decide. A partition that has just been
 * opened may have a backlog that has not been read yet, so for the first idle time after a start
 * there is no watermark at all.
 *
 * <p>While a backlog is read, a partition may be silent only because the consumer gives out what it
 * holds of the others first, which takes a slow task longer than the idle time. So as long as
 * records are read that have waited for longer than that, silence counts only once more records
 * have come than a consumer holds.
 */
final class EventTime {
  /** An event is live if it happened at most this long before it was appended. */
  static final long LIVE_MILLIS = 5 * 60_000L;

  /**
   * Records that a consumer may hold of a task's partitions before it looks at a silent one again:
   * 1 MiB of some 60 partitions.
   */
  static final long MOST_HELD = 250_000;

  private static final String MARKS = Topic.TIME_MARK.baseName();

  /** No instant is known. */
  static final long UNKNOWN = Long.MIN_VALUE;

  /**
   * What is kept of a partition, also over restarts.
   *
   * @param topic name of the topic
   * @param partition its number
   * @param offset of the newest record
   * @param maxTime the largest instant of its records
   * @param live whether the newest event was live
   */
  record Observed(String topic, int partition, long offset, long maxTime, boolean live) {}

  private static final class Split {
    Observed observed;
    long lastRecordAt;
    long lastWaited;
  }

  private final long latenessMillis;
  private final long horizonMillis;
  private final long idleMillis;
  private final Map<String, Split[]> splits = new HashMap<>();
  private long waited;
  private long lastWaitedAt = UNKNOWN;
  private boolean started;
  private long startedAt = UNKNOWN;
  private long lastAdvanceAt = UNKNOWN;
  private long watermark = UNKNOWN;

  EventTime(long latenessMillis, long horizonMillis, long idleMillis) {
    this.latenessMillis = latenessMillis;
    this.horizonMillis = horizonMillis;
    this.idleMillis = idleMillis;
  }

  /**
   * Takes what was kept. After a restart with another parallelism several subtasks may have kept
   * the same partition: the one that had come furthest holds.
   */
  void restore(Iterable<Observed> restored) {
    for (Observed observed : restored) {
      Split split = split(observed.topic(), observed.partition());
      if (split.observed == null || split.observed.offset() < observed.offset()) {
        split.observed = observed;
      }
    }
  }

  Collection<Observed> snapshot() {
    return splits.values().stream()
        .flatMap(Arrays::stream)
        .filter(split -> split != null && split.observed != null)
        .map(split -> split.observed)
        .toList();
  }

  /**
   * Records the time of a record.
   *
   * @return whether it is older than the horizon
   */
  boolean observe(Input input, long wallClock) {
    Split split = split(input.topic().baseName(), input.partition());
    long time = input.time();
    long reached = Math.max(watermark, split.observed == null ? UNKNOWN : split.observed.maxTime());
    if (wallClock - input.appendTime() > idleMillis) {
      waited++;
      lastWaitedAt = wallClock;
    }
    split.lastRecordAt = wallClock;
    split.lastWaited = waited;
    split.observed =
        new Observed(
            input.topic().baseName(),
            input.partition(),
            input.offset(),
            split.observed == null ? time : Math.max(split.observed.maxTime(), time),
            input.appendTime() - time <= LIVE_MILLIS && time <= input.appendTime());
    return reached != UNKNOWN && time < reached - horizonMillis;
  }

  /**
   * The watermark at this moment of the wall clock; never goes back. {@link #UNKNOWN} if no
   * partition has a time: then others must not wait for this one.
   */
  long advance(long wallClock) {
    if (startedAt == UNKNOWN) {
      startedAt = wallClock;
    }
    if (lastAdvanceAt != UNKNOWN && wallClock - lastAdvanceAt > idleMillis) {
      // This thread was held up, so the silence was ours and is no property of the partitions.
      long heldUp = wallClock - lastAdvanceAt;
      startedAt += heldUp;
      lastWaitedAt += lastWaitedAt == UNKNOWN ? 0 : heldUp;
      splits.values().stream()
          .flatMap(Arrays::stream)
          .filter(Objects::nonNull)
          .forEach(split -> split.lastRecordAt += heldUp);
    }
    lastAdvanceAt = wallClock;
    started |= wallClock - startedAt >= idleMillis && isSilence(0);
    if (starting()) {
      return watermark;
    }
    long time = Long.MAX_VALUE;
    for (Map.Entry<String, Split[]> topic : splits.entrySet()) {
      for (Split split : topic.getValue()) {
        if (split != null && split.observed != null && !topic.getKey().equals(MARKS)) {
          boolean idle = wallClock - split.lastRecordAt > idleMillis && isSilence(split.lastWaited);
          if (!idle) {
            time = Math.min(time, split.observed.maxTime());
          } else if (split.observed.live()) {
            time = Math.min(time, Math.max(split.observed.maxTime(), wallClock));
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

  /** The largest instant of the watermark records. */
  private long marked() {
    long marked = UNKNOWN;
    for (Split split : splits.getOrDefault(MARKS, new Split[0])) {
      if (split != null && split.observed != null) {
        marked = Math.max(marked, split.observed.maxTime());
      }
    }
    return marked;
  }

  /**
   * Whether who has not spoken has nothing to say, and does not wait behind others' backlog.
   *
   * @param waitedBefore how many records of a backlog had been read when it spoke last
   */
  private boolean isSilence(long waitedBefore) {
    boolean catchingUp = lastWaitedAt != UNKNOWN && lastAdvanceAt - lastWaitedAt <= idleMillis;
    return !catchingUp || waited - waitedBefore > MOST_HELD;
  }

  /** Whether there may be a backlog that has not been read yet. */
  boolean starting() {
    return !started;
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
