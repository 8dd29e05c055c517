package io.heed.core.signals;

import io.heed.core.model.Signal;
import io.heed.core.signals.Response.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which signals hold for a recipient at an instant, by what happened in the {@value #KEPT_DAYS}
 * days up to it.
 *
 * <ul>
 *   <li>HOT: Σ points · 2^(−age / 14 days) over responses is at least {@value #HOT_POINTS}. A
 *       purchase has 10 points, a reply 4, a lead or a click 2, a visit 1.
 *   <li>DORMANT: at least {@value #DORMANT_MESSAGES} promotional messages that did not fail, one of
 *       them more than {@value #DORMANT_DAYS} days ago and one since, and no response for {@value
 *       #DORMANT_DAYS} days.
 *   <li>SUNSET: see {@link SunsetRule}.
 *   <li>INVALID_NUMBER: a receipt calls the number invalid, its message was not delivered after
 *       all, and no message has been delivered since.
 * </ul>
 */
public final class SignalRules {
  /** Days after which nothing counts any more. */
  static final int KEPT_DAYS = 90;

  /** How long everything counts that happened. */
  public static final long KEPT_MILLIS = Duration.ofDays(KEPT_DAYS).toMillis();

  static final int DORMANT_DAYS = 60;
  static final int DORMANT_MESSAGES = 3;
  static final double HOT_POINTS = 6;

  private static final long DORMANT_MILLIS = Duration.ofDays(DORMANT_DAYS).toMillis();
  private static final double HALF_LIFE_MILLIS = Duration.ofDays(14).toMillis();
  private static final double SCORE_PARTS = 1_000;

  private SignalRules() {}

  /** The signals that hold at an instant, epoch milliseconds; what came later does not count. */
  static Map<Signal, HeldSignal> at(Engagement engagement, long instant, ListModels models) {
    Map<Signal, HeldSignal> held = new EnumMap<>(Signal.class);
    List<Response> responses = responses(engagement, instant);
    put(held, Signal.HOT, hot(responses, instant));
    HeldSignal dormant = dormant(engagement, responses, instant);
    put(held, Signal.DORMANT, dormant);
    if (dormant != null) {
      put(held, Signal.SUNSET, sunset(engagement, dormant, instant, models));
    }
    put(held, Signal.INVALID_NUMBER, invalid(engagement, instant));
    return held;
  }

  private static void put(Map<Signal, HeldSignal> all, Signal signal, HeldSignal held) {
    if (held != null) {
      all.put(signal, held);
    }
  }

  /** Responses that count at an instant, in order: so sums are the same bit for bit. */
  private static List<Response> responses(Engagement engagement, long instant) {
    return Stream.concat(
            engagement.responses.stream(),
            engagement.messages.stream()
                .map(message -> new Response(Kind.CLICK, message.clickedAt(instant))))
        .filter(response -> counts(response.time(), instant))
        .sorted()
        .toList();
  }

  private static boolean counts(long time, long instant) {
    return time <= instant && time > instant - KEPT_MILLIS;
  }

  /** The points at the last response do not depend on when they are asked for. */
  private static HeldSignal hot(List<Response> responses, long instant) {
    if (responses.isEmpty()) {
      return null;
    }
    long last = responses.get(responses.size() - 1).time();
    double points = 0;
    for (Response response : responses) {
      points += response.kind().points() * decay(last - response.time());
    }
    double halvings = StrictMath.log(points / HOT_POINTS) / StrictMath.log(2);
    long validUntil = last + (long) Math.floor(halvings * HALF_LIFE_MILLIS);
    if (instant > validUntil) {
      return null;
    }
    double score = Math.rint(points * decay(instant - last) * SCORE_PARTS) / SCORE_PARTS;
    return new HeldSignal(validUntil, score, responded(responses, last));
  }

  private static double decay(long ageMillis) {
    return StrictMath.pow(2, -ageMillis / HALF_LIFE_MILLIS);
  }

  private static String responded(List<Response> responses, long last) {
    StringBuilder text = new StringBuilder();
    for (Kind kind : Kind.values()) {
      long count = responses.stream().filter(response -> response.kind() == kind).count();
      if (count > 0) {
        text.append(text.length() == 0 ? "" : ", ")
            .append(kind.name().toLowerCase(Locale.ROOT))
            .append(": ")
            .append(count);
      }
    }
    return "%s in %d days, the last at %s".formatted(text, KEPT_DAYS, Instant.ofEpochMilli(last));
  }

  private static HeldSignal dormant(Engagement engagement, List<Response> responses, long instant) {
    if (!responses.isEmpty()
        && responses.get(responses.size() - 1).time() > instant - DORMANT_MILLIS) {
      return null;
    }
    long[] sent =
        engagement.messages.stream()
            .filter(message -> message.countsAsTexted(instant))
            .mapToLong(message -> message.sentAt)
            .filter(time -> counts(time, instant))
            .sorted()
            .toArray();
    if (!isDormant(sent, instant)) {
      return null;
    }
    long validUntil = instant;
    for (long lapse = lapse(sent, instant); lapse != Texted.NEVER; lapse = lapse(sent, lapse)) {
      validUntil = lapse;
      if (!isDormant(sent, lapse)) {
        break;
      }
    }
    return new HeldSignal(
        validUntil,
        null,
        "%d promotional messages since %s, no click, reply or conversion for %d days"
            .formatted(sent.length, Instant.ofEpochMilli(sent[0]), DORMANT_DAYS));
  }

  /** Whether these messages, if nothing was done, make a recipient dormant. */
  private static boolean isDormant(long[] sent, long instant) {
    int counted = 0;
    boolean before = false;
    boolean since = false;
    for (long time : sent) {
      if (counts(time, instant)) {
        counted++;
        before |= time <= instant - DORMANT_MILLIS;
        since |= time > instant - DORMANT_MILLIS;
      }
    }
    return counted >= DORMANT_MESSAGES && before && since;
  }

  /** The next instant at which a message ages out of a window. */
  private static long lapse(long[] sent, long instant) {
    long next = Texted.NEVER;
    for (long time : sent) {
      next = earlier(next, time, instant);
    }
    return next;
  }

  private static HeldSignal sunset(
      Engagement engagement, HeldSignal dormant, long instant, ListModels models) {
    Set<String> lists =
        engagement.messages.stream()
            .filter(message -> message.countsAsTexted(instant) && counts(message.sentAt, instant))
            .map(message -> message.list)
            .collect(Collectors.toCollection(TreeSet::new));
    return SunsetRule.of(dormant, lists, engagement.person, instant, models);
  }

  private static HeldSignal invalid(Engagement engagement, long instant) {
    long invalidAt = 0;
    long deliveredAt = 0;
    for (Texted message : engagement.messages) {
      if (counts(message.deliveredAt, instant)) {
        deliveredAt = Math.max(deliveredAt, message.deliveredAt);
      } else if (counts(message.invalidAt, instant)) {
        invalidAt = Math.max(invalidAt, message.invalidAt);
      }
    }
    return invalidAt == 0 || deliveredAt >= invalidAt
        ? null
        : new HeldSignal(
            invalidAt + KEPT_MILLIS,
            null,
            "a receipt of %s calls the number invalid".formatted(Instant.ofEpochMilli(invalidAt)));
  }

  /**
   * The next instant after one at which a signal may change without another event; {@link
   * Texted#NEVER} if none can.
   */
  static long nextChange(
      Engagement engagement, Map<Signal, HeldSignal> held, long instant, ListModels models) {
    long[] next = {Texted.NEVER};
    engagement.responses.forEach(r -> next[0] = earlier(next[0], r.time(), instant));
    engagement.messages.forEach(
        message -> message.instants().forEach(at -> next[0] = earlier(next[0], at, instant)));
    if (held.containsKey(Signal.DORMANT)) {
      next[0] = Math.min(next[0], models.changeAfter(instant));
    }
    HeldSignal hot = held.get(Signal.HOT);
    return hot == null ? next[0] : Math.min(next[0], hot.validUntil() + 1);
  }

  /** The earliest instant at which one event begins to count, or ages out of a window. */
  private static long earlier(long known, long time, long instant) {
    if (time > instant) {
      return Math.min(known, time);
    }
    if (time + DORMANT_MILLIS > instant) {
      return Math.min(known, time + DORMANT_MILLIS);
    }
    return time + KEPT_MILLIS > instant ? Math.min(known, time + KEPT_MILLIS) : known;
  }
}
