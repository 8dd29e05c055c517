package io.heed.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.model.Event;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.Send;
import io.heed.core.model.SendRequest;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.SuppressionDecision;
import io.heed.core.model.SuppressionState;
import io.heed.core.model.Verdict;
import io.heed.sim.Arrival.Nature;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The simulated sending system against a gate that the test plays. */
class SendingSystemTest {
  private static final long START = Instant.parse("2026-03-30T10:00:00Z").toEpochMilli();
  private static final long MINUTE = Duration.ofMinutes(1).toMillis();

  private final Scenario scenario = Scenarios.shipped("quiet").with(5L, 300, null);
  private final Simulation simulation = new Simulation(scenario, START);
  private long now = START;

  @BeforeEach
  void goLive() {
    assertThat(simulation.history().count()).isPositive();
    simulation.requestVerdicts();
  }

  private List<Event> until(long instant) {
    List<Event> events = new ArrayList<>();
    now = instant;
    Arrival arrival;
    while ((arrival = simulation.next(now)) != null) {
      assertThat(arrival.nature()).isNotIn(Nature.DUPLICATE, Nature.BROKEN);
      events.add(arrival.event());
    }
    return events;
  }

  private SendRequest nextRequest() {
    while (!simulation.offer()) {
      now++;
    }
    return only(SendRequest.class, until(now + MINUTE)).get(0);
  }

  private List<Send> decide(SendRequest request, Verdict verdict, Long notBefore, long expires) {
    simulation.decided(
        new SendVerdict(
            "d1",
            now,
            now,
            List.of(ReasonCode.WITHIN_POLICY),
            1,
            null,
            request.requestId(),
            request.recipientId(),
            verdict,
            notBefore,
            expires,
            null,
            null));
    return sends(request, until(now + MINUTE));
  }

  private static List<Send> sends(SendRequest request, List<Event> events) {
    return only(Send.class, events).stream()
        .filter(send -> request.requestId().equals(send.requestId()))
        .toList();
  }

  private static <E> List<E> only(Class<E> type, List<Event> events) {
    return events.stream().filter(type::isInstance).map(type::cast).toList();
  }

  @Test
  void sendsNothingUnasked() {
    for (int i = 0; i < 50; i++) {
      assertThat(simulation.offer()).isTrue();
    }
    List<Event> events = until(now + 10 * MINUTE);
    assertThat(only(SendRequest.class, events)).hasSizeGreaterThanOrEqualTo(50);
    assertThat(only(Send.class, events)).noneMatch(send -> send.eventTime() >= START);
  }

  /** What the history has requested goes out by itself, a moment after its end. */
  @Test
  void onlyWhatWasSentOnAVerdictIsHeldAgainstTheDecisions() {
    Simulation played = new Simulation(scenario, START);
    played.requestVerdictsOfHistory();
    assertThat(played.history().count()).isPositive();
    for (int i = 0; i < 50; i++) {
      played.offer();
    }
    played.requestVerdicts();
    long sent = 0;
    for (Arrival next = played.next(START + MINUTE);
        next != null;
        next = played.next(START + MINUTE)) {
      sent += next.event() instanceof Send send && send.eventTime() >= START ? 1 : 0;
    }
    assertThat(sent).isPositive();
    assertThat(played.sendsOnRequest()).isZero();
    assertThat(played.sendsAgainstADecision()).isZero();

    decide(nextRequest(), Verdict.ALLOW, null, now + 5 * MINUTE);
    assertThat(simulation.sendsOnRequest()).isEqualTo(1);
    assertThat(simulation.sendsAgainstADecision()).isZero();
  }

  @Test
  void sendsOnceWhatIsAllowed() {
    SendRequest request = nextRequest();
    assertThat(decide(request, Verdict.ALLOW, null, now + 5 * MINUTE))
        .singleElement()
        .satisfies(
            send -> {
              assertThat(send.recipientId()).isEqualTo(request.recipientId());
              assertThat(send.campaignId()).isEqualTo(request.campaignId());
              assertThat(send.eventTime()).isGreaterThanOrEqualTo(request.eventTime());
            });
    assertThat(decide(request, Verdict.ALLOW, null, now + 5 * MINUTE)).isEmpty();
  }

  @Test
  void obeysARefusal() {
    assertThat(decide(nextRequest(), Verdict.DENY, null, now + 5 * MINUTE)).isEmpty();
  }

  @Test
  void doesNotUseAnAllowanceThatHasExpired() {
    assertThat(decide(nextRequest(), Verdict.ALLOW, null, now)).isEmpty();
  }

  @Test
  void requestsAgainWhenItMay() {
    SendRequest request = nextRequest();
    assertThat(decide(request, Verdict.DEFER, now + 5 * MINUTE, now + 5 * MINUTE)).isEmpty();
    assertThat(only(SendRequest.class, until(now + 6 * MINUTE)))
        .filteredOn(again -> again.requestId().equals(request.requestId()))
        .singleElement()
        .satisfies(
            again -> {
              assertThat(again.eventId()).isNotEqualTo(request.eventId());
              assertThat(again.eventTime()).isGreaterThan(request.eventTime());
            });
    assertThat(decide(request, Verdict.ALLOW, null, now + 5 * MINUTE)).hasSize(1);
  }

  @Test
  void aSuppressionAfterTheVerdictWins() {
    SendRequest request = nextRequest();
    simulation.decided(
        new SuppressionDecision(
            "d2",
            now,
            now,
            List.of(ReasonCode.OPTED_OUT),
            1,
            null,
            request.recipientId(),
            "*",
            SuppressionState.SUPPRESSED,
            "KEYWORD",
            now,
            null));
    assertThat(decide(request, Verdict.ALLOW, null, now + 5 * MINUTE)).isEmpty();
  }
}
