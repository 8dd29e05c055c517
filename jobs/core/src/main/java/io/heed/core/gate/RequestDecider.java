package io.heed.core.gate;

import io.heed.core.experiments.ExperimentAllocation.Draw;
import io.heed.core.gate.Consent.SuppressionStatus;
import io.heed.core.gate.GateEvent.Invalid;
import io.heed.core.gate.RecipientState.KnownRequest;
import io.heed.core.gate.ValueCheck.Worth;
import io.heed.core.hours.Schedule;
import io.heed.core.model.CapSource;
import io.heed.core.model.Category;
import io.heed.core.model.MessageValue;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.SendRequest;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.Verdict;
import io.heed.core.optimizer.ValueVerdict.Cause;
import io.heed.core.rules.Cap;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Gives the verdict on a request to send, and keeps to it: the same request gets the same verdict
 * until that has expired.
 */
final class RequestDecider {
  private static final long RETRY_MILLIS = Duration.ofSeconds(5).toMillis();
  private static final ReasonCode[] REASONS = ReasonCode.values();

  private final GateCall call;
  private final PolicyBook policies;
  private final ExperimentBook experiments;
  private final RequestDraws draws;
  private final ValueCheck value;
  private final GateSettings settings;
  private final PlaceSchedules schedules;
  private final Caps caps;
  private final CapPublisher capPublisher;
  private long misreadPlaces;

  RequestDecider(
      GateCall call,
      PolicyBook policies,
      ExperimentBook experiments,
      GateSettings settings,
      PlaceSchedules schedules,
      Caps caps,
      CapPublisher capPublisher,
      ValueBook values) {
    this.call = call;
    this.value = new ValueCheck(values);
    this.policies = policies;
    this.experiments = experiments;
    this.draws = new RequestDraws(call, policies, experiments);
    this.settings = settings;
    this.schedules = schedules;
    this.caps = caps;
    this.capPublisher = capPublisher;
  }

  /** How many requests stated a region or a time zone that is not understood. */
  long misreadPlaces() {
    return misreadPlaces;
  }

  void requested(SendRequest request) {
    SuppressionStatus closing = Consent.closing(call.state, request.listId());
    long hash = Hash.of(request.requestId());
    KnownRequest entry = call.state.requestOrNew(hash);
    if (entry.verdict != null) {
      complete(entry, request);
      if (repeats(entry, request, closing)) {
        publishVerdict(entry, request);
        return;
      }
    }
    boolean expired = entry.verdict == Verdict.ALLOW && request.eventTime() >= entry.expiresAt;
    decide(entry, request, closing, expired);
    publishVerdict(entry, request);
  }

  /** Refuses, unless another verdict has been given under the same id: that one stands. */
  boolean invalid(Invalid request) {
    KnownRequest entry = call.state.requestOrNew(Hash.of(request.requestId()));
    if (entry.verdict == Verdict.ALLOW || entry.verdict == Verdict.DEFER) {
      return false;
    }
    if (entry.verdict == null) {
      entry.decidedAt = request.time();
      setVerdict(
          entry,
          Verdict.DENY,
          bit(ReasonCode.INVALID_REQUEST),
          request.time() + settings.reservationMillis());
    }
    publishVerdict(entry, request.requestId(), entry.list == null ? Rules.ALL : entry.list);
    return true;
  }

  /** Takes a verdict that was given after the state was stored. */
  void restore(SendVerdict verdict) {
    long hash = Hash.of(verdict.requestId());
    KnownRequest entry = call.state.requestOrNew(hash);
    if (entry.verdict != verdict.verdict() || entry.decidedAt != verdict.decidedAt()) {
      // Given since: what a verdict does not contain is known when its request is read again.
      entry.list = null;
    }
    entry.verdict = verdict.verdict();
    entry.reasons = bits(verdict.reasons());
    entry.decidedAt = verdict.decidedAt();
    entry.expiresAt = verdict.expiresAt();
    entry.notBefore = verdict.notBefore() == null ? 0 : verdict.notBefore();
    entry.variant = verdict.variantId();
    entry.epoch = verdict.epoch() == null ? 0 : verdict.epoch();
    entry.modelVersion = verdict.modelVersion();
    entry.propensity = verdict.propensity() == null ? 1 : verdict.propensity();
    entry.valueVerdict = verdict.valueVerdict();
    entry.value = known(verdict.value());
    call.state.lastSeq = Math.max(call.state.lastSeq, verdict.seq());
  }

  /** Figures of a cause that this release does not know are none. */
  private static MessageValue known(MessageValue value) {
    boolean known =
        value != null
            && Arrays.stream(Cause.values()).anyMatch(cause -> cause.name().equals(value.cause()));
    return known ? value : null;
  }

  private boolean repeats(KnownRequest known, SendRequest request, SuppressionStatus closing) {
    boolean closed = closing != null && exemption(request, closing, known) == null;
    return switch (known.verdict) {
      case DENY -> true;
      case DEFER -> !closed && known.notBefore > 0 && request.eventTime() < known.notBefore;
      case ALLOW -> !closed && request.eventTime() < known.expiresAt;
    };
  }

  /** Adds what a verdict that was read back does not contain; what was drawn then is kept. */
  private void complete(KnownRequest known, SendRequest request) {
    if (known.list != null) {
      return;
    }
    known.category = request.category();
    known.list = request.listId();
    known.tags = Cap.hashes(tags(request));
    known.campaignHash = (int) Hash.of(request.campaignId());
    boolean heldOut = known.reasons == bit(ReasonCode.HOLDOUT);
    if (heldOut || known.variant != null) {
      draws.restore(known, request, heldOut);
    }
    if (known.verdict == Verdict.ALLOW || known.reasons == bit(ReasonCode.LOW_VALUE)) {
      weigh(request);
    }
  }

  private static List<String> tags(SendRequest request) {
    return request.tags() == null ? List.of() : request.tags();
  }

  private void decide(
      KnownRequest entry, SendRequest request, SuppressionStatus closing, boolean expired) {
    long at = request.eventTime();
    long end = request.expiresAt() == null ? Long.MAX_VALUE : Math.max(at, request.expiresAt());
    long limit = Math.min(at + settings.reservationMillis(), end);
    entry.verdict = null;
    entry.category = request.category();
    entry.list = request.listId();
    entry.tags = Cap.hashes(tags(request));
    entry.campaignHash = (int) Hash.of(request.campaignId());
    entry.decidedAt = at;
    entry.notBefore = 0;
    entry.valued(null);

    Exemption exemption = closing == null ? null : exemption(request, closing, null);
    if (closing != null && exemption == null) {
      setVerdict(entry, Verdict.DENY, bits(closing.reasons()), limit);
      return;
    }
    if (expired || (request.expiresAt() != null && at >= request.expiresAt())) {
      setVerdict(entry, Verdict.DENY, bit(ReasonCode.REQUEST_EXPIRED), limit);
      return;
    }
    if (call.moment.stale()) {
      defer(entry, bit(ReasonCode.STALE_STATE), at + RETRY_MILLIS, limit, end);
      return;
    }
    if (exemption != null) {
      exemption.use(call.state, at);
      setVerdict(
          entry, Verdict.ALLOW, bit(ReasonCode.WITHIN_POLICY), Math.min(limit, exemption.until()));
      return;
    }
    Rules.ForList holds = policies.at(at).of(request.listId());
    if (holds.consentRequired()
        && request.category() == Category.PROMOTIONAL
        && !Consent.isRecorded(call.state, request.listId(), holds.unprovenImports())) {
      setVerdict(entry, Verdict.DENY, bit(ReasonCode.NO_CONSENT), limit);
      return;
    }
    if (holds.sunsetDenied() && isSunset(request)) {
      setVerdict(entry, Verdict.DENY, bit(ReasonCode.SUNSET), limit);
      return;
    }
    allowByTime(entry, request, holds, limit, end);
  }

  private boolean isSunset(SendRequest request) {
    long at = request.eventTime();
    return ValueCheck.concerns(request) && at >= call.state.sunsetAt && at < call.state.sunsetUntil;
  }

  private void allowByTime(
      KnownRequest entry, SendRequest request, Rules.ForList holds, long limit, long end) {
    long at = request.eventTime();
    Schedule schedule = schedules.of(call, request.region(), request.timeZone(), holds);
    misreadPlaces += schedule.misread() ? 1 : 0;
    boolean keepsHours = holds.hoursCategories().contains(request.category());
    List<Cap> limits =
        capPublisher.withLaws(
            holds.limits(request.category(), request.listId(), tags(request)),
            request.category(),
            schedule,
            at);
    limits =
        experiments.withArms(
            limits, call.state.drawn, request.category(), request.listId(), tags(request));
    boolean open = !keepsHours || schedule.isOpen(at);
    long expiresAt = open && keepsHours ? schedule.closes(at, limit) : limit;
    Slot slot = new Slot(at, expiresAt, limits, schedule, keepsHours, limit, end);
    List<Cap> full = full(slot, limits, entry);
    if (open && full.isEmpty()) {
      draw(entry, request, slot);
    } else {
      deferUntilRoom(entry, slot, open ? 0 : bit(ReasonCode.QUIET_HOURS), full);
    }
  }

  /**
   * When a message may go out.
   *
   * @param at the request's instant
   * @param expiresAt until when the message may go out, if it may now
   * @param limit of a reservation
   * @param end of the request
   */
  private record Slot(
      long at,
      long expiresAt,
      List<Cap> limits,
      Schedule schedule,
      boolean keepsHours,
      long limit,
      long end) {

    Slot with(List<Cap> more) {
      List<Cap> all = new ArrayList<>(limits);
      all.addAll(more);
      return new Slot(at, expiresAt, all, schedule, keepsHours, limit, end);
    }
  }

  private List<Cap> full(Slot slot, List<Cap> limits, KnownRequest entry) {
    long until = Math.max(slot.expiresAt, slot.at + 1);
    return caps.full(call.state, limits, slot.schedule.zones(), slot.at, until, entry);
  }

  /** Defers until every cap has room and every hour is allowed. */
  private void deferUntilRoom(KnownRequest entry, Slot slot, int closed, List<Cap> full) {
    int reasons = closed;
    for (Cap cap : full) {
      reasons |=
          bit(
              cap.source() == CapSource.STATE_LAW
                  ? ReasonCode.STATE_CAP_REACHED
                  : ReasonCode.CAP_REACHED);
    }
    long notBefore = slot.at;
    long previous;
    do {
      previous = notBefore;
      notBefore = caps.firstRoom(call.state, slot.limits, slot.schedule.zones(), notBefore, entry);
      if (slot.keepsHours && notBefore != Caps.NEVER) {
        notBefore = slot.schedule.nextOpen(notBefore);
      }
    } while (notBefore != previous && notBefore != Caps.NEVER);
    // A window that is full only for a part of the reservation: retry when it is over.
    long retry = notBefore == slot.at ? slot.expiresAt : notBefore;
    defer(entry, reasons, retry, slot.limit, slot.end);
  }

  private void draw(KnownRequest entry, SendRequest request, Slot slot) {
    if (draws.holdOut(request)) {
      setVerdict(entry, Verdict.DENY, bit(ReasonCode.HOLDOUT), slot.expiresAt);
      return;
    }
    Worth worth = weigh(request);
    entry.valued(worth);
    if (worth != null && !worth.allowed() && !worth.shadow()) {
      deferUntilWorth(entry, slot, worth.notBefore());
      return;
    }
    Draw draw = draws.draw(request);
    switch (draw.kind()) {
      case OUTSIDE ->
          setVerdict(entry, Verdict.ALLOW, bit(ReasonCode.WITHIN_POLICY), slot.expiresAt);
      case VARIANT -> allow(entry, request, draw, slot);
      case HOLDOUT -> {
        draws.keep(request, draw, true);
        setVerdict(entry, Verdict.DENY, bit(ReasonCode.HOLDOUT), slot.expiresAt);
      }
      case WAIT ->
          defer(
              entry,
              bit(ReasonCode.WAITING_FOR_RESULT),
              draw.notBefore(),
              slot.expiresAt,
              slot.end);
    }
  }

  /** What the optimizer decides; null if it has no part, or if it was stopped for harm. */
  private Worth weigh(SendRequest request) {
    long at = request.eventTime();
    Optimise policy = policies.at(at).of(request.listId()).optimise();
    if (policy == null || experiments.isStopped(policy.key(request.listId()), at)) {
      return null;
    }
    Worth worth = value.of(request, policy, call.state.person);
    if (worth != null && policy.compares()) {
      draws.enter(request, policy, worth);
    }
    return worth;
  }

  /** Defers until the message is worth its place, in allowed hours. */
  private static void deferUntilWorth(KnownRequest entry, Slot slot, long worthAt) {
    long notBefore =
        worthAt != Long.MAX_VALUE && slot.keepsHours ? slot.schedule.nextOpen(worthAt) : worthAt;
    boolean inTime = notBefore == Long.MAX_VALUE || notBefore <= slot.end;
    defer(
        entry, bit(ReasonCode.LOW_VALUE), inTime ? notBefore : slot.end, slot.expiresAt, slot.end);
  }

  /**
   * Allows a variant if its own caps have room. A recipient whose first message they hold back is
   * exposed all the same: else a stricter arm would count fewer people, and others.
   */
  private void allow(KnownRequest entry, SendRequest request, Draw draw, Slot slot) {
    List<Cap> own =
        experiments.caps(request.experimentId(), draw.variantId()).stream()
            .filter(cap -> cap.limits(request.category(), request.listId(), tags(request)))
            .toList();
    List<Cap> full = own.isEmpty() ? own : full(slot, own, entry);
    draws.keep(request, draw, draw.test() && !full.isEmpty());
    if (full.isEmpty()) {
      entry.variant = draw.variantId();
      entry.epoch = draw.epoch();
      setVerdict(entry, Verdict.ALLOW, bit(ReasonCode.WITHIN_POLICY), slot.expiresAt);
    } else {
      deferUntilRoom(entry, slot.with(own), 0, full);
    }
  }

  private static void setVerdict(KnownRequest entry, Verdict verdict, int reasons, long expiresAt) {
    entry.verdict = verdict;
    entry.reasons = reasons;
    entry.expiresAt = expiresAt;
  }

  /** Defers; {@link Long#MAX_VALUE} as instant is none that is known. */
  private static void defer(KnownRequest entry, int reasons, long notBefore, long limit, long end) {
    boolean known = notBefore != Long.MAX_VALUE;
    setVerdict(entry, Verdict.DEFER, reasons, known ? Math.min(notBefore, end) : limit);
    entry.notBefore = known ? notBefore : 0;
  }

  private void publishVerdict(KnownRequest entry, SendRequest request) {
    publishVerdict(entry, request.requestId(), request.listId());
  }

  private void publishVerdict(KnownRequest entry, String requestId, String list) {
    List<ReasonCode> reasons = reasons(entry.reasons);
    Long notBefore = entry.notBefore == 0 ? null : entry.notBefore;
    Integer epoch = entry.variant == null ? null : entry.epoch;
    String variant = entry.verdict == Verdict.ALLOW ? entry.variant : null;
    String valued = entry.modelVersion == null ? "" : entry.modelVersion + entry.propensity;
    call.out.write(
        new SendVerdict(
            Hash.id(
                "verdict",
                call.recipientId,
                requestId,
                entry.verdict,
                entry.reasons,
                entry.decidedAt,
                notBefore,
                entry.expiresAt,
                variant,
                epoch + valued),
            entry.decidedAt,
            call.moment.wallMillis(),
            reasons,
            call.nextSeq(),
            policies.at(entry.decidedAt).of(list).version(),
            requestId,
            call.recipientId,
            entry.verdict,
            notBefore,
            entry.expiresAt,
            variant,
            variant == null ? null : epoch,
            entry.propensity == 1 ? null : entry.propensity,
            entry.modelVersion,
            entry.valueVerdict,
            list.equals(Rules.ALL) ? null : list,
            entry.value));
  }

  private static int bit(ReasonCode reason) {
    return 1 << reason.ordinal();
  }

  private static int bits(List<ReasonCode> reasons) {
    int bits = 0;
    for (ReasonCode reason : reasons) {
      bits |= bit(reason);
    }
    return bits;
  }

  private static List<ReasonCode> reasons(int bits) {
    List<ReasonCode> reasons = new ArrayList<>(2);
    for (ReasonCode reason : REASONS) {
      if ((bits & bit(reason)) != 0) {
        reasons.add(reason);
      }
    }
    return reasons;
  }

  private Exemption exemption(
      SendRequest request, SuppressionStatus closing, KnownRequest granted) {
    return Exemption.of(
        call.state,
        request.category(),
        request.listId(),
        tags(request),
        request.eventTime(),
        granted != null
            && granted.verdict == Verdict.ALLOW
            && closing.since() <= granted.decidedAt);
  }
}
