package io.heed.core.gate;

import io.heed.core.gate.RecipientState.Drawn;
import io.heed.core.gate.RecipientState.KnownRequest;
import io.heed.core.gate.RecipientState.Message;
import io.heed.core.gate.RecipientState.Pending;
import java.time.Duration;

/** How long what is known of a recipient is kept. */
final class Retention {
  /** A message is counted for so long beyond the horizon, so that its last lapse is published. */
  private static final long GRACE_MILLIS = Duration.ofDays(1).toMillis();

  private static final long DAY_MILLIS = Duration.ofDays(1).toMillis();

  /** An experiment that is unknown, or has no end, is kept for so long after it was used. */
  private static final long ENDLESS_MILLIS = Duration.ofDays(366).toMillis();

  private final GateSettings settings;
  private final ExperimentBook experiments;

  Retention(GateSettings settings, ExperimentBook experiments) {
    this.settings = settings;
    this.experiments = experiments;
  }

  /**
   * When everything has expired; a far instant if nothing can expire. What is due earlier is
   * removed whenever the recipient is processed, since a timer for each would cost as much as the
   * events themselves.
   */
  long allExpiredAt(RecipientState state) {
    long last = Math.max(state.helpAt, Math.max(state.sunsetAt, state.sunsetUntil));
    for (Message message : state.messages) {
      last = Math.max(last, message.time);
    }
    for (Pending pending : state.pending) {
      last = Math.max(last, pending.time());
    }
    last = Math.max(last, state.newestEvicted());
    long until = last == 0 ? 0 : last + keepMillis();
    for (KnownRequest entry : state.requests) {
      until = Math.max(until, expiryOf(entry));
    }
    for (Drawn each : state.drawn) {
      until = Math.max(until, expiryOf(each));
    }
    return until == 0 ? Long.MAX_VALUE : until;
  }

  /**
   * The first instant from another on at which the recipient's state is cleaned up: once a day, so
   * that many instants make few timers, at a time of day of its own, so that not all fall due
   * together. A lapse at that very instant makes one cleanup too many, which does no harm.
   */
  static long cleanupAt(String recipientId, long from) {
    long phase = Math.floorMod(Hash.of(recipientId), DAY_MILLIS);
    return from + Math.floorMod(phase - from, DAY_MILLIS);
  }

  /**
   * Expires what can change nothing any more.
   *
   * @param now how far event time has come
   * @return whether a message has expired
   */
  boolean expire(RecipientState state, long now) {
    Consent.makePermanent(state, now - keepMillis() + 1);
    boolean expired = state.messages.removeIf(each -> each.time + keepMillis() <= now);
    state.requests.removeIf(entry -> expiryOf(entry) <= now);
    state.drawn.removeIf(each -> expiryOf(each) <= now);
    state.expireEvicted(now - keepMillis());
    if (Math.max(state.sunsetAt, state.sunsetUntil) + keepMillis() <= now) {
      state.sunsetAt = 0;
      state.sunsetUntil = 0;
    }
    if (state.helpAt > 0 && state.helpAt + keepMillis() <= now) {
      state.helpAt = 0;
      state.helpRepliedAt = 0;
    }
    return expired;
  }

  private long keepMillis() {
    return settings.horizonMillis() + GRACE_MILLIS;
  }

  /** A slot that was reserved and not used counts for every request of its time, however late. */
  private long expiryOf(KnownRequest entry) {
    return entry.reserves()
        ? entry.expiresAt + keepMillis()
        : Math.max(entry.expiresAt, entry.notBefore) + settings.retainMillis();
  }

  private long expiryOf(Drawn drawn) {
    long end = experiments.endOf(drawn.draw().experimentId());
    return end == Long.MAX_VALUE ? drawn.lastAt() + ENDLESS_MILLIS : end + keepMillis();
  }
}
