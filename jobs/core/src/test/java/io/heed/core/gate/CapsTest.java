package io.heed.core.gate;

import static io.heed.core.gate.TestingGate.DAY;
import static io.heed.core.gate.TestingGate.HOUR;
import static io.heed.core.gate.TestingGate.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.gate.RecipientState.KnownRequest;
import io.heed.core.gate.RecipientState.Message;
import io.heed.core.model.CapSource;
import io.heed.core.model.Category;
import io.heed.core.model.Verdict;
import io.heed.core.rules.Cap;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** What jumps from change to change finds what a walk through every hour finds. */
class CapsTest {
  private static final List<ZoneId> ZONES =
      List.of(ZoneId.of("America/New_York"), ZoneId.of("America/Los_Angeles"));

  private final Caps caps = new Caps();

  /** Everything happens on full hours, so that a walk by hours misses no change. */
  private static RecipientState history(Random random, int most) {
    RecipientState state = new RecipientState();
    for (int i = random.nextInt(most); i > 0; i--) {
      Message message = new Message();
      message.hash = i;
      message.time = NOON + random.nextInt(24 * 4) * HOUR;
      message.category = Category.PROMOTIONAL;
      message.list = "list-" + random.nextInt(2);
      message.outcome = random.nextInt(5) == 0 ? RecipientState.FAILED : RecipientState.OPEN;
      state.messages.add(message);
    }
    return state;
  }

  private static List<Cap> caps(Random random) {
    List<Cap> caps = new ArrayList<>();
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      Cap.Period period = random.nextInt(3) > 0 ? null : Cap.Period.values()[random.nextInt(2)];
      caps.add(
          new Cap(
              1 + random.nextInt(5),
              period == null ? (1 + random.nextInt(60)) * HOUR : 0,
              period,
              Category.PROMOTIONAL,
              random.nextInt(3) == 0 ? "list-0" : null,
              null,
              random.nextInt(4) == 0,
              Set.of(),
              CapSource.values()[random.nextInt(2)]));
    }
    return caps;
  }

  @Property(tries = 500)
  void theFirstRoomIsTheFirstHourWithRoom(@ForAll Random random) {
    RecipientState state = history(random, 40);
    for (int i = random.nextInt(4); i > 0; i--) {
      KnownRequest known = new KnownRequest();
      known.verdict = Verdict.ALLOW;
      known.category = Category.PROMOTIONAL;
      known.list = "list-0";
      known.decidedAt = NOON + random.nextInt(24 * 4) * HOUR;
      known.expiresAt = known.decidedAt + (1 + random.nextInt(3)) * HOUR;
      state.requests.add(known);
    }
    if (random.nextInt(3) == 0) {
      state.evictedUntil[0] = NOON + random.nextInt(24 * 4) * HOUR;
    }
    if (random.nextInt(3) == 0) {
      state.reservedUntil[0] = NOON + random.nextInt(24 * 4) * HOUR;
    }
    List<Cap> limits = caps(random);
    long at = NOON + random.nextInt(24 * 5) * HOUR;
    long walked = at;
    while (!caps.full(state, limits, ZONES, walked, walked + 1, null).isEmpty()) {
      walked += HOUR;
    }
    assertThat(caps.firstRoom(state, limits, ZONES, at, null)).isEqualTo(walked);
  }

  @Property(tries = 100)
  void whatIsPublishedChangesWhenAWalkFindsAChange(@ForAll Random random) {
    RecipientState state = history(random, 60);
    if (random.nextInt(4) == 0) {
      state.evictedUntil[0] = NOON - HOUR;
    }
    List<Cap> limits = caps(random);
    long now = NOON + (24 * 4 + random.nextInt(24 * 4)) * HOUR;
    long[][] instants = caps.instants(state, limits);
    Caps.View view = naive(state, limits, now);
    assertThat(Caps.view(instants, limits, ZONES, now)).isEqualTo(view);

    long since = CapPublisher.since(instants, limits, ZONES, view, now);
    if (since > 0) {
      assertThat(naive(state, limits, since)).isEqualTo(view);
      for (long at = since; at < now; at += HOUR) {
        assertThat(naive(state, limits, at)).isEqualTo(view);
      }
      boolean first = Caps.lastChange(instants, limits, ZONES, since - 1) == 0;
      assertThat(first || !naive(state, limits, since - 1).equals(view))
          .as("%s since %d, before %s", view, since, naive(state, limits, since - 1))
          .isTrue();
    }

    long next = CapPublisher.nextChange(instants, limits, ZONES, view, now);
    long end = Math.min(next, now + 9 * DAY);
    for (long at = now; at < end; at += HOUR) {
      assertThat(naive(state, limits, at)).isEqualTo(view);
    }
    if (next != Caps.NEVER) {
      assertThat(naive(state, limits, next)).isNotEqualTo(view);
    }
  }

  /** The definition: the tightest cap's places, and when the last of the full ones opens. */
  private static Caps.View naive(RecipientState state, List<Cap> limits, long at) {
    int remaining = Integer.MAX_VALUE;
    long next = 0;
    CapSource source = null;
    for (Cap cap : limits) {
      int left = left(state, cap, at, at);
      long opens = 0;
      if (left == 0) {
        for (opens = at + HOUR; left(state, cap, opens, at) == 0; ) {
          opens += HOUR;
        }
      }
      if (left < remaining || (left == remaining && opens > next)) {
        source = cap.source();
      }
      remaining = Math.min(remaining, left);
      next = Math.max(next, opens);
    }
    return new Caps.View(remaining, next == 0 ? 0 : Math.floorDiv(next, HOUR) * HOUR, source);
  }

  /** Places left at an instant if nothing is sent after another. */
  private static int left(RecipientState state, Cap cap, long at, long last) {
    int left = Integer.MAX_VALUE;
    for (ZoneId zone : cap.period() == null ? ZONES.subList(0, 1) : ZONES) {
      long start = cap.period() == null ? at - cap.windowMillis() + 1 : cap.periodStart(at, zone);
      int used = state.evictedUntil[0] >= start ? cap.limit() : 0;
      for (Message message : state.messages) {
        used += Caps.counts(cap, message) && message.time >= start && message.time <= last ? 1 : 0;
      }
      left = Math.min(left, Math.max(0, cap.limit() - used));
    }
    return left;
  }
}
