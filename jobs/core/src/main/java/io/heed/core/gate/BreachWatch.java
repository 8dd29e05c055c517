package io.heed.core.gate;

import io.heed.core.experiments.ProgrammeHoldout;
import io.heed.core.gate.Consent.SuppressionStatus;
import io.heed.core.gate.GateEvent.Sent;
import io.heed.core.gate.RecipientState.KnownRequest;
import io.heed.core.hours.Schedule;
import io.heed.core.model.Alert;
import io.heed.core.model.AlertSeverity;
import io.heed.core.model.AlertState;
import io.heed.core.model.CapSource;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.Verdict;
import io.heed.core.rules.Cap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Alerts about messages that should not have gone out, with the evidence that a lawyer needs. */
final class BreachWatch {
  private final GateCall call;
  private final PolicyBook policies;
  private final ExperimentBook experiments;
  private final PlaceSchedules schedules;
  private final Caps caps;
  private final CapPublisher capPublisher;

  BreachWatch(
      GateCall call,
      PolicyBook policies,
      ExperimentBook experiments,
      PlaceSchedules schedules,
      Caps caps,
      CapPublisher capPublisher) {
    this.call = call;
    this.policies = policies;
    this.experiments = experiments;
    this.schedules = schedules;
    this.caps = caps;
    this.capPublisher = capPublisher;
  }

  /** Raises an alert for a message that went out although a rule forbade it. */
  void watch(Sent sent, KnownRequest entry) {
    Rules.ForList holds = policies.at(sent.time()).of(sent.listId());
    Schedule schedule = schedules.of(call, sent.region(), sent.timeZone(), holds);
    SuppressionStatus closing = Consent.closing(call.state, sent.listId());
    if (closing != null && sent.time() > closing.since()) {
      boolean granted =
          entry != null && entry.verdict == Verdict.ALLOW && closing.since() <= entry.decidedAt;
      Exemption exemption =
          Exemption.of(
              call.state, sent.category(), sent.listId(), sent.tags(), sent.time(), granted);
      if (exemption == null) {
        call.out.write(afterSuppression(sent, closing, schedule, holds.version()));
      } else {
        exemption.use(call.state, sent.time());
      }
    }
    List<Cap> limits =
        capPublisher.withLaws(
            holds.limits(sent.category(), sent.listId(), sent.tags()),
            sent.category(),
            schedule,
            sent.time());
    limits =
        experiments.withArms(limits, call.state.drawn, sent.category(), sent.listId(), sent.tags());
    for (Cap cap : limits) {
      int count = caps.fullest(call.state, cap, schedule.zones(), sent.time());
      if (count > cap.limit()) {
        call.out.write(aboveCap(sent, cap, count, schedule, holds.version()));
      }
    }
    if (holds.hoursCategories().contains(sent.category()) && !schedule.isOpen(sent.time())) {
      call.out.write(inQuietHours(sent, schedule, holds.version()));
    }
    String heldOutOf = heldOutOf(sent, entry);
    if (heldOutOf != null) {
      call.out.write(toHoldout(sent, heldOutOf, holds.version()));
    }
  }

  /** The experiment, or the programme, out of which the recipient is held; null for none. */
  private String heldOutOf(Sent sent, KnownRequest entry) {
    if (entry != null && entry.verdict == Verdict.ALLOW) {
      // It was allowed before the hold-out began.
      return null;
    }
    ProgrammeHoldout programme = policies.holdoutAt(sent.time());
    if (programme != null
        && programme.categories().contains(sent.category())
        && programme.holds(sent.recipientId())) {
      return ProgrammeHoldout.EXPERIMENT;
    }
    return sent.exposure() != null
            && experiments.isHeldOut(sent.exposure().experimentId(), call.state.draws())
        ? sent.exposure().experimentId()
        : null;
  }

  private Alert afterSuppression(
      Sent sent, SuppressionStatus status, Schedule places, String version) {
    long afterMillis = sent.time() - status.since();
    Map<String, Object> evidence = evidence(sent, places);
    evidence.put("rule", "suppressed by " + status.method());
    evidence.put("suppressed_since", status.since());
    evidence.put("after_millis", afterMillis);
    return alert(
        "sent_after_suppression",
        sent,
        status.reasons(),
        (double) afterMillis,
        0.0,
        evidence,
        version);
  }

  private Alert aboveCap(Sent sent, Cap cap, int count, Schedule places, String version) {
    boolean law = cap.source() == CapSource.STATE_LAW;
    Map<String, Object> evidence = evidence(sent, places);
    evidence.put("rule", "cap of " + cap);
    evidence.put("messages_in_window", (long) count);
    return alert(
        law ? "sent_above_state_cap" : "sent_above_cap",
        sent,
        List.of(law ? ReasonCode.STATE_CAP_REACHED : ReasonCode.CAP_REACHED),
        (double) count,
        (double) cap.limit(),
        evidence,
        version);
  }

  private Alert inQuietHours(Sent sent, Schedule places, String version) {
    Map<String, Object> evidence = evidence(sent, places);
    evidence.put("rule", "quiet hours");
    long open = places.nextOpen(sent.time());
    if (open != Schedule.NEVER) {
      evidence.put("allowed_from", open);
    }
    return alert(
        "sent_in_quiet_hours",
        sent,
        List.of(ReasonCode.QUIET_HOURS),
        null,
        null,
        evidence,
        version);
  }

  /** It breaks no law, and so has no exposure. */
  private Alert toHoldout(Sent sent, String experiment, String version) {
    Map<String, Object> evidence = evidence(sent);
    evidence.put("rule", "held out of " + experiment);
    evidence.put("experiment_id", experiment);
    return alert(
        "sent_to_holdout", sent, List.of(ReasonCode.HOLDOUT), null, null, evidence, version);
  }

  private static Map<String, Object> evidence(Sent sent, Schedule places) {
    Map<String, Object> evidence = evidence(sent);
    Penalties.describe(places, evidence);
    return evidence;
  }

  private static Map<String, Object> evidence(Sent sent) {
    Map<String, Object> evidence = new LinkedHashMap<>();
    evidence.put("recipient_id", sent.recipientId());
    evidence.put("message_id", sent.messageId());
    evidence.put("campaign_id", sent.campaignId());
    evidence.put("list_id", sent.listId());
    evidence.put("category", sent.category().name());
    evidence.put("sent_at", sent.time());
    if (sent.requestId() != null) {
      evidence.put("request_id", sent.requestId());
    }
    return evidence;
  }

  private Alert alert(
      String kind,
      Sent sent,
      List<ReasonCode> reasons,
      Double value,
      Double threshold,
      Map<String, Object> evidence,
      String version) {
    String alertId = kind + "|" + sent.messageId();
    return new Alert(
        Hash.id("alert", alertId, sent.time()),
        sent.time(),
        call.moment.wallMillis(),
        reasons,
        call.nextSeq(),
        version,
        alertId,
        kind,
        AlertSeverity.CRITICAL,
        sent.campaignId(),
        value,
        threshold,
        AlertState.FIRING,
        evidence);
  }
}
