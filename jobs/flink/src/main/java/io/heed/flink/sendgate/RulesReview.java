package io.heed.flink.sendgate;

import java.util.BitSet;
import java.util.Iterator;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.apache.flink.runtime.state.KeyGroupRange;

/**
 * Walks all recipients when other rules have come into force, a slice at a time. Which key groups
 * are left is stored with a checkpoint, so that a restart goes on with the group in which it was.
 *
 * <p>The state backend lists its keys by key group: on heap it copies references to the keys of one
 * group when the walk comes to it, RocksDB reads them from a snapshot of its own. So what is held
 * is bounded, and recipients may be changed meanwhile.
 */
final class RulesReview implements AutoCloseable {
  /** Recipients of one slice: 1,000 a second. */
  static final int PER_SLICE = 100;

  /** Keys of groups that were reviewed before a restart. */
  private static final int SKIPPED_PER_SLICE = 10_000;

  /** Takes a recipient. */
  interface Reviewer {
    void review(String recipient) throws Exception;
  }

  private final Supplier<Stream<String>> keys;
  private final ToIntFunction<String> keyGroup;
  private final BitSet own = new BitSet();
  private final BitSet left = new BitSet();
  private String rules = "";
  private Stream<String> listed;
  private Iterator<String> walk;

  /**
   * @param keys lists the recipients of the task, by key group
   * @param keyGroup of a recipient
   * @param own key groups of the task
   */
  RulesReview(Supplier<Stream<String>> keys, ToIntFunction<String> keyGroup, KeyGroupRange own) {
    this.keys = keys;
    this.keyGroup = keyGroup;
    this.own.set(own.getStartKeyGroup(), own.getEndKeyGroup() + 1);
  }

  /**
   * Goes on from what was stored.
   *
   * @param known hash of the rules that all recipients were reviewed by, but for {@code notYet}
   * @param notYet key groups
   */
  void restore(String known, BitSet notYet) {
    rules = known;
    left.clear();
    left.or(notYet);
    left.and(own);
  }

  /** Takes the hash of the rules in force; others than before begin a walk. */
  void inForce(String hash) {
    if (!hash.equals(rules)) {
      close();
      rules = hash;
      left.or(own);
    }
  }

  /** Whether some recipient may not have been reviewed by rules that are in force. */
  boolean isPending(String hash) {
    return !left.isEmpty() || !hash.equals(rules);
  }

  /** Hands out the next recipients. */
  void slice(Reviewer reviewer) throws Exception {
    if (left.isEmpty()) {
      return;
    }
    if (walk == null) {
      listed = keys.get();
      walk = listed.iterator();
    }
    int skipped = 0;
    for (int reviewed = 0; reviewed < PER_SLICE && skipped < SKIPPED_PER_SLICE; ) {
      if (!walk.hasNext()) {
        left.clear();
        close();
        return;
      }
      String recipient = walk.next();
      int group = keyGroup.applyAsInt(recipient);
      left.clear(0, group);
      if (left.get(group)) {
        reviewer.review(recipient);
        reviewed++;
      } else {
        skipped++;
      }
    }
  }

  /** Hash of the rules that all recipients were reviewed by, but for {@link #left}. */
  String rules() {
    return rules;
  }

  /** The key groups that are left. */
  BitSet left() {
    return (BitSet) left.clone();
  }

  @Override
  public void close() {
    if (listed != null) {
      listed.close();
    }
    listed = null;
    walk = null;
  }
}
