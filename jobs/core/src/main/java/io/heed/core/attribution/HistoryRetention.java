package io.heed.core.attribution;

import io.heed.core.model.Assignment;
import io.heed.core.model.Click;
import io.heed.core.model.Conversion;
import io.heed.core.model.Delivery;
import io.heed.core.model.Event;
import io.heed.core.model.OptOut;
import io.heed.core.model.Reply;
import io.heed.core.model.Send;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** When a history has something to do next, and what of it may expire. */
final class HistoryRetention {
  /** Touches that are kept for what may come, beyond those that a conversion's path holds. */
  static final int TOUCHPOINTS_KEPT = 512;

  static final int CONVERSIONS_KEPT = 256;
  static final int EXPOSURES_KEPT = 64;
  static final int OPT_OUTS_KEPT = 64;

  /** A conversion is kept this long, and an experiment after its last exposure. */
  private static final long KEPT_MILLIS = PathBuilder.REFUND_MILLIS;

  /** Expiry is no hurry: one timer for what a week brings. */
  private static final long TIDY_MILLIS = 7 * Days.MILLIS;

  private final AttributionPolicies policies;
  private final long horizonMillis;

  HistoryRetention(AttributionPolicies policies, long horizonMillis) {
    this.policies = policies;
    this.horizonMillis = horizonMillis;
  }

  /** When an event that is newer than all others may be due; never later than it is. */
  long due(Event event) {
    long time = event.eventTime();
    AttributionPolicy policy = policies.at(time);
    if (event instanceof OptOut || event instanceof Reply) {
      return tidy(end(time));
    }
    if (event instanceof Conversion) {
      return Days.end(Days.of(time));
    }
    if (event instanceof Send send
        && send.experimentId() == null
        && policies.holdoutAt(time) == null) {
      return tidy(time + policies.longestWindowMillis() + horizonMillis);
    }
    long window =
        event instanceof Send || event instanceof Assignment
            ? policy.liftWindow().toMillis()
            : event instanceof Click
                ? policy.clickWindow().toMillis()
                : event instanceof Delivery
                    ? policy.deliveryWindow().toMillis()
                    : policy.otherWindow().toMillis();
    return Days.end(Days.of(time + window));
  }

  long nextDue(History history, PathBuilder builder, DerivedFacts derived, long reached) {
    int closed = history.closedDay;
    int day = Integer.MAX_VALUE;
    for (Attributed attributed : derived.conversions()) {
      day = earlier(day, attributed.dueDay(), closed);
    }
    for (PathFact path : derived.paths()) {
      day = earlier(day, path.day(), closed);
    }
    for (LiftFact unit : derived.units()) {
      day = earlier(day, unit.day(), closed);
    }
    long due = day == Integer.MAX_VALUE ? History.NONE : Days.end(day);
    for (Touchpoint touchpoint : history.touchpoints) {
      long end = end(builder, touchpoint);
      // What is still here beyond its end goes with the conversion that holds it.
      if (end > reached) {
        due = Math.min(due, tidy(end));
      }
    }
    for (Converted conversion : history.conversions) {
      due = Math.min(due, tidy(end(conversion)));
    }
    for (ExperimentExposure exposure : history.exposures) {
      due = Math.min(due, tidy(end(exposure)));
    }
    if (!history.optOuts.isEmpty()) {
      due = Math.min(due, tidy(end(history.optOuts.first())));
    }
    return due;
  }

  private static int earlier(int day, int other, int closed) {
    return other > closed ? Math.min(day, other) : day;
  }

  private static long tidy(long instant) {
    return (Math.floorDiv(instant, TIDY_MILLIS) + 1) * TIDY_MILLIS;
  }

  /**
   * When a touch can change nothing any more: a late conversion may find it until its look-back has
   * passed, and a late touch may lengthen its run by one more look-back.
   */
  private long end(PathBuilder builder, Touchpoint touchpoint) {
    return builder.lastExpiry(touchpoint) + policies.longestWindowMillis() + horizonMillis;
  }

  private long end(Converted conversion) {
    return conversion.time() + KEPT_MILLIS + horizonMillis;
  }

  private long end(ExperimentExposure exposure) {
    return end(exposure.lastTime());
  }

  private long end(long instant) {
    return instant + KEPT_MILLIS + horizonMillis;
  }

  void expire(History history, PathBuilder builder, long instant) {
    history.conversions.removeIf(conversion -> end(conversion) <= instant);
    history.exposures.removeIf(exposure -> end(exposure) <= instant);
    history.optOuts.removeIf(time -> end(time) <= instant);
    boolean passed = false;
    for (Touchpoint touchpoint : history.touchpoints) {
      passed |= end(builder, touchpoint) <= instant;
    }
    if (passed) {
      Set<Touchpoint> held = held(history, builder);
      history.touchpoints.removeIf(t -> end(builder, t) <= instant && !held.contains(t));
    }
  }

  /** Makes room: the oldest goes, and is counted. */
  void evict(History history, PathBuilder builder) {
    history.evicted +=
        dropOldest(
            history.conversions,
            CONVERSIONS_KEPT,
            Comparator.comparingLong(Converted::time)
                .thenComparing(Converted::id)
                .thenComparing(Converted::kind));
    history.evicted +=
        dropOldest(
            history.exposures,
            EXPOSURES_KEPT,
            Comparator.comparingLong(ExperimentExposure::lastTime)
                .thenComparing(ExperimentExposure::experimentId));
    while (history.optOuts.size() > OPT_OUTS_KEPT) {
      history.optOuts.pollFirst();
      history.evicted++;
    }
    if (history.touchpoints.size() > TOUCHPOINTS_KEPT) {
      Set<Touchpoint> held = held(history, builder);
      List<Touchpoint> free = new ArrayList<>(history.touchpoints);
      free.removeIf(held::contains);
      List<Touchpoint> kept = new ArrayList<>(free);
      history.evicted +=
          dropOldest(
              kept,
              TOUCHPOINTS_KEPT,
              Comparator.comparingLong(Touchpoint::firstTime).thenComparingLong(t -> t.id));
      free.removeAll(kept);
      history.touchpoints.removeAll(free);
    }
  }

  private static <T> int dropOldest(List<T> list, int size, Comparator<T> order) {
    int dropped = 0;
    for (; list.size() > size; dropped++) {
      list.remove(Collections.min(list, order));
    }
    return dropped;
  }

  /** The touches that some conversion's path holds. */
  private Set<Touchpoint> held(History history, PathBuilder builder) {
    Set<Touchpoint> held = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Converted conversion : history.conversions) {
      if (!conversion.isRefund()) {
        builder
            .lookBack(conversion.time(), policies.byStamp(conversion.stamp()))
            .forEach(s -> held.add(s.touchpoint()));
      }
    }
    return held;
  }
}
