package io.heed.core.gate;

import io.heed.core.gate.GateEvent.Requested;
import io.heed.core.gate.GateEvent.Sent;
import io.heed.core.model.Alert;
import io.heed.core.model.Assignment;
import io.heed.core.model.Category;
import io.heed.core.model.Decision;
import io.heed.core.model.Erasure;
import io.heed.core.model.FrequencyCapDecision;
import io.heed.core.model.SendRequest;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.SuppressionDecision;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** One recipient at the gate: keeps the state, event time and what was emitted. */
final class TestingGate implements Outbox {
  static final String RECIPIENT = "r1";
  static final long HOUR = 3_600_000L;
  static final long DAY = 24 * HOUR;

  /** A Monday at noon in New York. */
  static final long NOON = at("2026-03-02T17:00");

  final List<Decision> emitted = new ArrayList<>();
  final List<Assignment> assigned = new ArrayList<>();
  byte[] state;
  long watermark;
  boolean stale;
  boolean reviewing;
  int timersRegistered;

  final ValueBook values = new ValueBook();
  private final Gate gate;
  private final TreeSet<Long> timers = new TreeSet<>();
  private long clock = 1_800_000_000_000_000L;

  TestingGate() {
    this(new PolicyBook());
  }

  TestingGate(PolicyBook policies) {
    this(policies, new ExperimentBook());
  }

  TestingGate(PolicyBook policies, ExperimentBook experiments) {
    this(policies, experiments, Eviction.STANDARD);
  }

  TestingGate(PolicyBook policies, ExperimentBook experiments, Eviction eviction) {
    gate = new Gate(policies, experiments, values, GateSettings.DEFAULTS, eviction);
  }

  long evicted() {
    return gate.evicted();
  }

  static long at(String utc) {
    return LocalDateTime.parse(utc).toInstant(ZoneOffset.UTC).toEpochMilli();
  }

  TestingGate play(GateEvent... events) {
    for (GateEvent event : events) {
      state = gate.process(state, event, moment(), this);
    }
    return this;
  }

  /** What happens to a recipient who was erased. */
  TestingGate playErased(Erasure erasure, GateEvent... events) {
    for (GateEvent event : events) {
      state = gate.process(state, erasure, event, moment(), this);
    }
    return this;
  }

  TestingGate erase(Erasure erasure, boolean recognised) {
    state = gate.erase(state, erasure, recognised);
    return this;
  }

  /** The newest verdict. */
  SendVerdict verdict() {
    List<SendVerdict> verdicts = emitted(SendVerdict.class);
    return verdicts.get(verdicts.size() - 1);
  }

  /** Moves event time on, step by step, as timers are due. */
  TestingGate advance(long to) {
    while (!timers.isEmpty() && timers.first() <= to) {
      long timer = timers.pollFirst();
      watermark = Math.max(watermark, timer);
      state = gate.onTimer(state, RECIPIENT, timer, moment(), this);
    }
    watermark = Math.max(watermark, to);
    return this;
  }

  void review() {
    state = gate.review(state, RECIPIENT, moment(), this);
  }

  /** Goes back to a stored state; verdicts given since are read back. */
  void restart(byte[] stored, List<SendVerdict> givenSince) {
    state = givenSince.isEmpty() ? stored : gate.recover(stored, null, RECIPIENT, givenSince);
  }

  SendVerdict request(SendRequest request) {
    play(new Requested(request, request.eventTime()));
    return verdict();
  }

  /** The newest decision of each key, as compaction leaves it. */
  Map<String, Decision> latest() {
    Map<String, Decision> latest = new TreeMap<>();
    for (Decision decision : emitted) {
      if (decision instanceof SuppressionDecision || decision instanceof FrequencyCapDecision) {
        latest.merge(
            decision.getClass().getSimpleName() + " " + decision.key(),
            decision,
            (a, b) -> a.seq() > b.seq() ? a : b);
      }
    }
    return latest;
  }

  <T extends Decision> List<T> emitted(Class<T> type) {
    return emitted.stream().filter(type::isInstance).map(type::cast).toList();
  }

  SuppressionDecision suppression(String scope) {
    return (SuppressionDecision) latest().get("SuppressionDecision " + RECIPIENT + "|" + scope);
  }

  FrequencyCapDecision cap(String scope) {
    return (FrequencyCapDecision)
        latest().get("FrequencyCapDecision " + RECIPIENT + "|PROMOTIONAL|" + scope);
  }

  List<String> alerts() {
    return emitted(Alert.class).stream().map(Alert::kind).toList();
  }

  private Moment moment() {
    clock += 7;
    return new Moment(watermark, clock / 1_000, clock, stale, reviewing);
  }

  @Override
  public void write(Decision decision) {
    emitted.add(decision);
  }

  @Override
  public void assign(Assignment assignment) {
    assigned.add(assignment);
  }

  @Override
  public void registerTimer(long eventTime) {
    timers.add(eventTime);
    timersRegistered++;
  }

  static SendRequest request(String id, long at) {
    return request(id, at, "list-1", Category.PROMOTIONAL, null);
  }

  static SendRequest request(
      String id, long at, String list, Category category, List<String> tags) {
    return new SendRequest(
        "e-" + id + "-" + at,
        at,
        RECIPIENT,
        id,
        "campaign",
        list,
        category,
        null,
        null,
        null,
        "US-NY",
        "America/New_York",
        tags);
  }

  static Sent sent(String message, long at) {
    return sent(message, at, "list-1", null);
  }

  static Sent sent(String message, long at, String list, String request) {
    return sent(message, at, list, request, Category.PROMOTIONAL, List.of());
  }

  static Sent sent(
      String message, long at, String list, String request, Category category, List<String> tags) {
    return new Sent(
        RECIPIENT,
        at,
        true,
        message,
        "campaign",
        list,
        category,
        "US-NY",
        "America/New_York",
        request,
        tags,
        null);
  }
}
