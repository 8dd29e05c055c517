package io.heed.core.gate;

import io.heed.core.gate.Consent.Standing;
import io.heed.core.gate.GateEvent.Sent;
import io.heed.core.hours.Schedule;
import io.heed.core.model.Alert;
import io.heed.core.model.AlertSeverity;
import io.heed.core.model.AlertState;
import io.heed.core.model.CapSource;
import io.heed.core.model.ReasonCode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Alerts about messages that should not have gone out, with what a lawyer would ask for. */
final class BreachWatch {
  private BreachWatch() {}

  static Alert afterSuppression(
      Sent sent, Standing standing, Schedule places, Gate.Moment moment, long seq, String version) {
    long afterMillis = sent.time() - standing.since();
    Map<String, Object> evidence = evidence(sent, places);
    evidence.put("rule", "suppressed by " + standing.method());
    evidence.put("suppressed_since", standing.since());
    evidence.put("after_millis", afterMillis);
    return alert(
        "sent_after_suppression",
        sent,
        standing.reasons(),
        (double) afterMillis,
        0.0,
        evidence,
        moment,
        seq,
        version);
  }

  static Alert aboveCap(
      Sent sent,
      Cap cap,
      int count,
      Schedule places,
      Gate.Moment moment,
      long seq,
      String version) {
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
        moment,
        seq,
        version);
  }

  static Alert inQuietHours(
      Sent sent, Schedule places, Gate.Moment moment, long seq, String version) {
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
        moment,
        seq,
        version);
  }

  private static Map<String, Object> evidence(Sent sent, Schedule places) {
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
    Exposure.describe(places, evidence);
    return evidence;
  }

  private static Alert alert(
      String kind,
      Sent sent,
      List<ReasonCode> reasons,
      Double value,
      Double threshold,
      Map<String, Object> evidence,
      Gate.Moment moment,
      long seq,
      String version) {
    String alertId = kind + "|" + sent.messageId();
    return new Alert(
        Hash.id("alert", alertId, sent.time()),
        sent.time(),
        moment.wallMillis(),
        reasons,
        seq,
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
