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

  /**
   * A record that this version cannot read suppresses: a reason unknown to it may be new. What is
   * read later may lift it, but no record that is older than one read before.
   */
  void suppress(String key) {
    suppressions.merge(
        key,
        new Suppression(true, Long.MAX_VALUE, 0),
        (before, now) -> new Suppression(true, now.since(), before.seq() + 1));
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
   *
   * @param erased the hash of an erased person, under which each scope's suppression lies until
   *     something new is known of it; null without
   */
  boolean isSuppressed(String recipient, String erased, String list) {
    Suppression all = newest(recipient, erased, ALL);
    Suppression own = newest(recipient, erased, list);
    if (own != null && own.suppressed()) {
      return true;
    }
    boolean opened = own != null && all != null && own.since() > all.since();
    return all != null && all.suppressed() && !opened;
  }

  private Suppression newest(String recipient, String erased, String scope) {
    Suppression known = suppressions.get(recipient + "|" + scope);
    return known == null && erased != null ? suppressions.get(erased + "|" + scope) : known;
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
