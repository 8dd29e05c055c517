package io.heed.core.attribution;

import io.heed.core.codec.Hash64;
import io.heed.core.model.Assignment;
import io.heed.core.model.AttributionCreditRow;
import io.heed.core.model.Click;
import io.heed.core.model.Conversion;
import io.heed.core.model.ConversionKind;
import io.heed.core.model.Delivery;
import io.heed.core.model.Event;
import io.heed.core.model.Send;
import io.heed.core.model.Touch;
import io.heed.core.rules.LinkScanners;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.ToIntFunction;

/**
 * Takes one recipient's events and hands out what changes by each: rows of credit at once, and at
 * the close of each UTC day the paths, conversions and units of that day for the Markov model and
 * the lift.
 *
 * <p>Results are a function of the facts, so that an event is handled by comparing what follows
 * from the history before and after it. Most events are newer than everything that has been handed
 * out, and then there is nothing to compare.
 */
public final class Attribution {
  /** Touches that are kept for what may come, beyond those that a conversion's path holds. */
  static final int TOUCHPOINTS_KEPT = 512;

  static final int CONVERSIONS_KEPT = 256;
  static final int EXPOSURES_KEPT = 64;

  /** A conversion is remembered this long, and an experiment after its last exposure. */
  private static final long KEPT_MILLIS = Derivation.REFUND_MILLIS;

  /** Forgetting is no hurry: one timer for what a week brings. */
  private static final long TIDY_MILLIS = 7 * Days.MILLIS;

  /** Where results go. */
  public interface Sink {
    void row(AttributionCreditRow row);

    void markov(MarkovCredit credit);

    void path(PathFact path);

    void unit(LiftFact unit);
  }

  /** All that follows from a history and belongs to a day. */
  private record Following(
      List<Attributed> conversions, List<PathFact> paths, List<LiftFact> units) {
    static Following of(Derivation derivation) {
      List<Attributed> conversions = derivation.conversions();
      return new Following(conversions, derivation.unconverted(), derivation.units(conversions));
    }
  }

  private final AttributionPolicies policies;
  private final long horizonMillis;
  private final LongSupplier clockMicros;

  /**
   * @param horizonMillis how late an event may come and still count
   * @param clockMicros the wall clock, for the versions of rows
   */
  public Attribution(AttributionPolicies policies, long horizonMillis, LongSupplier clockMicros) {
    this.policies = policies;
    this.horizonMillis = horizonMillis;
    this.clockMicros = clockMicros;
  }

  /** Whether an event can change anything here, whatever is known of its recipient. */
  public static boolean matters(Event event) {
    if (event instanceof Delivery delivery) {
      return delivery.status().isDelivered();
    }
    if (event instanceof Click click) {
      return click.messageId() != null && !LinkScanners.standard().isScanner(click);
    }
    return event instanceof Send
        || event instanceof Touch
        || event instanceof Conversion
        || event instanceof Assignment;
  }

  /**
   * Takes an event that {@link #matters}.
   *
   * @param watermark event time reached
   * @return whether the history has changed
   */
  public boolean apply(History history, Event event, long watermark, Sink out) {
    Derivation derivation = new Derivation(history, policies);
    boolean inOrder = event.eventTime() > newestInstant(history);
    // What belongs to a closed day only changes by what happened up to that day's end.
    boolean reopens = event.eventTime() < Days.end(history.closedDay);
    boolean credits = reopens || canChangeCredits(history, event);
    List<Attributed> conversions = credits ? derivation.conversions() : List.of();
    List<PathFact> paths = reopens ? derivation.unconverted() : List.of();
    List<LiftFact> units = reopens ? derivation.units(conversions) : List.of();
    if (!add(history, event)) {
      return false;
    }
    if (event instanceof Conversion conversion && conversion.kind() != ConversionKind.REFUND) {
      history.folded += derivation.leftOut(conversion.eventTime());
    }
    List<Attributed> conversionsNow = List.of();
    if (credits) {
      derivation.stamp();
      history.seq = Math.max(history.seq + 1, clockMicros.getAsLong());
      conversionsNow = derivation.conversions();
      compare(history, event.recipientId(), conversions, conversionsNow, out);
    }
    if (reopens) {
      comparePaths(history, paths, derivation.unconverted(), out);
      compareUnits(history, units, derivation.units(conversionsNow), out);
    }
    fold(history, derivation);
    long due =
        inOrder ? due(event) : nextDue(history, derivation, Following.of(derivation), watermark);
    history.timer(Math.min(history.timer(), due));
    return true;
  }

  /**
   * A version of the policy has come that may be dated back: writes anew the conversions that it
   * holds for.
   *
   * @return whether the history has changed
   */
  public boolean restate(History history, String recipientId, Sink out) {
    Derivation derivation = new Derivation(history, policies);
    List<Converted> conversions = List.copyOf(history.conversions);
    List<Attributed> before = derivation.conversions();
    derivation.stamp();
    if (history.conversions.equals(conversions)) {
      return false;
    }
    history.seq = Math.max(history.seq + 1, clockMicros.getAsLong());
    compare(history, recipientId, before, derivation.conversions(), out);
    return true;
  }

  /**
   * A timer is due: hands out what belongs to the days that have closed, and forgets what can
   * change nothing any more.
   *
   * @param instant event time reached, which after a jump may be far beyond the timer
   */
  public void close(History history, String recipientId, long instant, Sink out) {
    Derivation derivation = new Derivation(history, policies);
    Following following = Following.of(derivation);
    int day = Days.of(instant) - 1;
    int closed = history.closedDay;
    if (day > closed) {
      history.seq = Math.max(history.seq + 1, clockMicros.getAsLong());
      for (Attributed attributed : following.conversions) {
        if (attributed.dueDay() > closed && attributed.dueDay() <= day) {
          out.markov(new MarkovCredit(recipientId, null, attributed, history.seq));
          if (attributed.countsAsPath()) {
            out.path(attributed.pathFact(1));
          }
        }
      }
      for (PathFact path : following.paths) {
        if (path.day() > closed && path.day() <= day) {
          out.path(path);
        }
      }
      for (LiftFact unit : following.units) {
        if (unit.day() > closed && unit.day() <= day) {
          out.unit(unit);
        }
      }
      history.closedDay = day;
    }
    // What is forgotten has had its day, so that what follows from the rest need not be found anew.
    forget(history, derivation, instant);
    history.timer(nextDue(history, derivation, following, instant));
  }

  // What an event adds.

  private boolean add(History history, Event event) {
    if (event instanceof Send send) {
      return addSend(history, send);
    }
    if (event instanceof Delivery delivery) {
      Touchpoint message = history.orAdd(true, Hash64.of(delivery.messageId()));
      boolean earlier = delivery.eventTime() < message.seenAt;
      message.seenAt = Math.min(message.seenAt, delivery.eventTime());
      return earlier;
    }
    if (event instanceof Click click) {
      Touchpoint message = history.orAdd(true, Hash64.of(click.messageId()));
      if (LinkScanners.hasAgent(click)) {
        return message.addAgentClick(click.eventTime());
      }
      boolean earlier = click.eventTime() < message.plainClickAt;
      message.plainClickAt = Math.min(message.plainClickAt, click.eventTime());
      return earlier;
    }
    if (event instanceof Touch touch) {
      return addTouch(history, touch);
    }
    if (event instanceof Conversion conversion) {
      return addConversion(history, conversion);
    }
    Assignment a = (Assignment) event;
    return addExposure(history, a.experimentId(), a.variantId(), a.epoch(), a.eventTime(), true);
  }

  private static boolean addSend(History history, Send send) {
    Touchpoint message = history.orAdd(true, Hash64.of(send.messageId()));
    boolean first = send.eventTime() < message.sentAt;
    if (first) {
      message.sentAt = send.eventTime();
      message.campaignId = send.campaignId();
      message.variantId = send.variantId();
      message.experimentId = send.experimentId();
    }
    boolean exposed =
        send.experimentId() != null
            && send.variantId() != null
            && addExposure(
                history,
                send.experimentId(),
                send.variantId(),
                send.epoch(),
                send.eventTime(),
                false);
    return first || exposed;
  }

  private static boolean addTouch(History history, Touch touch) {
    long id = Hash64.of(touch.eventId());
    if (history.touchpoint(false, id) != null) {
      return false;
    }
    Touchpoint touchpoint = history.orAdd(false, id);
    touchpoint.channel = touch.channel();
    touchpoint.campaignId = touch.campaignId();
    touchpoint.seenAt = touch.eventTime();
    return true;
  }

  private static boolean addConversion(History history, Conversion event) {
    Converted conversion =
        new Converted(
            event.conversionId(),
            event.kind(),
            event.eventTime(),
            event.revenueMicros(),
            event.originalConversionId(),
            0);
    for (int i = 0; i < history.conversions.size(); i++) {
      Converted known = history.conversions.get(i);
      if (known.key().equals(conversion.key())) {
        boolean earlier = Converted.ORDER.compare(conversion, known) < 0;
        if (earlier) {
          history.conversions.set(i, conversion);
        }
        return earlier;
      }
    }
    history.conversions.add(conversion);
    return true;
  }

  private static boolean addExposure(
      History history,
      String experimentId,
      String variantId,
      Integer epoch,
      long time,
      boolean holdout) {
    Exposure exposure =
        new Exposure(experimentId, variantId, epoch == null ? 0 : epoch, time, holdout, time);
    for (int i = 0; i < history.exposures.size(); i++) {
      Exposure known = history.exposures.get(i);
      if (known.experimentId().equals(experimentId)) {
        Exposure merged = known.merge(exposure);
        history.exposures.set(i, merged);
        return !merged.equals(known);
      }
    }
    history.exposures.add(exposure);
    return true;
  }

  private static boolean canChangeCredits(History history, Event event) {
    if (event instanceof Conversion) {
      return true;
    }
    // Whatever the clocks say, a send names the campaign of touches that came before.
    return event instanceof Send
        ? !history.conversions.isEmpty()
        : event.eventTime() <= history.newestConversion();
  }

  // What changes by it.

  private void compare(
      History history,
      String recipientId,
      List<Attributed> before,
      List<Attributed> after,
      Sink out) {
    Map<Converted.Key, Attributed> known = new HashMap<>();
    before.forEach(attributed -> known.put(attributed.conversion().key(), attributed));
    for (Attributed now : after) {
      Attributed was = known.get(now.conversion().key());
      if (!now.equals(was)) {
        for (Model model : Model.OF_THE_PATH) {
          CreditRows.changed(
              model,
              recipientId,
              was,
              shares(model, was),
              now,
              shares(model, now),
              history.seq,
              out::row);
        }
        compareClosed(history, recipientId, was, now, out);
      }
    }
  }

  private void compareClosed(
      History history, String recipientId, Attributed was, Attributed now, Sink out) {
    Attributed closedBefore = closed(history, was);
    Attributed closedNow = closed(history, now);
    if (closedBefore != null || closedNow != null) {
      out.markov(new MarkovCredit(recipientId, closedBefore, closedNow, history.seq));
    }
    PathFact pathBefore = pathFact(closedBefore);
    PathFact pathNow = pathFact(closedNow);
    if (!Objects.equals(pathBefore, pathNow)) {
      if (pathBefore != null) {
        out.path(pathBefore.withSign(-1));
      }
      if (pathNow != null) {
        out.path(pathNow);
      }
    }
  }

  private static Attributed closed(History history, Attributed attributed) {
    return attributed != null && attributed.dueDay() <= history.closedDay ? attributed : null;
  }

  private static PathFact pathFact(Attributed attributed) {
    return attributed != null && attributed.countsAsPath() ? attributed.pathFact(1) : null;
  }

  private long[] shares(Model model, Attributed attributed) {
    return attributed == null || attributed.path().isEmpty()
        ? null
        : Shares.proportional(
            model.weights(attributed.path(), policies.byStamp(attributed.conversion().stamp())));
  }

  private static void comparePaths(
      History history, List<PathFact> before, List<PathFact> after, Sink out) {
    List<PathFact> gone = closedOnly(before, history, PathFact::day);
    for (PathFact path : closedOnly(after, history, PathFact::day)) {
      if (!gone.remove(path)) {
        out.path(path);
      }
    }
    gone.forEach(path -> out.path(path.withSign(-1)));
  }

  private static void compareUnits(
      History history, List<LiftFact> before, List<LiftFact> after, Sink out) {
    List<LiftFact> gone = closedOnly(before, history, LiftFact::day);
    for (LiftFact unit : closedOnly(after, history, LiftFact::day)) {
      if (!gone.remove(unit)) {
        out.unit(unit);
      }
    }
    gone.forEach(unit -> out.unit(unit.withSign(-1)));
  }

  private static <T> List<T> closedOnly(List<T> facts, History history, ToIntFunction<T> day) {
    List<T> closed = new ArrayList<>(facts);
    closed.removeIf(fact -> day.applyAsInt(fact) > history.closedDay);
    return closed;
  }

  // When there is something to do, and what may go.

  /** When an event that is newer than all others may be due; never later than it is. */
  private long due(Event event) {
    long time = event.eventTime();
    AttributionPolicy policy = policies.at(time);
    if (event instanceof Conversion) {
      return Days.end(Days.of(time));
    }
    if (event instanceof Send send && send.experimentId() == null) {
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

  private long nextDue(History history, Derivation derivation, Following following, long reached) {
    int closed = history.closedDay;
    int day = Integer.MAX_VALUE;
    for (Attributed attributed : following.conversions) {
      day = earlier(day, attributed.dueDay(), closed);
    }
    for (PathFact path : following.paths) {
      day = earlier(day, path.day(), closed);
    }
    for (LiftFact unit : following.units) {
      day = earlier(day, unit.day(), closed);
    }
    long due = day == Integer.MAX_VALUE ? History.NONE : Days.end(day);
    for (Touchpoint touchpoint : history.touchpoints) {
      long end = end(derivation, touchpoint);
      // What is still here beyond its end goes with the conversion that holds it.
      if (end > reached) {
        due = Math.min(due, tidy(end));
      }
    }
    for (Converted conversion : history.conversions) {
      due = Math.min(due, tidy(end(conversion)));
    }
    for (Exposure exposure : history.exposures) {
      due = Math.min(due, tidy(end(exposure)));
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
  private long end(Derivation derivation, Touchpoint touchpoint) {
    return derivation.lastExpiry(touchpoint) + policies.longestWindowMillis() + horizonMillis;
  }

  private long end(Converted conversion) {
    return conversion.time() + KEPT_MILLIS + horizonMillis;
  }

  private long end(Exposure exposure) {
    return exposure.lastTime() + KEPT_MILLIS + horizonMillis;
  }

  private void forget(History history, Derivation derivation, long instant) {
    history.conversions.removeIf(conversion -> end(conversion) <= instant);
    history.exposures.removeIf(exposure -> end(exposure) <= instant);
    boolean passed = false;
    for (Touchpoint touchpoint : history.touchpoints) {
      passed |= end(derivation, touchpoint) <= instant;
    }
    if (passed) {
      Set<Touchpoint> held = held(history, derivation);
      history.touchpoints.removeIf(t -> end(derivation, t) <= instant && !held.contains(t));
    }
  }

  /** Makes room: the oldest goes, and is counted. */
  private void fold(History history, Derivation derivation) {
    history.folded +=
        dropOldest(
            history.conversions,
            CONVERSIONS_KEPT,
            Comparator.comparingLong(Converted::time)
                .thenComparing(Converted::id)
                .thenComparing(Converted::kind));
    history.folded +=
        dropOldest(
            history.exposures,
            EXPOSURES_KEPT,
            Comparator.comparingLong(Exposure::lastTime).thenComparing(Exposure::experimentId));
    if (history.touchpoints.size() > TOUCHPOINTS_KEPT) {
      Set<Touchpoint> held = held(history, derivation);
      List<Touchpoint> free = new ArrayList<>(history.touchpoints);
      free.removeIf(held::contains);
      List<Touchpoint> kept = new ArrayList<>(free);
      history.folded +=
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
  private Set<Touchpoint> held(History history, Derivation derivation) {
    Set<Touchpoint> held = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Converted conversion : history.conversions) {
      if (!conversion.isRefund()) {
        derivation
            .lookBack(conversion.time(), policies.byStamp(conversion.stamp()))
            .forEach(s -> held.add(s.touchpoint()));
      }
    }
    return held;
  }

  private static long newestInstant(History history) {
    long newest = history.newestConversion();
    for (Touchpoint t : history.touchpoints) {
      newest = Math.max(newest, newest(t.sentAt, t.seenAt));
      newest = Math.max(newest, newest(t.plainClickAt, Touchpoint.NEVER));
      if (t.agentClicks.length > 0) {
        newest = Math.max(newest, t.agentClicks[t.agentClicks.length - 1]);
      }
    }
    for (Exposure exposure : history.exposures) {
      newest = Math.max(newest, exposure.lastTime());
    }
    return newest;
  }

  private static long newest(long a, long b) {
    return Math.max(
        a == Touchpoint.NEVER ? Long.MIN_VALUE : a, b == Touchpoint.NEVER ? Long.MIN_VALUE : b);
  }
}
