package io.heed.client;

import io.heed.core.model.Category;
import io.heed.core.model.FrequencyCapDecision;
import io.heed.core.model.Heartbeat;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.SuppressionDecision;
import io.heed.core.model.Topic;
import io.heed.core.model.UnreadableException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/**
 * What is known without a request: suppressions and caps as far as they were read, and whether the
 * gate lives. Recipients are ids on the wire. Safe for concurrent use.
 */
final class LocalDecisions {
  /** The topics that it is made of. */
  static final List<Topic> TOPICS =
      List.of(Topic.SUPPRESSION, Topic.FREQUENCY_CAP, Topic.HEARTBEAT);

  private static final JsonCodec<Heartbeat> HEARTBEATS = JsonCodec.of(Heartbeat.class);
  private static final JsonCodec<SuppressionDecision> SUPPRESSIONS =
      JsonCodec.of(SuppressionDecision.class);
  private static final JsonCodec<FrequencyCapDecision> CAPS =
      JsonCodec.of(FrequencyCapDecision.class);

  /** The latest instant up to which all that a topic's partition held was read, in nanoseconds. */
  interface Completeness {
    long upTo(Topic topic, int partition);
  }

  private final DecisionTables tables = new DecisionTables();
  private final Freshness freshness;
  private final Pseudonyms erasureKey;
  private final IntSupplier partitions;
  private final Completeness complete;
  private final LongSupplier millis;

  /**
   * Nothing yet.
   *
   * @param limit age from which on a heartbeat is stale
   * @param erasureKey null if erased people's suppressions are not looked up
   * @param partitions of each topic, 0 while that is not known
   * @param millis the wall clock, epoch milliseconds
   * @param nanos a clock that never jumps
   */
  LocalDecisions(
      Duration limit,
      Pseudonyms erasureKey,
      IntSupplier partitions,
      Completeness complete,
      LongSupplier millis,
      LongSupplier nanos) {
    this.freshness = new Freshness(limit, millis, nanos);
    this.erasureKey = erasureKey;
    this.partitions = partitions;
    this.complete = complete;
    this.millis = millis;
  }

  /**
   * Takes a record.
   *
   * @param key may be null
   * @param value null for a tombstone
   * @param appendedMillis when the broker appended it, epoch milliseconds
   */
  void take(Topic topic, byte[] key, byte[] value, long appendedMillis) {
    String name = key == null ? null : new String(key, StandardCharsets.UTF_8);
    if (value == null) {
      remove(topic, name);
      return;
    }
    try {
      switch (topic) {
        case SUPPRESSION -> tables.apply(SUPPRESSIONS.read(value));
        case FREQUENCY_CAP -> tables.apply(CAPS.read(value));
        default -> freshness.received(HEARTBEATS.read(value), appendedMillis);
      }
    } catch (UnreadableException e) {
      if (topic == Topic.SUPPRESSION && name != null) {
        tables.suppress(name);
      }
    }
  }

  private void remove(Topic topic, String key) {
    if (key != null && topic == Topic.SUPPRESSION) {
      tables.removeSuppression(key);
    } else if (key != null && topic == Topic.FREQUENCY_CAP) {
      tables.removeCap(key);
    }
  }

  /** Whether the gate lives and every suppression was read, for whichever recipient. */
  boolean isReady() {
    int count = partitions.getAsInt();
    return count > 0
        && IntStream.range(0, count)
            .allMatch(each -> freshness.isFresh(each) && isComplete(Topic.SUPPRESSION, each));
  }

  /** Whether an ALLOW for a promotional message still holds. */
  boolean isOpen(String recipient, String list) {
    return isCurrent(recipient, List.of(Topic.SUPPRESSION)) && !isSuppressed(recipient, list);
  }

  /** What the tables say of a message without a request. */
  LocalDecision lookUp(Category category, String recipient, String list) {
    if (isSuppressed(recipient, list)) {
      return LocalDecision.SUPPRESSED;
    }
    if (!isCurrent(recipient, List.of(Topic.SUPPRESSION, Topic.FREQUENCY_CAP))) {
      return LocalDecision.STALE;
    }
    return tables.isCapped(recipient, category, list, millis.getAsLong())
        ? LocalDecision.CAPPED
        : LocalDecision.OPEN;
  }

  private boolean isSuppressed(String recipient, String list) {
    return tables.isSuppressed(recipient, erased(recipient), list);
  }

  private String erased(String recipient) {
    return erasureKey == null ? null : erasureKey.of(recipient);
  }

  /** Whether the gate lives, and what it has decided of the recipient was read. */
  private boolean isCurrent(String recipient, List<Topic> topics) {
    int count = partitions.getAsInt();
    if (count == 0) {
      return false;
    }
    int partition = Recipients.partition(recipient, count);
    String erased = erased(recipient);
    return freshness.isFresh(partition)
        && topics.stream().allMatch(topic -> isComplete(topic, partition))
        && (erased == null || isComplete(Topic.SUPPRESSION, Recipients.partition(erased, count)));
  }

  private boolean isComplete(Topic topic, int partition) {
    return freshness.isRecent(complete.upTo(topic, partition));
  }
}
