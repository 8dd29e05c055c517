package io.heed.core.signals;

import io.heed.core.codec.Hash64;
import io.heed.core.model.Event;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.RecipientSignal;
import io.heed.core.model.Signal;
import io.heed.core.model.SignalState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Publishes the signals of one recipient at a time as they change: at the ends of steps of event
 * time, so that neither order nor duplicates within the lateness change a record. Not safe for
 * concurrent use.
 */
public final class SignalPublisher {
  /** Signals are evaluated at the ends of such steps of event time. */
  public static final long STEP_MILLIS = Duration.ofMinutes(10).toMillis();

  private final LongSupplier wallMillis;
  private final ListModels models;
  private final Consumer<RecipientSignal> out;
  private long evicted;

  /**
   * A publisher.
   *
   * @param wallMillis the wall clock, epoch milliseconds
   * @param models of lists, complete until every instant that a timer is called for
   * @param out takes what has changed
   */
  public SignalPublisher(
      LongSupplier wallMillis, ListModels models, Consumer<RecipientSignal> out) {
    this.wallMillis = wallMillis;
    this.models = models;
    this.out = out;
  }

  /**
   * Adds an event, and sets the timer that evaluates it.
   *
   * @param watermark how far event time has come
   * @return whether anything has changed
   */
  public boolean add(Engagement engagement, Event event, long watermark) {
    if (!engagement.add(event)) {
      return false;
    }
    engagement.news(true);
    evicted += engagement.evict();
    long due = stepEnd(Math.max(event.eventTime(), watermark + 1));
    if (engagement.timer() == 0 || due < engagement.timer()) {
      engagement.timer(due);
    }
    return true;
  }

  /** How many facts were evicted so far, to keep each recipient's bounded. */
  public long evicted() {
    return evicted;
  }

  /** Publishes what has changed until the timer, and sets the next one, 0 for none. */
  public void onTimer(Engagement engagement, String recipientId) {
    long now = engagement.timer();
    engagement.news(false);
    engagement.count(now);
    Map<Signal, HeldSignal> held = SignalRules.at(engagement, now, models);
    for (Signal signal : Signal.values()) {
      HeldSignal holds = held.get(signal);
      Long before = engagement.published.get(signal);
      if (holds != null && (before == null || before != holds.validUntil())) {
        engagement.published.put(signal, holds.validUntil());
        publish(engagement, recipientId, signal, holds, now);
      } else if (holds == null && before != null) {
        engagement.published.remove(signal);
        publish(engagement, recipientId, signal, null, now);
      }
    }
    engagement.expire(now - SignalRules.KEPT_MILLIS);
    long next = SignalRules.nextChange(engagement, held, now, models);
    engagement.timer(next == Texted.NEVER ? 0 : stepEnd(next));
  }

  private void publish(
      Engagement engagement, String recipientId, Signal signal, HeldSignal held, long now) {
    SignalState state = held == null ? SignalState.CLEARED : SignalState.SET;
    long wall = wallMillis.getAsLong();
    engagement.lastSeq = Math.max(engagement.lastSeq + 1, wall * 1_000);
    out.accept(
        new RecipientSignal(
            Hash64.id("signal", recipientId, signal, state, held, now),
            now,
            wall,
            reasons(signal),
            engagement.lastSeq,
            null,
            recipientId,
            signal,
            state,
            held == null ? null : held.score(),
            held == null ? null : held.evidence(),
            held == null ? null : held.validUntil()));
  }

  private static List<ReasonCode> reasons(Signal signal) {
    return switch (signal) {
      case INVALID_NUMBER -> List.of(ReasonCode.INVALID_NUMBER);
      case SUNSET -> List.of(ReasonCode.SUNSET);
      case HOT, DORMANT -> List.of();
    };
  }

  /** The end of the step that an instant lies in: the first multiple that is not before it. */
  static long stepEnd(long instant) {
    return Math.floorDiv(instant + STEP_MILLIS - 1, STEP_MILLIS) * STEP_MILLIS;
  }
}
