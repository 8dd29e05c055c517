package io.heed.core.gate;

import io.heed.core.gate.RecipientState.Drawn;
import io.heed.core.gate.RecipientState.KnownRequest;
import io.heed.core.gate.RecipientState.Message;
import io.heed.core.gate.RecipientState.Pending;
import io.heed.core.gate.RecipientState.Scope;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * Keeps the facts of one recipient within bounds, so that an event costs the same however many came
 * before it. The oldest goes, by its own instant and not by its arrival, and what follows from that
 * is always the stricter verdict:
 *
 * <ul>
 *   <li>Messages, per category: the newest stay, more of them than the largest cap allows. A cap is
 *       full in every window that reaches back to an evicted message, so that neither a refund nor
 *       a late request overshoots it.
 *   <li>Requests: a repeated request whose verdict was evicted is decided again. If a reservation
 *       was evicted, the caps of its category are full for every request from before its end.
 *   <li>Replies that wait for their message: a revoking one counts for {@code *} from then on, as
 *       it does when it passes the horizon.
 *   <li>Scopes: a suppression is never lost. Those of evicted lists hold together, with the newest
 *       instant, for every list that has no entry of its own.
 *   <li>Variants: a recipient who comes back to the experiment is drawn again.
 * </ul>
 *
 * @param messages kept per category beyond the largest limit of a cap
 * @param requests kept
 * @param pending replies kept that wait for their message
 * @param scopes kept beside {@code *}
 * @param drawn experiments kept
 */
record Eviction(int messages, int requests, int pending, int scopes, int drawn) {
  static final Eviction STANDARD = new Eviction(128, 128, 64, 128, 64);

  private static final Comparator<Message> OLDEST_MESSAGE =
      Comparator.<Message>comparingLong(each -> each.time).thenComparingLong(each -> each.hash);
  private static final Comparator<KnownRequest> OLDEST_REQUEST =
      Comparator.<KnownRequest>comparingLong(each -> Math.max(each.expiresAt, each.notBefore))
          .thenComparingLong(each -> each.hash);
  private static final Comparator<Pending> OLDEST_PENDING =
      Comparator.comparingLong(Pending::time).thenComparingLong(Pending::messageHash);
  private static final Comparator<Scope> OLDEST_SCOPE =
      Comparator.comparingLong(Scope::newest).thenComparing(each -> each.name);
  private static final Comparator<Drawn> OLDEST_DRAWN =
      Comparator.comparingLong(Drawn::lastAt).thenComparing(each -> each.draw().experimentId());

  /**
   * Evicts what is too much.
   *
   * @param largestLimit of the caps
   * @return how many facts went
   */
  int evict(RecipientState state, int largestLimit) {
    int evicted = 0;
    if (state.messages.size() > messages + largestLimit) {
      for (int pool = 0; pool < RecipientState.POOLS; pool++) {
        evicted += evictMessages(state, pool, messages + largestLimit);
      }
    }
    List<KnownRequest> oldRequests = oldest(state.requests, requests, OLDEST_REQUEST);
    oldRequests.forEach(state::reservedUntil);
    List<Pending> oldPending = oldest(state.pending, pending, OLDEST_PENDING);
    oldPending.forEach(each -> Consent.keep(state, each));
    List<Drawn> oldDrawn = oldest(state.drawn, drawn, OLDEST_DRAWN);
    evicted += oldRequests.size() + oldPending.size() + oldDrawn.size();
    return evicted + evictScopes(state);
  }

  private static int evictMessages(RecipientState state, int pool, int kept) {
    List<Message> all = new ArrayList<>(state.messages);
    all.removeIf(each -> each.pool() != pool);
    List<Message> old = oldest(all, kept, OLDEST_MESSAGE);
    if (!old.isEmpty()) {
      Consent.keepLadder(state);
      state.evictedUntil[pool] = Math.max(state.evictedUntil[pool], old.get(old.size() - 1).time);
      state.messages.removeAll(old);
      state.publishedCaps.removeIf(
          published ->
              !published.scope().equals(Rules.ALL)
                  && state.messages.stream()
                      .noneMatch(each -> published.scope().equals(each.list)));
    }
    return old.size();
  }

  private int evictScopes(RecipientState state) {
    if (state.scopes.size() <= scopes) {
      return 0;
    }
    List<Scope> lists = new ArrayList<>(state.scopes);
    lists.removeIf(each -> each.name.equals(Rules.ALL) || each.name.equals(Scope.OTHERS));
    List<Scope> old = oldest(lists, scopes, OLDEST_SCOPE);
    state.scopes.removeAll(old);
    for (Scope each : old) {
      Consent.keepForOthers(state, each);
    }
    return old.size();
  }

  /** Takes the oldest from a list that has too many; gives them, the newest last. */
  private static <T> List<T> oldest(List<T> all, int kept, Comparator<T> order) {
    if (all.size() <= kept) {
      return List.of();
    }
    if (all.size() == kept + 1) {
      T oldest = Collections.min(all, order);
      all.remove(oldest);
      return List.of(oldest);
    }
    List<T> sorted = new ArrayList<>(all);
    sorted.sort(order);
    List<T> old = List.copyOf(sorted.subList(0, sorted.size() - kept));
    all.removeAll(old);
    return old;
  }
}
