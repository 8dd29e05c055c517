package io.heed.core.gate;

import static io.heed.core.gate.TestingGate.DAY;
import static io.heed.core.gate.TestingGate.HOUR;
import static io.heed.core.gate.TestingGate.NOON;
import static io.heed.core.gate.TestingGate.RECIPIENT;
import static io.heed.core.gate.TestingGate.request;
import static io.heed.core.gate.TestingGate.sent;
import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.experiments.ExperimentAllocation.PriorAssignment;
import io.heed.core.gate.GateEvent.Exposed;
import io.heed.core.gate.GateEvent.Requested;
import io.heed.core.gate.GateEvent.Sent;
import io.heed.core.gate.GateEvent.Touched;
import io.heed.core.model.Alert;
import io.heed.core.model.Assignment;
import io.heed.core.model.Category;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.Decision;
import io.heed.core.model.ExperimentState;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.SendRequest;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.Verdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Frequency as what is tested: the arms' own caps, besides the policies'. */
class ArmCapsTest {
  private static final String LOOSE =
      """
      id: p
      caps: [{limit: 5, window: 7d}, {limit: 2, window: 1d}]
      """;
  private static final String FREQUENCY =
      """
      id: %s
      owner: o
      hypothesis: h
      variants:
        - {id: as-now, weight: 1}
        - {id: seldom, weight: 1, caps: [{limit: 1, window: 7d}]}
        - {id: daily, weight: 1, caps: [{limit: 1, window: 1d}, {limit: 3, window: 7d}]}
      primary_metric: {event: conversion, window: 14d, expected_base_rate: 0.1}
      minimum_effect: 0.2
      start: 2026-03-01
      """;
  private static final long WEEK = 7 * DAY;

  private static ExperimentBook experiments(String... ids) throws Exception {
    ExperimentBook experiments = new ExperimentBook();
    for (String id : ids) {
      experiments.add(new ConfigVersion("experiment", id, "h", 0, 0, FREQUENCY.formatted(id)));
    }
    return experiments;
  }

  private static TestingGate inArm(String arm) throws Exception {
    TestingGate gate = new TestingGate(GateTest.policies(LOOSE), experiments("f"));
    gate.play(new Exposed(RECIPIENT, NOON - DAY, new PriorAssignment("f", arm, 0)));
    return gate;
  }

  @Test
  void anArmsCapHoldsWhateverRequestsTheMessage() throws Exception {
    TestingGate seldom = inArm("seldom");
    TestingGate asNow = inArm("as-now");
    for (TestingGate gate : List.of(seldom, asNow)) {
      gate.request(request("q1", NOON));
      gate.play(sent("m1", NOON, "list-1", "q1"));
    }
    SendVerdict deferred = seldom.request(request("q2", NOON + DAY));
    assertThat(deferred.verdict()).isEqualTo(Verdict.DEFER);
    assertThat(deferred.reasons()).containsExactly(ReasonCode.CAP_REACHED);
    assertThat(deferred.notBefore()).isEqualTo(NOON + WEEK);
    assertThat(asNow.request(request("q2", NOON + DAY)).verdict()).isEqualTo(Verdict.ALLOW);
    SendRequest receipt = request("q3", NOON + DAY, "list-1", Category.TRANSACTIONAL, List.of());
    assertThat(seldom.request(receipt).verdict()).isEqualTo(Verdict.ALLOW);
    // What the sending system sends all the same is a breach.
    seldom.play(sent("m2", NOON + 2 * DAY));
    asNow.play(sent("m2", NOON + 2 * DAY));
    assertThat(seldom.alerts()).containsExactly("sent_above_cap");
    assertThat(asNow.alerts()).isEmpty();
  }

  @Test
  void thePolicysCapHoldsBesides() throws Exception {
    TestingGate gate = inArm("daily");
    for (int day = 0; day < 3; day++) {
      long at = NOON + day * DAY;
      assertThat(gate.request(request("q" + day, at)).verdict()).isEqualTo(Verdict.ALLOW);
      gate.play(sent("m" + day, at, "list-1", "q" + day));
    }
    assertThat(gate.request(request("q4", NOON + 3 * DAY)).notBefore()).isEqualTo(NOON + WEEK);
    TestingGate strict =
        new TestingGate(
            GateTest.policies("id: p\ncaps: [{limit: 1, window: 30d}]\n"), experiments("f"));
    strict.play(new Exposed(RECIPIENT, NOON - DAY, new PriorAssignment("f", "daily", 0)));
    strict.play(sent("m1", NOON));
    assertThat(strict.request(request("q1", NOON + DAY)).notBefore()).isEqualTo(NOON + 30 * DAY);
  }

  @Test
  void whoseFirstMessageIsHeldBackIsAssignedAtThatInstant() throws Exception {
    String experiment = drawnInto("seldom");
    TestingGate gate = new TestingGate(GateTest.policies(LOOSE), experiments(experiment));
    gate.play(sent("m0", NOON - DAY));
    SendVerdict first = gate.request(named("q1", NOON, experiment));
    assertThat(first.reasons()).containsExactly(ReasonCode.CAP_REACHED);
    assertThat(first.variantId()).isNull();
    assertThat(gate.assigned).hasSize(1);
    assertThat(gate.assigned.get(0).variantId()).isEqualTo("seldom");
    assertThat(gate.assigned.get(0).eventTime()).isEqualTo(NOON);
    gate.request(named("q2", NOON + HOUR, experiment));
    SendVerdict open = gate.request(named("q1", first.notBefore(), experiment));
    assertThat(open.verdict()).isEqualTo(Verdict.ALLOW);
    assertThat(open.variantId()).isEqualTo("seldom");
    assertThat(gate.assigned).hasSize(1);

    String other = drawnInto("as-now");
    TestingGate free = new TestingGate(GateTest.policies(LOOSE), experiments(other));
    free.play(sent("m0", NOON - DAY));
    assertThat(free.request(named("q1", NOON, other)).variantId()).isEqualTo("as-now");
    assertThat(free.assigned).isEmpty();
  }

  @Test
  void afterHarmTheControlsCapsHold() throws Exception {
    ExperimentBook experiments = experiments("x1");
    TestingGate gate = new TestingGate(GateTest.policies(LOOSE), experiments);
    gate.play(new Exposed(RECIPIENT, NOON - DAY, new PriorAssignment("x1", "seldom", 0)));
    gate.play(sent("m1", NOON));
    assertThat(gate.request(request("q1", NOON + DAY)).verdict()).isEqualTo(Verdict.DEFER);
    experiments.add(TestingDraws.decision(ExperimentState.STOPPED_HARM, 1, Map.of("as-now", 1.0)));
    assertThat(gate.request(request("q2", NOON + DAY)).verdict()).isEqualTo(Verdict.ALLOW);
  }

  @Test
  void afterTheDecisionNobodyIsAssigned() throws Exception {
    ExperimentBook experiments = experiments("x1");
    experiments.add(TestingDraws.decision(ExperimentState.WINNER, 1, Map.of("seldom", 1.0)));
    TestingGate gate = new TestingGate(GateTest.policies(LOOSE), experiments);
    assertThat(gate.request(named("q1", NOON, "x1")).variantId()).isEqualTo("seldom");
    gate.play(sent("m1", NOON, "list-1", "q1"));
    SendVerdict deferred = gate.request(named("q2", NOON + DAY, "x1"));
    assertThat(deferred.reasons()).containsExactly(ReasonCode.CAP_REACHED);
    assertThat(deferred.notBefore()).isEqualTo(NOON + WEEK);
    assertThat(gate.assigned).isEmpty();
  }

  @Test
  void anArmsCapCountsTouchesOfItsChannelsAndKeepsEnoughMessages() throws Exception {
    String document =
        FREQUENCY
            .formatted("f")
            .replace("{limit: 1, window: 7d}]", "{limit: 200, window: 7d, touches: [email]}]");
    ExperimentBook experiments = new ExperimentBook();
    experiments.add(new ConfigVersion("experiment", "f", "h", 0, 0, document));
    TestingGate gate =
        new TestingGate(GateTest.policies("id: p\ncaps: [{limit: 5, per: day}]\n"), experiments);
    gate.play(new Exposed(RECIPIENT, NOON - DAY, new PriorAssignment("f", "seldom", 0)));
    for (int i = 0; i < 199; i++) {
      gate.play(new Touched(RECIPIENT, NOON - HOUR + i, "t" + i, "email"));
    }
    assertThat(gate.request(request("q1", NOON)).verdict()).isEqualTo(Verdict.ALLOW);
    gate.play(sent("m1", NOON, "list-1", "q1"));
    assertThat(gate.request(request("q2", NOON)).verdict()).isEqualTo(Verdict.DEFER);
  }

  private static String drawnInto(String arm) throws Exception {
    for (int i = 0; i < 100; i++) {
      TestingGate gate = new TestingGate(GateTest.policies(LOOSE), experiments("f" + i));
      if (arm.equals(gate.request(named("q", NOON, "f" + i)).variantId())) {
        return "f" + i;
      }
    }
    throw new AssertionError("nobody is drawn into " + arm);
  }

  /**
   * Two tests of frequency and one of copy, requests of any of them or of none, sends that are
   * late, missing or doubled: no message exceeds its recipient's arms, and both loose and strict
   * arms send.
   */
  @Test
  void nobodyIsAboveTheArmsCapInAHundredThousandRequests() throws Exception {
    ExperimentBook experiments = experiments("f1", "f2");
    experiments.add(TestingDraws.version("design: bandit\n"));
    Gate gate =
        new Gate(GateTest.policies(LOOSE), experiments, new ValueBook(), GateSettings.DEFAULTS);
    SplittableRandom random = new SplittableRandom(14);
    Map<String, Integer> messages = new HashMap<>();
    Map<String, Integer> people = new HashMap<>();
    int requests = 0;
    for (int person = 0; requests < 100_000; person++) {
      Person one = new Person(gate, "p" + person);
      for (int i = 0; i < 200; i++) {
        one.step(random);
      }
      requests += 200;
      one.sentSince.forEach(
          (arm, instants) -> {
            people.merge(arm, 1, Integer::sum);
            messages.merge(arm, instants, Integer::sum);
          });
    }
    double seldom = (double) messages.get("f1 seldom") / people.get("f1 seldom");
    double daily = (double) messages.get("f1 daily") / people.get("f1 daily");
    double asNow = (double) messages.get("f1 as-now") / people.get("f1 as-now");
    assertThat(seldom).isGreaterThan(3).isLessThan(daily);
    assertThat(daily).isLessThan(asNow);
  }

  /** One person with everything that was sent; every message is held against the arms' caps. */
  private static final class Person implements Outbox {
    private static final String[] NAMED = {"f1", "f2", "x1", null, null};

    private final Gate gate;
    private final String id;
    private final Map<String, String> arms = new HashMap<>();
    private final List<Long> sent = new ArrayList<>();
    final Map<String, Integer> sentSince = new HashMap<>();
    private byte[] state;
    private long clock = NOON;
    private int number;
    private SendVerdict verdict;

    Person(Gate gate, String id) {
      this.gate = gate;
      this.id = id;
    }

    void step(SplittableRandom random) {
      clock += random.nextLong(8 * HOUR);
      SendRequest r = named("q" + number++, clock, NAMED[random.nextInt(NAMED.length)]);
      SendRequest request =
          new SendRequest(
              r.eventId(),
              clock,
              id,
              r.requestId(),
              "c",
              "list-1",
              r.category(),
              r.experimentId(),
              null,
              null,
              r.region(),
              r.timeZone(),
              null);
      play(new Requested(request, clock));
      if (random.nextInt(4) == 0) {
        play(new Requested(request, clock));
      }
      if (verdict.verdict() == Verdict.ALLOW && random.nextInt(5) > 0) {
        // Arms that it is in when it is allowed bind it.
        if (verdict.variantId() != null) {
          arms.putIfAbsent(request.experimentId(), verdict.variantId());
        }
        long at = Math.min(clock + random.nextLong(10 * 60_000), verdict.expiresAt() - 1);
        send(Math.max(clock, at), request, verdict);
      } else if (verdict.variantId() != null) {
        arms.putIfAbsent(request.experimentId(), verdict.variantId());
      }
    }

    private void send(long at, SendRequest request, SendVerdict allowed) {
      sent.add(at);
      arms.forEach(
          (experiment, arm) -> {
            sentSince.merge(experiment + " " + arm, 1, Integer::sum);
            if (arm.equals("seldom")) {
              assertThat(within(at, WEEK)).isEqualTo(1);
            } else if (arm.equals("daily")) {
              assertThat(within(at, DAY)).isEqualTo(1);
              assertThat(within(at, WEEK)).isLessThanOrEqualTo(3);
            }
          });
      assertThat(within(at, DAY)).isLessThanOrEqualTo(2);
      assertThat(within(at, WEEK)).isLessThanOrEqualTo(5);
      Sent message =
          new Sent(
              id,
              at,
              true,
              "m" + number,
              "c",
              "list-1",
              Category.PROMOTIONAL,
              request.region(),
              request.timeZone(),
              request.requestId(),
              List.of(),
              allowed.variantId() == null
                  ? null
                  : new PriorAssignment(
                      request.experimentId(), allowed.variantId(), allowed.epoch()));
      play(message);
      clock = Math.max(clock, at);
    }

    private long within(long at, long window) {
      return sent.stream().filter(each -> each > at - window && each <= at).count();
    }

    private void play(GateEvent event) {
      state = gate.process(state, event, new Moment(clock - HOUR, 0, 0, false, false), this);
    }

    @Override
    public void write(Decision decision) {
      if (decision instanceof SendVerdict given) {
        verdict = given;
      }
      assertThat(decision).isNotInstanceOf(Alert.class);
    }

    @Override
    public void assign(Assignment assignment) {
      arms.putIfAbsent(assignment.experimentId(), assignment.variantId());
    }

    @Override
    public void registerTimer(long eventTime) {}
  }

  private static SendRequest named(String id, long at, String experiment) {
    SendRequest r = request(id, at);
    return new SendRequest(
        r.eventId(),
        at,
        r.recipientId(),
        id,
        r.campaignId(),
        r.listId(),
        r.category(),
        experiment,
        null,
        null,
        r.region(),
        r.timeZone(),
        null);
  }
}
