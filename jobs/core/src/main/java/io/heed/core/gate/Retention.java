package io.heed.core.gate;

import io.heed.core.gate.RecipientState.Answer;
import io.heed.core.gate.RecipientState.Drawn;
import io.heed.core.gate.RecipientState.Message;
import io.heed.core.gate.RecipientState.Pending;
import java.time.Duration;

/** How long what is known of a recipient is kept. */
final class Retention {
  /** A message is counted for so long beyond the horizon, so that its last lapse is told. */
  private static final long GRACE_MILLIS = Duration.ofDays(1).toMillis();

  private static final long DAY_MILLIS = Duration.ofDays(1).toMillis();

  /** An experiment that is unknown, or has no end, is remembered for so long after it was used. */
  private static final long ENDLESS_MILLIS = Duration.ofDays(366).toMillis();

  private final GateSettings settings;
  private final ExperimentBook experiments;

  Retention(GateSettings settings, ExperimentBook experiments) {
    this.settings = settings;
    this.experiments = experiments;
  }

  /**
   * When nothing is left to remember; far away if nothing has to be forgotten. What is due earlier
   * is forgotten whenever the recipient is looked at, since a call for each would cost as much as
   * the events themselves.
   */
  long allForgottenAt(RecipientState state) {
    long last = state.helpAt;
    for (Message message : state.messages) {
      last = Math.max(last, message.time);
    }
    for (Pending pending : state.pending) {
      last = Math.max(last, pending.time());
    }
    last = Math.max(last, state.newestEvicted());
    long until = last == 0 ? 0 : last + keepMillis();
    for (Answer answer : state.answers) {
      until = Math.max(until, forgetAt(answer));
    }
    for (Drawn each : state.drawn) {
      until = Math.max(until, forgetAt(each));
    }
    return until == 0 ? Long.MAX_VALUE : until;
  }

  /**
   * The first instant from another on at which the recipient's state is cleaned: once a day, so
   * that many instants make few timers, at a time of day of its own, so that not all fall due
   * together. A lapse at that very instant makes one cleaning too many, which does no harm.
   */
  static long cleaningAt(String recipientId, long from) {
    long phase = Math.floorMod(Hash.of(recipientId), DAY_MILLIS);
    return from + Math.floorMod(phase - from, DAY_MILLIS);
  }

  /**
   * Forgets what can change nothing any more.
   *
   * @param now how far event time has come
   * @return whether a message was forgotten
   */
  boolean forget(RecipientState state, long now) {
    Consent.settle(state, now - keepMillis() + 1);
    boolean forgotten = state.messages.removeIf(each -> each.time + keepMillis() <= now);
    state.answers.removeIf(answer -> forgetAt(answer) <= now);
    state.drawn.removeIf(each -> forgetAt(each) <= now);
    state.forgetEvicted(now - keepMillis());
    if (state.helpAt > 0 && state.helpAt + keepMillis() <= now) {
      state.helpAt = 0;
      state.helpAnsweredAt = 0;
    }
    return forgotten;
  }

  private long keepMillis() {
    return settings.horizonMillis() + GRACE_MILLIS;
  }

  /** A slot that was reserved and not used counts for every question of its time, however late. */
  private long forgetAt(Answer answer) {
    return answer.reserves()
        ? answer.expiresAt + keepMillis()
        : Math.max(answer.expiresAt, answer.notBefore) + settings.rememberMillis();
  }

  private long forgetAt(Drawn drawn) {
    long end = experiments.endOf(drawn.draw().experimentId());
    return end == Long.MAX_VALUE ? drawn.lastAt() + ENDLESS_MILLIS : end + keepMillis();
  }
}
