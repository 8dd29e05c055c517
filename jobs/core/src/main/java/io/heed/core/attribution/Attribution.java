package io.heed.core.attribution;

import io.heed.core.model.Assignment;
import io.heed.core.model.AttributionCreditRow;
import io.heed.core.model.Click;
import io.heed.core.model.Conversion;
import io.heed.core.model.ConversionKind;
import io.heed.core.model.Delivery;
import io.heed.core.model.Erasure;
import io.heed.core.model.Event;
import io.heed.core.model.OptOut;
import io.heed.core.model.Reply;
import io.heed.core.model.Send;
import io.heed.core.model.Touch;
import io.heed.core.rules.LinkScanners;
import io.heed.core.rules.ReplyRecogniser;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
  /** Where results go. */
  public interface Sink {
    void row(AttributionCreditRow row);

    void markov(MarkovCredit credit);

    void path(PathFact path);

    void unit(LiftFact unit);
  }

  private static final ReplyRecogniser REPLIES = ReplyRecogniser.standard();

  private final AttributionPolicies policies;
  private final HistoryRetention retention;
  private final LongSupplier clockMicros;

  /**
   * @param horizonMillis how late an event may come and still count
   * @param clockMicros the wall clock, for the versions of rows
   */
  public Attribution(AttributionPolicies policies, long horizonMillis, LongSupplier clockMicros) {
    this.policies = policies;
    retention = new HistoryRetention(policies, horizonMillis);
    this.clockMicros = clockMicros;
  }

  /** Whether an event can change anything here, whatever is known of its recipient. */
  public static boolean isRelevant(Event event) {
    if (event instanceof Delivery delivery) {
      return delivery.status().isDelivered();
    }
    if (event instanceof Click click) {
      return click.messageId() != null && !LinkScanners.standard().isScanner(click);
    }
    if (event instanceof Reply reply) {
      return REPLIES.recognise(reply.body()).revokes();
    }
    return event instanceof Send
        || event instanceof OptOut
        || event instanceof Touch
        || event instanceof Conversion
        || event instanceof Erasure
        || event instanceof Assignment;
  }

  /**
   * Takes an event that {@link #isRelevant}.
   *
   * @param watermark event time reached
   * @return whether the history has changed
   */
  public boolean apply(History history, Event event, long watermark, Sink out) {
    PathBuilder builder = new PathBuilder(history, policies);
    boolean inOrder = event.eventTime() > history.newestInstant();
    // What belongs to a closed day only changes by what happened up to that day's end.
    boolean reopens = event.eventTime() < Days.end(history.closedDay);
    boolean credits = reopens || canChangeCredits(history, event);
    List<Attributed> conversions = credits ? builder.conversions() : List.of();
    List<PathFact> paths = reopens ? builder.unconverted() : List.of();
    List<LiftFact> units = reopens ? builder.units(conversions) : List.of();
    long time = event.eventTime();
    if (!history.add(event, policies.holdoutAt(time), policies.comparesValues(time))) {
      return false;
    }
    if (event instanceof Conversion conversion && conversion.kind() != ConversionKind.REFUND) {
      history.evicted += builder.leftOut(conversion.eventTime());
    }
    List<Attributed> conversionsNow = List.of();
    if (credits) {
      builder.stamp();
      history.seq = Math.max(history.seq + 1, clockMicros.getAsLong());
      conversionsNow = builder.conversions();
      compare(history, event.recipientId(), conversions, conversionsNow, out);
    }
    if (reopens) {
      comparePaths(history, paths, builder.unconverted(), out);
      compareUnits(history, units, builder.units(conversionsNow), out);
    }
    retention.evict(history, builder);
    long due =
        inOrder
            ? retention.due(event)
            : retention.nextDue(history, builder, DerivedFacts.of(builder), watermark);
    history.timer(Math.min(history.timer(), due));
    return true;
  }

  /**
   * A version of the policy has come that may be dated back: writes again the conversions that it
   * holds for.
   *
   * @return whether the history has changed
   */
  public boolean restate(History history, String recipientId, Sink out) {
    PathBuilder builder = new PathBuilder(history, policies);
    List<Converted> conversions = List.copyOf(history.conversions);
    List<Attributed> before = builder.conversions();
    builder.stamp();
    if (history.conversions.equals(conversions)) {
      return false;
    }
    history.seq = Math.max(history.seq + 1, clockMicros.getAsLong());
    compare(history, recipientId, before, builder.conversions(), out);
    return true;
  }

  /**
   * A timer is due: hands out what belongs to the days that have closed, and expires what can
   * change nothing any more.
   *
   * @param instant event time reached, which after a jump may be far beyond the timer
   */
  public void close(History history, String recipientId, long instant, Sink out) {
    PathBuilder builder = new PathBuilder(history, policies);
    DerivedFacts derived = DerivedFacts.of(builder);
    int day = Days.of(instant) - 1;
    int closed = history.closedDay;
    if (day > closed) {
      history.seq = Math.max(history.seq + 1, clockMicros.getAsLong());
      for (Attributed attributed : derived.conversions()) {
        if (attributed.dueDay() > closed && attributed.dueDay() <= day) {
          out.markov(new MarkovCredit(recipientId, null, attributed, history.seq));
          if (attributed.countsAsPath()) {
            out.path(attributed.pathFact(1));
          }
        }
      }
      for (PathFact path : derived.paths()) {
        if (path.day() > closed && path.day() <= day) {
          out.path(path);
        }
      }
      for (LiftFact unit : derived.units()) {
        if (unit.day() > closed && unit.day() <= day) {
          out.unit(unit);
        }
      }
      history.closedDay = day;
    }
    // The days of what has expired are closed, so that the facts of the rest need not be derived
    // again.
    retention.expire(history, builder, instant);
    history.timer(retention.nextDue(history, builder, derived, instant));
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
}
