package io.heed.client;

import io.heed.core.model.CapState;
import io.heed.core.model.Category;
import io.heed.core.model.FrequencyCapDecision;
import io.heed.core.model.SuppressionDecision;
import io.heed.core.model.SuppressionState;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Suppressions and caps as their topics state them: of each key the record with the highest {@code
 * seq}, except that SUPPRESSED is applied whatever its {@code seq}. Recipients are ids on the wire.
 * Safe for concurrent use.
 */
final class DecisionTables {
  private static final String ALL = "*";

  private record Suppression(boolean suppressed, long since, long seq) {}

  private record CapEntry(boolean capped, long until, long seq) {}

  private final Map<String, Suppression> suppressions = new ConcurrentHashMap<>();
  private final Map<String, CapEntry> caps = new ConcurrentHashMap<>();

  void apply(SuppressionDecision decision) {
    boolean suppressed = decision.state() == SuppressionState.SUPPRESSED;
    suppressions.merge(
        decision.key(),
        new Suppression(suppressed, decision.since(), decision.seq()),
        (before, now) -> {
          if (now.suppressed()) {
            return new Suppression(true, now.since(), Math.max(before.seq(), now.seq()));
          }
          return now.seq() >= before.seq() ? now : before;
        });
  }

  /** A tombstone: nothing is known any more. */
  void removeSuppression(String key) {
    suppressions.remove(key);
  }

  void removeCap(String key) {
    caps.remove(key);
  }

  /** Whether something is known of a recipient, for the list or for all. */
  boolean isKnown(String recipient, String list) {
    return suppressions.containsKey(recipient + "|" + ALL)
        || suppressions.containsKey(recipient + "|" + list);
  }

  /** A record that this version cannot read suppresses: a reason unknown to it may be new. */
  void suppress(String key) {
    suppressions.put(key, new Suppression(true, Long.MAX_VALUE, Long.MAX_VALUE));
  }

  void apply(FrequencyCapDecision decision) {
    boolean capped = decision.state() == CapState.CAPPED;
    Long until = decision.nextEligibleAt();
    caps.merge(
        decision.key(),
        new CapEntry(capped, until == null ? Long.MAX_VALUE : until, decision.seq()),
        (before, now) -> now.seq() >= before.seq() ? now : before);
  }

  /**
   * Whether a list is closed: neither it nor all lists may be suppressed, except that an ALLOWED of
   * the list that is later than the suppression of all opens it alone.
   */
  boolean isSuppressed(String recipient, String list) {
    Suppression all = suppressions.get(recipient + "|" + ALL);
    Suppression own = suppressions.get(recipient + "|" + list);
    if (own != null && own.suppressed()) {
      return true;
    }
    boolean opened = own != null && all != null && own.since() > all.since();
    return all != null && all.suppressed() && !opened;
  }

  /** Whether a cap for the list, or for all, is reached at an instant. */
  boolean isCapped(String recipient, Category category, String list, long now) {
    return isCapped(recipient + "|" + category + "|" + ALL, now)
        || isCapped(recipient + "|" + category + "|" + list, now);
  }

  private boolean isCapped(String key, long now) {
    CapEntry cap = caps.get(key);
    return cap != null && cap.capped() && now < cap.until();
  }
}
