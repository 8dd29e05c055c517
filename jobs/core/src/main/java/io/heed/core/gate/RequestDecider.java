package io.heed.core.gate;

import io.heed.core.experiments.ExperimentAllocation.Draw;
import io.heed.core.experiments.ExperimentAllocation.Earlier;
import io.heed.core.experiments.ExperimentAllocation.Kind;
import io.heed.core.gate.Consent.Standing;
import io.heed.core.gate.GateEvent.Invalid;
import io.heed.core.gate.RecipientState.Answer;
import io.heed.core.hours.Schedule;
import io.heed.core.model.Assignment;
import io.heed.core.model.CapSource;
import io.heed.core.model.Category;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.SendRequest;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Gives the verdict on a request to send, and keeps to it: the same request gets the same verdict
 * until that has expired.
 */
final class RequestDecider {
  private static final long ASK_AGAIN_MILLIS = Duration.ofSeconds(5).toMillis();
  private static final ReasonCode[] REASONS = ReasonCode.values();

  private final GateCall call;
  private final PolicyBook policies;
  private final ExperimentBook experiments;
  private final GateSettings settings;
  private final PlaceSchedules schedules;
  private final Caps caps;
  private final CapTelling capTelling;
  private long misreadPlaces;

  RequestDecider(
      GateCall call,
      PolicyBook policies,
      ExperimentBook experiments,
      GateSettings settings,
      PlaceSchedules schedules,
      Caps caps,
      CapTelling capTelling) {
    this.call = call;
    this.policies = policies;
    this.experiments = experiments;
    this.settings = settings;
    this.schedules = schedules;
    this.caps = caps;
    this.capTelling = capTelling;
  }

  /** How many requests stated a region or a time zone that is not understood. */
  long misreadPlaces() {
    return misreadPlaces;
  }

  void asked(SendRequest request) {
    Standing closing = Consent.closing(call.state, request.listId());
    long hash = Hash.of(request.requestId());
    Answer answer = call.state.answerOrNew(hash);
    if (answer.verdict != null) {
      complete(answer, request);
      if (repeats(answer, request, closing)) {
        tellVerdict(answer, request);
        return;
      }
    }
    boolean expired = answer.verdict == Verdict.ALLOW && request.eventTime() >= answer.expiresAt;
    decide(answer, request, closing, expired);
    tellVerdict(answer, request);
  }

  /** Refuses, unless another verdict has been given under the same id: that one stands. */
  boolean invalid(Invalid request) {
    Answer answer = call.state.answerOrNew(Hash.of(request.requestId()));
    if (answer.verdict == Verdict.ALLOW || answer.verdict == Verdict.DEFER) {
      return false;
    }
    if (answer.verdict == null) {
      answer.decidedAt = request.time();
      settle(
          answer,
          Verdict.DENY,
          bit(ReasonCode.INVALID_REQUEST),
          request.time() + settings.reservationMillis());
    }
    tellVerdict(answer, request.requestId(), answer.list == null ? Rules.ALL : answer.list);
    return true;
  }

  /** Takes a verdict that was given after the state was stored. */
  void restore(SendVerdict verdict) {
    long hash = Hash.of(verdict.requestId());
    Answer answer = call.state.answerOrNew(hash);
    if (answer.verdict != verdict.verdict() || answer.decidedAt != verdict.decidedAt()) {
      // Given since: what a verdict does not tell is known when its request is read again.
      answer.list = null;
    }
    answer.verdict = verdict.verdict();
    answer.reasons = bits(verdict.reasons());
    answer.decidedAt = verdict.decidedAt();
    answer.expiresAt = verdict.expiresAt();
    answer.notBefore = verdict.notBefore() == null ? 0 : verdict.notBefore();
    answer.variant = verdict.variantId();
    answer.epoch = verdict.epoch() == null ? 0 : verdict.epoch();
    call.state.lastSeq = Math.max(call.state.lastSeq, verdict.seq());
  }

  private boolean repeats(Answer known, SendRequest request, Standing closing) {
    boolean closed = closing != null && exemption(request, closing, known) == null;
    return switch (known.verdict) {
      case DENY -> true;
      case DEFER -> !closed && known.notBefore > 0 && request.eventTime() < known.notBefore;
      case ALLOW -> !closed && request.eventTime() < known.expiresAt;
    };
  }

  /** What a verdict that was read back does not tell; what was drawn then is kept. */
  private void complete(Answer known, SendRequest request) {
    if (known.list != null) {
      return;
    }
    known.category = request.category();
    known.list = request.listId();
    known.tags = Cap.hashes(tags(request));
    known.campaignHash = (int) Hash.of(request.campaignId());
    boolean heldOut = known.reasons == bit(ReasonCode.HOLDOUT);
    if (heldOut || known.variant != null) {
      Draw draw = experiments.draw(request, call.state.draws());
      if (heldOut && draw.kind() == Kind.HOLDOUT) {
        keep(request, draw);
      } else if (!heldOut && draw.test()) {
        keep(request, new Draw(Kind.VARIANT, known.variant, known.epoch, 0, true));
      }
    }
  }

  private static List<String> tags(SendRequest request) {
    return request.tags() == null ? List.of() : request.tags();
  }

  private void decide(Answer answer, SendRequest request, Standing closing, boolean expired) {
    long at = request.eventTime();
    long end = request.expiresAt() == null ? Long.MAX_VALUE : Math.max(at, request.expiresAt());
    long limit = Math.min(at + settings.reservationMillis(), end);
    answer.verdict = null;
    answer.category = request.category();
    answer.list = request.listId();
    answer.tags = Cap.hashes(tags(request));
    answer.campaignHash = (int) Hash.of(request.campaignId());
    answer.decidedAt = at;
    answer.notBefore = 0;

    Exemption exemption = closing == null ? null : exemption(request, closing, null);
    if (closing != null && exemption == null) {
      settle(answer, Verdict.DENY, bits(closing.reasons()), limit);
      return;
    }
    if (expired || (request.expiresAt() != null && at >= request.expiresAt())) {
      settle(answer, Verdict.DENY, bit(ReasonCode.REQUEST_EXPIRED), limit);
      return;
    }
    if (call.moment.stale()) {
      defer(answer, bit(ReasonCode.STALE_STATE), at + ASK_AGAIN_MILLIS, limit, end);
      return;
    }
    if (exemption != null) {
      exemption.use(call.state, at);
      settle(
          answer, Verdict.ALLOW, bit(ReasonCode.WITHIN_POLICY), Math.min(limit, exemption.until()));
      return;
    }
    Rules.ForList holds = policies.at(at).of(request.listId());
    if (holds.consentRequired()
        && request.category() == Category.PROMOTIONAL
        && !Consent.isRecorded(call.state, request.listId(), holds.unprovenImports())) {
      settle(answer, Verdict.DENY, bit(ReasonCode.NO_CONSENT), limit);
      return;
    }
    allowByTime(answer, request, holds, limit, end);
  }

  private void allowByTime(
      Answer answer, SendRequest request, Rules.ForList holds, long limit, long end) {
    long at = request.eventTime();
    Schedule schedule = schedules.of(call, request.region(), request.timeZone(), holds);
    misreadPlaces += schedule.misread() ? 1 : 0;
    boolean keepsHours = holds.hoursCategories().contains(request.category());
    List<Cap> limits =
        capTelling.withLaws(
            holds.limits(request.category(), request.listId(), tags(request)),
            request.category(),
            schedule,
            at);
    boolean open = !keepsHours || schedule.isOpen(at);
    long expiresAt = open && keepsHours ? schedule.closes(at, limit) : limit;
    List<Cap> full =
        caps.full(call.state, limits, schedule.zones(), at, Math.max(expiresAt, at + 1), answer);
    if (open && full.isEmpty()) {
      draw(answer, request, expiresAt, end);
      return;
    }
    int reasons = open ? 0 : bit(ReasonCode.QUIET_HOURS);
    for (Cap cap : full) {
      reasons |=
          bit(
              cap.source() == CapSource.STATE_LAW
                  ? ReasonCode.STATE_CAP_REACHED
                  : ReasonCode.CAP_REACHED);
    }
    long notBefore = at;
    long looked;
    do {
      looked = notBefore;
      notBefore = caps.firstRoom(call.state, limits, schedule.zones(), notBefore, answer);
      if (keepsHours && notBefore != Caps.NEVER) {
        notBefore = schedule.nextOpen(notBefore);
      }
    } while (notBefore != looked && notBefore != Caps.NEVER);
    // A window that is full only for a part of the reservation: ask again when it is over.
    defer(answer, reasons, notBefore == at ? expiresAt : notBefore, limit, end);
  }

  private void draw(Answer answer, SendRequest request, long expiresAt, long end) {
    Draw draw = experiments.draw(request, call.state.draws());
    switch (draw.kind()) {
      case OUTSIDE -> settle(answer, Verdict.ALLOW, bit(ReasonCode.WITHIN_POLICY), expiresAt);
      case VARIANT -> {
        keep(request, draw);
        answer.variant = draw.variantId();
        answer.epoch = draw.epoch();
        settle(answer, Verdict.ALLOW, bit(ReasonCode.WITHIN_POLICY), expiresAt);
      }
      case HOLDOUT -> {
        keep(request, draw);
        settle(answer, Verdict.DENY, bit(ReasonCode.HOLDOUT), expiresAt);
      }
      case WAIT ->
          defer(answer, bit(ReasonCode.WAITING_FOR_RESULT), draw.notBefore(), expiresAt, end);
    }
  }

  /** Remembers the first draw within a test, and tells of whoever gets no message by a draw. */
  private void keep(SendRequest request, Draw draw) {
    Earlier drawn = new Earlier(request.experimentId(), draw.variantId(), draw.epoch());
    boolean known = call.state.draws().contains(drawn);
    if (draw.test()) {
      call.state.exposed(drawn, request.eventTime());
    }
    if (known) {
      return;
    }
    if (draw.kind() == Kind.HOLDOUT) {
      call.out.assign(
          new Assignment(
              Hash.id(
                  "assignment",
                  call.recipientId,
                  request.experimentId(),
                  draw.variantId(),
                  draw.epoch()),
              request.eventTime(),
              call.recipientId,
              request.experimentId(),
              draw.variantId(),
              draw.epoch()));
    }
  }

  private static void settle(Answer answer, Verdict verdict, int reasons, long expiresAt) {
    answer.verdict = verdict;
    answer.reasons = reasons;
    answer.expiresAt = expiresAt;
  }

  /** Defers; {@link Long#MAX_VALUE} as instant is none that is known. */
  private static void defer(Answer answer, int reasons, long notBefore, long limit, long end) {
    boolean known = notBefore != Long.MAX_VALUE;
    settle(answer, Verdict.DEFER, reasons, known ? Math.min(notBefore, end) : limit);
    answer.notBefore = known ? notBefore : 0;
  }

  private void tellVerdict(Answer answer, SendRequest request) {
    tellVerdict(answer, request.requestId(), request.listId());
  }

  private void tellVerdict(Answer answer, String requestId, String list) {
    List<ReasonCode> reasons = reasons(answer.reasons);
    Long notBefore = answer.notBefore == 0 ? null : answer.notBefore;
    Integer epoch = answer.variant == null ? null : answer.epoch;
    String variant = answer.verdict == Verdict.ALLOW ? answer.variant : null;
    call.out.write(
        new SendVerdict(
            Hash.id(
                "verdict",
                call.recipientId,
                requestId,
                answer.verdict,
                answer.reasons,
                answer.decidedAt,
                notBefore,
                answer.expiresAt,
                variant,
                epoch),
            answer.decidedAt,
            call.moment.wallMillis(),
            reasons,
            call.nextSeq(),
            policies.at(answer.decidedAt).of(list).version(),
            requestId,
            call.recipientId,
            answer.verdict,
            notBefore,
            answer.expiresAt,
            variant,
            variant == null ? null : epoch));
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

  private Exemption exemption(SendRequest request, Standing closing, Answer granted) {
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
