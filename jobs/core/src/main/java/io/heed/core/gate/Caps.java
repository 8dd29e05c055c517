package io.heed.core.gate;

import io.heed.core.gate.RecipientState.Answer;
import io.heed.core.gate.RecipientState.Message;
import io.heed.core.model.CapSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Counts a recipient's messages against caps. A message at t uses a rolling window of length W up
 * for every instant from t until just before t + W; a reservation may become a message at any
 * instant until it expires, and is counted wherever that message could be. Keeps its buffers: not
 * safe for concurrent use.
 */
final class Caps {
  /** No instant within sight has room. */
  static final long NEVER = Long.MAX_VALUE;

  private static final int MAX_STEPS = 1_000;

  /**
   * What a cap tells at an instant.
   *
   * @param remaining messages left in the tightest cap
   * @param nextEligibleAt first instant with room, 0 if there is room now
   * @param source of the tightest cap
   */
  record View(int remaining, long nextEligibleAt, CapSource source) {}

  private long[] from = new long[16];
  private long[] to = new long[16];
  private int size;

  /** The caps of those given that leave no room for a message at some instant of a span. */
  List<Cap> full(
      RecipientState state, List<Cap> caps, List<ZoneId> zones, long at, long until, Answer own) {
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
  long firstRoom(RecipientState state, List<Cap> caps, List<ZoneId> zones, long at, Answer own) {
    long instant = at;
    for (int step = 0; step < MAX_STEPS; step++) {
      long next = NEVER;
      boolean room = true;
      for (Cap cap : caps) {
        collect(state, cap, instant, own);
        if (!fits(cap, zones, instant, instant + 1)) {
          room = false;
          next = Math.min(next, nextChange(cap, zones, instant));
        }
      }
      if (room) {
        return instant;
      }
      if (next == NEVER) {
        return NEVER;
      }
      instant = next;
    }
    return NEVER;
  }

  private long nextChange(Cap cap, List<ZoneId> zones, long after) {
    long next = NEVER;
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
  private void collect(RecipientState state, Cap cap, long at, Answer own) {
    size = 0;
    for (Message message : state.messages) {
      if (cap.counts(message)) {
        add(message.time, message.time);
      }
    }
    for (Answer answer : state.answers) {
      if (answer != own && answer.reserves() && answer.expiresAt > at && counts(cap, answer)) {
        add(answer.decidedAt, answer.expiresAt);
      }
    }
  }

  private static boolean counts(Cap cap, Answer answer) {
    if (answer.list == null) {
      return true;
    }
    return answer.category == cap.category()
        && (cap.list() == null || cap.list().equals(answer.list))
        && (cap.tag() == null || answer.tags.contains(cap.tag()));
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
    if (size < cap.limit()) {
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
    int count = 0;
    for (int i = 0; i < size; i++) {
      if (from[i] < end && to[i] >= start) {
        count++;
      }
    }
    return count;
  }

  /** The most messages in any window of the cap that holds the message at an instant. */
  int fullest(RecipientState state, Cap cap, List<ZoneId> zones, long at) {
    collect(state, cap, NEVER, null);
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

  /** For each cap the instants of the messages that count; reservations are none. */
  long[][] instants(RecipientState state, List<Cap> caps) {
    long[][] instants = new long[caps.size()][];
    for (int i = 0; i < instants.length; i++) {
      collect(state, caps.get(i), NEVER, null);
      instants[i] = Arrays.copyOf(from, size);
    }
    return instants;
  }

  /** What the caps tell at an instant, of messages alone; null without caps. */
  static View view(long[][] instants, List<Cap> caps, List<ZoneId> zones, long at) {
    int remaining = Integer.MAX_VALUE;
    long next = 0;
    CapSource source = null;
    for (int i = 0; i < instants.length; i++) {
      Cap cap = caps.get(i);
      long nextOfCap = 0;
      int left;
      if (cap.period() == null) {
        left = cap.limit() - count(instants[i], at - cap.windowMillis() + 1, at + 1);
        if (left <= 0) {
          nextOfCap = latest(instants[i], cap.limit(), at) + cap.windowMillis();
        }
      } else {
        left = cap.limit();
        for (ZoneId zone : zones) {
          int used = count(instants[i], cap.periodStart(at, zone), at + 1);
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

  private static int count(long[] instants, long start, long end) {
    int count = 0;
    for (long instant : instants) {
      if (instant >= start && instant < end) {
        count++;
      }
    }
    return count;
  }

  /** The n-th newest instant up to {@code at}. */
  private static long latest(long[] instants, int n, long at) {
    long[] sorted = instants.clone();
    Arrays.sort(sorted);
    int last = sorted.length - 1;
    while (sorted[last] > at) {
      last--;
    }
    return sorted[last - n + 1];
  }

  /** The last instant up to {@code until} at which what the caps tell may change; 0 for none. */
  static long lastChange(long[][] instants, List<Cap> caps, List<ZoneId> zones, long until) {
    long last = 0;
    for (int i = 0; i < instants.length; i++) {
      Cap cap = caps.get(i);
      for (long instant : instants[i]) {
        if (instant <= until) {
          last = Math.max(last, instant);
          if (cap.period() == null) {
            long lapse = instant + cap.windowMillis();
            last = lapse <= until ? Math.max(last, lapse) : last;
          } else {
            for (ZoneId zone : zones) {
              long lapse = cap.periodEnd(instant, zone);
              last = lapse <= until ? Math.max(last, lapse) : last;
            }
          }
        }
      }
    }
    return last;
  }

  /** The first instant after another at which a message lapses; {@link #NEVER} for none. */
  static long nextLapse(long[][] instants, List<Cap> caps, List<ZoneId> zones, long after) {
    long next = NEVER;
    for (int i = 0; i < instants.length; i++) {
      Cap cap = caps.get(i);
      for (long instant : instants[i]) {
        if (cap.period() == null) {
          long lapse = instant + cap.windowMillis();
          next = lapse > after ? Math.min(next, lapse) : next;
        } else {
          for (ZoneId zone : zones) {
            long lapse = cap.periodEnd(instant, zone);
            next = lapse > after ? Math.min(next, lapse) : next;
          }
        }
      }
    }
    return next;
  }
}
