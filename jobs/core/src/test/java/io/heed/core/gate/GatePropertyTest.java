package io.heed.core.gate;

import static io.heed.core.gate.TestingGate.DAY;
import static io.heed.core.gate.TestingGate.HOUR;
import static io.heed.core.gate.TestingGate.NOON;
import static io.heed.core.gate.TestingGate.RECIPIENT;
import static io.heed.core.gate.TestingGate.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.gate.GateEvent.Consented;
import io.heed.core.gate.GateEvent.Receipt;
import io.heed.core.gate.GateEvent.Revoked;
import io.heed.core.gate.GateEvent.Sent;
import io.heed.core.gate.GateEvent.Touched;
import io.heed.core.model.Category;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.SendRequest;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.Verdict;
import io.heed.core.rules.ErrorClass;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class GatePropertyTest {
  private static final long MINUTE = 60_000L;
  private static final String POLICY =
      """
      id: p
      lists: [list-0]
      caps:
        - {limit: 3, window: 7d, list: list-0}
        - {limit: 2, per: day}
        - {limit: 5, window: 31d, touches: [email], counts: attempts}
      """;

  /**
   * The last word on suppression and caps, with its id, is the same for every order of arrival, for
   * duplicates, and however event time moves meanwhile.
   */
  @Property(tries = 1000)
  void lastDecisionsDoNotDependOnTheOrder(@ForAll Random random) throws Exception {
    List<GateEvent> events = history(random);
    long end = NOON + 30 * DAY;
    Map<String, String> expected = lastWords(events, random, end);
    for (int i = 0; i < 3; i++) {
      List<GateEvent> shuffled = new ArrayList<>(events);
      Collections.shuffle(shuffled, random);
      for (int twice = random.nextInt(4); twice > 0; twice--) {
        shuffled.add(
            random.nextInt(shuffled.size()), shuffled.get(random.nextInt(shuffled.size())));
      }
      assertThat(lastWords(shuffled, random, end)).isEqualTo(expected);
    }
  }

  private static Map<String, String> lastWords(List<GateEvent> events, Random random, long end)
      throws Exception {
    TestingGate gate = new TestingGate(GateTest.policies(POLICY));
    gate.watermark = NOON - DAY;
    for (GateEvent event : events) {
      gate.play(event);
      if (random.nextInt(6) == 0) {
        gate.advance(gate.watermark + random.nextInt(4) * DAY);
      }
      if (random.nextInt(10) == 0) {
        // A request is no fact: whatever the verdict, what is published stays the same.
        gate.request(request("q" + random.nextInt(), NOON + random.nextInt(20) * DAY));
      }
    }
    gate.advance(end);
    Map<String, String> words = new TreeMap<>();
    gate.latest().forEach((key, decision) -> words.put(key, decision.decisionId()));
    return words;
  }

  private static List<GateEvent> history(Random random) {
    List<GateEvent> events = new ArrayList<>();
    int size = 3 + random.nextInt(22);
    for (int i = 0; i < size; i++) {
      // Coarse instants, so that some are equal.
      long at = NOON + random.nextInt(60) * 8L * HOUR;
      String message = "m" + random.nextInt(8);
      String list = "list-" + random.nextInt(3);
      String scope = random.nextInt(3) == 0 ? "*" : list;
      switch (random.nextInt(11)) {
        case 0, 1, 2, 3 -> {
          if (events.stream()
              .noneMatch(each -> each instanceof Sent s && s.messageId().equals(message))) {
            events.add(sent(message, at, list, random));
          }
        }
        case 4, 5, 6 -> events.add(receipt(message, at, random));
        case 7 ->
            events.add(
                new Revoked(RECIPIENT, at, scope, null, any(RevocationMethod.values(), random)));
        case 8 -> events.add(new Consented(RECIPIENT, at, scope, null, any(STATED, random)));
        case 9 ->
            events.add(
                random.nextInt(3) == 0
                    ? new Consented(
                        RECIPIENT,
                        at,
                        null,
                        message,
                        random.nextBoolean() ? ConsentMethod.KEYWORD : ConsentMethod.YES)
                    : new Revoked(RECIPIENT, at, null, message, RevocationMethod.FUZZY));
        default -> events.add(new Touched(RECIPIENT, at, "t" + random.nextInt(5), "email"));
      }
    }
    // One touch happens at one instant.
    Map<String, GateEvent> touches = new HashMap<>();
    events.replaceAll(
        event ->
            event instanceof Touched t ? touches.computeIfAbsent(t.eventId(), id -> t) : event);
    return events;
  }

  private static final ConsentMethod[] STATED = {
    ConsentMethod.KEYWORD, ConsentMethod.WEB, ConsentMethod.PAPER, ConsentMethod.IMPORT
  };

  private static Sent sent(String message, long at, String list, Random random) {
    boolean confirmation = random.nextInt(6) == 0;
    String[] places = {"US-NY", "US-FL", "US-CA"};
    return new Sent(
        RECIPIENT,
        at,
        random.nextBoolean(),
        message,
        "campaign",
        list,
        confirmation ? Category.TRANSACTIONAL : Category.PROMOTIONAL,
        random.nextInt(4) == 0 ? null : any(places, random),
        random.nextInt(4) == 0 ? null : "America/New_York",
        null,
        confirmation ? List.of(Exemption.CONFIRMATION_TAG) : List.of(),
        null);
  }

  private static Receipt receipt(String message, long at, Random random) {
    DeliveryStatus[] statuses = {
      DeliveryStatus.EXPIRED,
      DeliveryStatus.FAILED,
      DeliveryStatus.UNDELIVERED,
      DeliveryStatus.DELIVERED
    };
    DeliveryStatus status = any(statuses, random);
    ErrorClass[] errors = {
      ErrorClass.TRANSIENT, ErrorClass.TRANSIENT, ErrorClass.FILTERED, ErrorClass.INVALID_NUMBER
    };
    ErrorClass error =
        status == DeliveryStatus.DELIVERED
            ? ErrorClass.NONE
            : random.nextInt(30) == 0 ? ErrorClass.OPTED_OUT : any(errors, random);
    if (error == ErrorClass.INVALID_NUMBER && random.nextInt(3) > 0) {
      error = ErrorClass.TRANSIENT;
    }
    return new Receipt(RECIPIENT, at, message, status, error);
  }

  private static <T> T any(T[] values, Random random) {
    return values[random.nextInt(values.length)];
  }

  /**
   * Whatever is requested, sent, refunded, revoked or changed: a first ALLOW leaves every window
   * within its cap, none follows an opt-out, and a repeated request keeps its answer.
   */
  @Property(tries = 1000)
  void noAllowOvershootsAndNoneFollowsAnOptOut(@ForAll Random random) throws Exception {
    PolicyBook book = new PolicyBook();
    playAndWatch(random, book, new TestingGate(book));
  }

  /** Caps hold as well where as little is kept as can be. */
  @Property(tries = 1000)
  void noAllowOvershootsForWhatWasEvicted(@ForAll Random random) throws Exception {
    PolicyBook book = new PolicyBook();
    Eviction eviction = new Eviction(0, 1 + random.nextInt(3), 1, 1, 1);
    playAndWatch(random, book, new TestingGate(book, new ExperimentBook(), eviction));
  }

  private static void playAndWatch(Random random, PolicyBook book, TestingGate gate)
      throws Exception {
    int limit = 1;
    long window = DAY;
    int monthly = 4;
    long monthlyWindow = 30 * DAY;
    Map<String, SendVerdict> verdicts = new HashMap<>();
    Map<String, Long> counted = new HashMap<>();
    Map<String, SendVerdict> reserved = new HashMap<>();
    boolean revoked = false;
    long now = NOON;
    for (int step = 0; step < 80; step++) {
      now += random.nextInt(5) == 0 ? random.nextInt(30) * HOUR : random.nextInt(8) * MINUTE;
      int dice = random.nextInt(100);
      if (dice < 50) {
        long at = now - (random.nextInt(4) == 0 ? random.nextInt(40) * HOUR : 0);
        String id =
            dice < 10 && !verdicts.isEmpty()
                ? any(verdicts.keySet().toArray(new String[0]), random)
                : "q" + step;
        SendRequest request =
            request(id, at, "list-" + random.nextInt(2), Category.PROMOTIONAL, null);
        SendVerdict before = verdicts.get(id);
        SendVerdict verdict = gate.request(request);
        boolean repeated = before != null && before.decisionId().equals(verdict.decisionId());
        if (verdict.verdict() == Verdict.ALLOW) {
          assertThat(revoked).as("opted out before %s", verdict).isFalse();
          if (!repeated) {
            assertThat(verdict.decidedAt()).isEqualTo(at);
            assertFits(verdict, counted, reserved, window, limit);
            assertFits(verdict, counted, reserved, monthlyWindow, monthly);
            reserved.put(id, verdict);
          }
        }
        if (verdict.verdict() != Verdict.ALLOW) {
          // A sender who learns that a slot has expired, or is gone, does not use it any more.
          reserved.remove(id);
        }
        if (before != null && !repeated) {
          boolean decidedAgain =
              before.verdict() == Verdict.DEFER
                  && (before.notBefore() == null || at >= before.notBefore());
          boolean denied =
              verdict.verdict() == Verdict.DENY && (revoked || at >= before.expiresAt());
          boolean expired =
              gate.evicted() > 0
                  || before.expiresAt() + GateSettings.DEFAULTS.retainMillis() <= gate.watermark;
          assertThat(decidedAgain || denied || expired).as("%s after %s", verdict, before).isTrue();
        }
        verdicts.put(id, verdict);
      } else if (dice < 75 && !reserved.isEmpty()) {
        String id = any(reserved.keySet().toArray(new String[0]), random);
        SendVerdict verdict = reserved.remove(id);
        long at = verdict.decidedAt() + random.nextInt(9) * MINUTE;
        if (at < verdict.expiresAt()) {
          String message = "m-" + step;
          counted.put(message, at);
          gate.play(TestingGate.sent(message, at, "list-0", id));
        } else {
          reserved.put(id, verdict);
        }
      } else if (dice < 82) {
        // A sender without requests.
        counted.put("x" + step, now);
        gate.play(rogue("x" + step, now));
      } else if (dice < 90 && !counted.isEmpty()) {
        String message = any(counted.keySet().toArray(new String[0]), random);
        counted.remove(message);
        gate.play(new Receipt(RECIPIENT, now, message, DeliveryStatus.FAILED, ErrorClass.FILTERED));
      } else if (dice < 92 && step > 40) {
        revoked = true;
        gate.play(new Revoked(RECIPIENT, now, "*", null, RevocationMethod.KEYWORD));
      } else if (dice < 95) {
        gate.advance(now - HOUR);
      } else if (limit == 1) {
        limit = 2;
        window = 2 * DAY;
        monthly = Integer.MAX_VALUE;
        book.add(
            new ConfigVersion(
                "policy", "p", "h", 0, 0, "id: p\ncaps:\n  - {limit: 2, window: 2d}\n"));
      }
    }
  }

  /** A message of another campaign, so that it takes nobody's reservation. */
  private static Sent rogue(String message, long at) {
    return new Sent(
        RECIPIENT,
        at,
        true,
        message,
        "rogue",
        "list-0",
        Category.PROMOTIONAL,
        "US-NY",
        "America/New_York",
        null,
        List.of(),
        null);
  }

  /** Looks at every window by its start, against all messages and live reservations. */
  private static void assertFits(
      SendVerdict verdict,
      Map<String, Long> counted,
      Map<String, SendVerdict> reserved,
      long window,
      int limit) {
    List<Long> starts = new ArrayList<>();
    List<long[]> others = new ArrayList<>();
    counted.values().forEach(at -> others.add(new long[] {at, at}));
    reserved.values().stream()
        .filter(other -> other.expiresAt() > verdict.decidedAt())
        .forEach(other -> others.add(new long[] {other.decidedAt(), other.expiresAt()}));
    others.add(new long[] {verdict.decidedAt(), verdict.expiresAt()});
    for (long[] each : others) {
      for (long end : each) {
        starts.add(end);
        starts.add(end - window + 1);
      }
    }
    for (long start : starts) {
      boolean holds = verdict.expiresAt() > start && verdict.decidedAt() < start + window;
      // The message goes out at one instant: a window that only holds the end of the reservation
      // counts with what is certain, messages that were sent.
      long inWindow =
          others.stream().filter(each -> each[1] >= start && each[0] < start + window).count();
      if (holds && verdict.decidedAt() >= start) {
        assertThat(inWindow)
            .as("window from %d on with %s", start, verdict)
            .isLessThanOrEqualTo(limit);
      }
    }
    assertThat(verdict.reasons()).containsExactly(ReasonCode.WITHIN_POLICY);
  }

  /** What is written is read back as it was. */
  @Property(tries = 200)
  void stateSurvivesItsBytes(@ForAll Random random) throws Exception {
    TestingGate gate = new TestingGate(GateTest.policies(POLICY));
    for (GateEvent event : history(random)) {
      gate.play(event);
      gate.request(request("q" + random.nextInt(6), NOON + random.nextInt(20) * DAY));
    }
    StateCodec codec = new StateCodec();
    assertThat(codec.write(codec.read(gate.state))).isEqualTo(gate.state);
  }
}
