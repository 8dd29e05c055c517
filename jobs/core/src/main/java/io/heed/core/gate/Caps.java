package io.heed.core.gate;

import io.heed.core.gate.RecipientState.KnownRequest;
import io.heed.core.gate.RecipientState.Message;
import io.heed.core.model.CapSource;
import io.heed.core.rules.Cap;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Counts a recipient's messages against caps. A message at t uses a rolling window of length W up
 * for every instant from t until just before t + W; a reservation may become a message at any
 * instant until it expires, and is counted wherever that message could be. Of what was evicted only
 * the newest instant is known: a cap is full in every window that reaches back to it. Keeps its
 * buffers: not safe for concurrent use.
 */
final class Caps {
  /** No instant within sight has room. */
  static final long NEVER = Long.MAX_VALUE;

  private static final int MAX_STEPS = 1_000;

  /**
   * The state of a cap at an instant.
   *
   * @param remaining messages left in the tightest cap
   * @param nextEligibleAt first instant with room, 0 if there is room now
   * @param source of the tightest cap
   */
  record View(int remaining, long nextEligibleAt, CapSource source) {}

  private long[] from = new long[16];
  private long[] to = new long[16];
  private int size;
  private int messages;
  private long evictedUntil;
  private long reservedUntil;

  /** The caps of those given that leave no room for a message at some instant of a span. */
  List<Cap> full(
      RecipientState state,
      List<Cap> caps,
      List<ZoneId> zones,
      long at,
      long until,
      KnownRequest own) {
    List<Cap> full = List.of();
    for (Cap cap : caps) {
      collect(state, cap, at, own);
      if (!fits(cap, zones, at, until)) {
        full = full.isEmpty() ? new ArrayList<>(2) : full;
        full.add(cap);
      }
    }
    return full;
  }

  /**
   * The first instant from {@code at} on with room in every cap, if reservations lapse unused;
   * {@link #NEVER} if there is none within sight.
   */
  long firstRoom(
      RecipientState state, List<Cap> caps, List<ZoneId> zones, long at, KnownRequest own) {
    long instant = at;
    for (int step = 0; step < MAX_STEPS; step++) {
      long next = instant;
      for (Cap cap : caps) {
        collect(state, cap, instant, own);
        if (!fits(cap, zones, instant, instant + 1)) {
          next = Math.max(next, nextChange(cap, zones, instant));
          if (cap.period() == null && next != NEVER) {
            next = Math.max(next, roomAmongMessages(cap, instant));
          }
        }
      }
      if (next == instant || next == NEVER) {
        return next;
      }
      instant = next;
    }
    return NEVER;
  }

  /**
   * The first instant with room in a rolling cap, reservations aside: one sweep instead of a step
   * from lapse to lapse. As many messages in a row as the limit, all within one window W, leave no
   * room from after the last of them - W until before the first + W.
   */
  private long roomAmongMessages(Cap cap, long at) {
    long[] instants = Arrays.copyOf(from, messages);
    Arrays.sort(instants);
    long room = evictedUntil == 0 ? at : Math.max(at, evictedUntil + cap.windowMillis());
    for (int i = 0; i + cap.limit() <= messages; i++) {
      long first = instants[i];
      long last = instants[i + cap.limit() - 1];
      if (last - first < cap.windowMillis()
          && last - cap.windowMillis() < room
          && room < first + cap.windowMillis()) {
        room = first + cap.windowMillis();
      }
    }
    return room;
  }

  private long nextChange(Cap cap, List<ZoneId> zones, long after) {
    long next = reservedUntil > after ? reservedUntil : NEVER;
    if (cap.period() == null && evictedUntil > 0 && evictedUntil + cap.windowMillis() > after) {
      next = Math.min(next, evictedUntil + cap.windowMillis());
    }
    for (int i = 0; i < size; i++) {
      boolean reserved = to[i] > from[i];
      if (reserved && to[i] > after) {
        next = Math.min(next, to[i]);
      }
      long lapse = cap.period() == null ? to[i] + cap.windowMillis() : 0;
      if (lapse > after) {
        next = Math.min(next, lapse);
      }
    }
    if (cap.period() != null) {
      for (ZoneId zone : zones) {
        next = Math.min(next, cap.periodEnd(after, zone));
      }
    }
    return next;
  }

  /** Every span of time in which a message counts: of messages that were sent, an instant. */
  private void collect(RecipientState state, Cap cap, long at, KnownRequest own) {
    size = 0;
    for (Message message : state.messages) {
      if (counts(cap, message)) {
        add(message.time, message.time);
      }
    }
    messages = size;
    evictedUntil = evictedUntil(state, cap);
    reservedUntil = state.reservedUntil[cap.category().ordinal()];
    reservedUntil = reservedUntil > at ? reservedUntil : 0;
    for (KnownRequest entry : state.requests) {
      if (entry != own && entry.reserves() && entry.expiresAt > at && counts(cap, entry)) {
        add(entry.decidedAt, entry.expiresAt);
      }
    }
  }

  private static long evictedUntil(RecipientState state, Cap cap) {
    long messages = state.evictedUntil[cap.category().ordinal()];
    return cap.touches().isEmpty()
        ? messages
        : Math.max(messages, state.evictedUntil[RecipientState.TOUCHES]);
  }

  static boolean counts(Cap cap, Message message) {
    if (message.category == null) {
      return message.touch && cap.touches().contains(message.list);
    }
    return message.category == cap.category()
        && (cap.list() == null || cap.list().equals(message.list))
        && (cap.tag() == null || cap.isTagged(message.tags))
        && (cap.attempts() || message.outcome != RecipientState.FAILED);
  }

  private static boolean counts(Cap cap, KnownRequest entry) {
    if (entry.list == null) {
      return true;
    }
    return entry.category == cap.category()
        && (cap.list() == null || cap.list().equals(entry.list))
        && (cap.tag() == null || cap.isTagged(entry.tags));
  }

  private void add(long start, long end) {
    if (size == from.length) {
      from = Arrays.copyOf(from, size * 2);
      to = Arrays.copyOf(to, size * 2);
    }
    from[size] = start;
    to[size++] = end;
  }

  /** Whether one more message, at whatever instant of the span, keeps every window within it. */
  private boolean fits(Cap cap, List<ZoneId> zones, long at, long until) {
    if (size < cap.limit() && evictedUntil == 0 && reservedUntil == 0) {
      return true;
    }
    if (cap.period() != null) {
      for (ZoneId zone : zones) {
        for (long start = cap.periodStart(at, zone); start < until; ) {
          long end = cap.periodEnd(start, zone);
          if (within(start, end) >= cap.limit()) {
            return false;
          }
          start = end;
        }
      }
      return true;
    }
    // Windows that end where something begins are the fullest of those that hold the new message.
    if (within(at - cap.windowMillis() + 1, at + 1) >= cap.limit()) {
      return false;
    }
    for (int i = 0; i < size; i++) {
      if (from[i] > at
          && from[i] < until + cap.windowMillis()
          && within(from[i] - cap.windowMillis() + 1, from[i] + 1) >= cap.limit()) {
        return false;
      }
    }
    return true;
  }

  /** How many may lie at or after {@code start} and before {@code end}. */
  private int within(long start, long end) {
    if (start <= Math.max(evictedUntil, reservedUntil)) {
      return Integer.MAX_VALUE;
    }
    int count = 0;
    for (int i = 0; i < size; i++) {
      if (from[i] < end && to[i] >= start) {
        count++;
      }
    }
    return count;
  }

  /** The most messages known in any window of the cap that holds the message at an instant. */
  int fullest(RecipientState state, Cap cap, List<ZoneId> zones, long at) {
    collect(state, cap, NEVER, null);
    evictedUntil = 0;
    int most = 0;
    if (cap.period() != null) {
      for (ZoneId zone : zones) {
        most = Math.max(most, within(cap.periodStart(at, zone), cap.periodEnd(at, zone)));
      }
      return most;
    }
    for (int i = 0; i < size; i++) {
      if (from[i] >= at && from[i] < at + cap.windowMillis()) {
        most = Math.max(most, within(from[i] - cap.windowMillis() + 1, from[i] + 1));
      }
    }
    return most;
  }

  /**
   * For each cap the instants of the messages that count, in order; reservations are none. What was
   * evicted counts as as many as the cap allows, at the newest instant at which it may have been.
   */
  long[][] instants(RecipientState state, List<Cap> caps) {
    long[][] instants = new long[caps.size()][];
    for (int i = 0; i < instants.length; i++) {
      collect(state, caps.get(i), NEVER, null);
      for (int unknown = evictedUntil == 0 ? 0 : caps.get(i).limit(); unknown > 0; unknown--) {
        add(evictedUntil, evictedUntil);
      }
      instants[i] = Arrays.copyOf(from, size);
      Arrays.sort(instants[i]);
    }
    return instants;
  }

  /** The state of the caps at an instant, by messages alone; null without caps. */
  static View view(long[][] instants, List<Cap> caps, List<ZoneId> zones, long at) {
    int remaining = Integer.MAX_VALUE;
    long next = 0;
    CapSource source = null;
    for (int i = 0; i < instants.length; i++) {
      Cap cap = caps.get(i);
      int upToNow = upTo(instants[i], at);
      long nextOfCap = 0;
      int left = cap.limit();
      if (cap.period() == null) {
        left -= upToNow - upTo(instants[i], at - cap.windowMillis());
        if (left <= 0) {
          nextOfCap = instants[i][upToNow - cap.limit()] + cap.windowMillis();
        }
      } else {
        for (ZoneId zone : zones) {
          int used = upToNow - upTo(instants[i], cap.periodStart(at, zone) - 1);
          left = Math.min(left, cap.limit() - used);
          if (used >= cap.limit()) {
            nextOfCap = Math.max(nextOfCap, cap.periodEnd(at, zone));
          }
        }
      }
      left = Math.max(0, left);
      if (left < remaining || (left == remaining && nextOfCap > next)) {
        source = cap.source();
      }
      remaining = Math.min(remaining, left);
      next = Math.max(next, nextOfCap);
    }
    return source == null ? null : new View(remaining, next, source);
  }

  /** How many of some instants in order are at or before another. */
  private static int upTo(long[] instants, long last) {
    int from = 0;
    int to = instants.length;
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (instants[middle] <= last) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return from;
  }

  /** The last instant up to {@code until} at which the state of the caps may change; 0 for none. */
  static long lastChange(long[][] instants, List<Cap> caps, List<ZoneId> zones, long until) {
    long last = 0;
    for (int i = 0; i < instants.length; i++) {
      Cap cap = caps.get(i);
      last = Math.max(last, newest(instants[i], until));
      if (cap.period() == null) {
        long lapsed = newest(instants[i], until - cap.windowMillis());
        last = lapsed == 0 ? last : Math.max(last, lapsed + cap.windowMillis());
      } else {
        for (ZoneId zone : zones) {
          long lapsed = newest(instants[i], cap.periodStart(until, zone) - 1);
          last = lapsed == 0 ? last : Math.max(last, cap.periodEnd(lapsed, zone));
        }
      }
    }
    return last;
  }

  private static long newest(long[] instants, long until) {
    int count = upTo(instants, until);
    return count == 0 ? 0 : instants[count - 1];
  }

  /**
   * The first instant after another at which a message lapses that its cap feels; {@link #NEVER}
   * for none. In a rolling cap only as many of the newest are felt as it allows.
   *
   * @param after not before any of the messages
   */
  static long nextLapse(long[][] instants, List<Cap> caps, List<ZoneId> zones, long after) {
    long next = NEVER;
    for (int i = 0; i < instants.length; i++) {
      Cap cap = caps.get(i);
      long[] all = instants[i];
      if (cap.period() == null) {
        int first = Math.max(upTo(all, after - cap.windowMillis()), all.length - cap.limit());
        next = first < all.length ? Math.min(next, all[first] + cap.windowMillis()) : next;
      } else {
        for (ZoneId zone : zones) {
          int first = upTo(all, cap.periodStart(after, zone) - 1);
          next = first < all.length ? Math.min(next, cap.periodEnd(all[first], zone)) : next;
        }
      }
    }
    return next;
  }
}
