package io.heed.core.gate;

import io.heed.core.gate.RecipientState.Message;
import io.heed.core.hours.Schedule;
import io.heed.core.model.CapSource;
import io.heed.core.model.CapState;
import io.heed.core.model.Category;
import io.heed.core.model.FrequencyCapDecision;
import io.heed.core.model.ReasonCode;
import io.heed.core.rules.Cap;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Publishes the caps of a recipient by messages alone. The content of a decision, and the instant
 * since which it holds, are a function of the messages and of event time, so that the last decision
 * does not depend on when it is published. Not safe for concurrent use.
 */
final class CapPublisher {
  private static final int MAX_SCHEDULES = 10_000;

  private final Caps caps;
  private final IdentityHashMap<Schedule, List<Rules.Law>> lawsByPlace = new IdentityHashMap<>();
  private long nextLapse;

  CapPublisher(Caps caps) {
    this.caps = caps;
  }

  /** When the next lapse changes what {@link #publish} has published; else a far instant. */
  long nextLapse() {
    return nextLapse;
  }

  /**
   * Publishes every cap that differs from what was published last.
   *
   * @param now how far time has come
   * @param places where the recipient may be
   * @param seq the next number of a decision
   * @param out takes the decisions; null to record them as published without a decision
   */
  boolean publish(
      RecipientState state,
      String recipientId,
      Rules rules,
      Schedule places,
      long now,
      Moment moment,
      LongSupplier seq,
      Outbox out) {
    nextLapse = Caps.NEVER;
    boolean published = false;
    for (String scope : scopes(state, rules)) {
      Rules.ForList holds = rules.of(scope);
      for (Map.Entry<Category, List<Cap>> own : holds.published().entrySet()) {
        Category category = own.getKey();
        List<Cap> limits = withLaws(own.getValue(), category, places, now);
        List<ZoneId> zones = places.zones();
        long[][] instants = caps.instants(state, limits);
        Caps.View view = Caps.view(instants, limits, zones, now);
        nextLapse = Math.min(nextLapse, nextChange(instants, limits, zones, view, now));
        long since = since(instants, limits, zones, view, now);
        if (since == 0) {
          // Where everything was refunded another order of arrival has published something before.
          since = newest(state, category);
        }
        // Not of the constants themselves, whose hash differs from one JVM to the next.
        int hash =
            Objects.hash(view.remaining(), view.nextEligibleAt(), view.source().name(), since) | 1;
        if (since > 0 && hash != state.publishedCap(category, scope)) {
          state.setPublished(category, scope, hash);
          published = true;
          if (out != null) {
            out.write(
                decision(recipientId, category, scope, view, since, holds.version(), moment, seq));
          }
        }
      }
    }
    return published;
  }

  /**
   * The next lapse after which a view is another, so that no timer fires in vain. The last place
   * that a message takes in the tightest cap decides, however many came before it.
   */
  static long nextChange(
      long[][] instants, List<Cap> limits, List<ZoneId> zones, Caps.View view, long now) {
    long next = now;
    do {
      next = Caps.nextLapse(instants, limits, zones, next);
    } while (next != Caps.NEVER && view.equals(Caps.view(instants, limits, zones, next)));
    return next;
  }

  /** The instant since which a view has been so; 0 without any message. */
  static long since(
      long[][] instants, List<Cap> limits, List<ZoneId> zones, Caps.View view, long now) {
    long since = Caps.lastChange(instants, limits, zones, now);
    while (since > 0 && view.equals(Caps.view(instants, limits, zones, since - 1))) {
      long before = Caps.lastChange(instants, limits, zones, since - 1);
      if (before == 0) {
        break;
      }
      since = before;
    }
    return since;
  }

  private static long newest(RecipientState state, Category category) {
    long newest = 0;
    for (Message message : state.messages) {
      if (message.category == category) {
        newest = Math.max(newest, message.time);
      }
    }
    return newest;
  }

  private static FrequencyCapDecision decision(
      String recipientId,
      Category category,
      String scope,
      Caps.View view,
      long since,
      String version,
      Moment moment,
      LongSupplier seq) {
    boolean capped = view.remaining() == 0;
    Long next = capped ? view.nextEligibleAt() : null;
    ReasonCode reason =
        !capped
            ? ReasonCode.WITHIN_POLICY
            : view.source() == CapSource.STATE_LAW
                ? ReasonCode.STATE_CAP_REACHED
                : ReasonCode.CAP_REACHED;
    return new FrequencyCapDecision(
        Hash.id("cap", recipientId, category, scope, view.remaining(), next, since),
        since,
        moment.wallMillis(),
        List.of(reason),
        seq.getAsLong(),
        version,
        recipientId,
        category,
        scope,
        capped ? CapState.CAPPED : CapState.OPEN,
        view.remaining(),
        next,
        next,
        view.source());
  }

  private static Set<String> scopes(RecipientState state, Rules rules) {
    if (rules.isUniform()) {
      return Set.of(Rules.ALL);
    }
    Set<String> scopes = new LinkedHashSet<>(4);
    scopes.add(Rules.ALL);
    for (Message message : state.messages) {
      if (message.isSent() && rules.hasOwnCaps(message.list)) {
        scopes.add(message.list);
      }
    }
    return scopes;
  }

  /** Caps with the laws of the places beside them: laws limit promotional messages. */
  List<Cap> withLaws(List<Cap> limits, Category category, Schedule places, long at) {
    List<Rules.Law> laws = category == Category.PROMOTIONAL ? lawsOf(places) : List.of();
    if (laws.isEmpty()) {
      return limits;
    }
    List<Cap> all = new ArrayList<>(limits);
    for (Rules.Law law : laws) {
      if (at >= law.from() && at < law.to()) {
        all.add(law.cap());
      }
    }
    return all;
  }

  private List<Rules.Law> lawsOf(Schedule places) {
    List<Rules.Law> laws = lawsByPlace.get(places);
    if (laws == null) {
      laws = Rules.LAWS.stream().filter(law -> places.mayBeIn(law.region())).toList();
      if (lawsByPlace.size() >= MAX_SCHEDULES) {
        lawsByPlace.clear();
      }
      lawsByPlace.put(places, laws);
    }
    return laws;
  }
}
