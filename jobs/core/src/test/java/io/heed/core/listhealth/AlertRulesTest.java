package io.heed.core.listhealth;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import io.heed.core.model.Alert;
import io.heed.core.model.AlertSeverity;
import io.heed.core.model.AlertState;
import io.heed.core.model.JsonCodec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AlertRulesTest {
  private static final long MINUTE = 60_000;
  private static final long HOUR = 60 * MINUTE;
  private static final long DAY = 24 * HOUR;
  private static final long T = 20_000 * DAY;

  private final ListHealthPolicy policy = ListHealthPolicy.DEFAULT;
  private final List<Alert> alerts = new ArrayList<>();
  private byte[] state;
  private long timer = Long.MAX_VALUE;

  /** How far the wall clock is ahead of event time: 0 is live. */
  private long behind;

  private void count(RowKey key, long now, long... counts) {
    passTo(key, now);
    Watched watched = watched();
    AlertRules.count(new RowDelta(key, counts), watched, now, now + behind, policy, this::write);
    timer =
        Math.min(timer, AlertRules.nextEvaluation(AlertRules.subject(key), watched, now, policy));
    keep(watched);
  }

  private Watched watched() {
    try {
      return state == null ? new Watched() : Watched.read(new BinaryReader(state));
    } catch (BinaryException e) {
      throw new AssertionError(e);
    }
  }

  private void keep(Watched watched) {
    BinaryWriter out = new BinaryWriter();
    if (watched != null) {
      watched.write(out);
    }
    state = watched == null ? null : out.toByteArray();
  }

  /** Lets event time go on, with its timers. */
  private void passTo(RowKey key, long now) {
    while (timer <= now) {
      long at = timer;
      Watched watched = watched();
      RowKey subject = AlertRules.subject(key);
      boolean kept = AlertRules.evaluate(subject, watched, at, at + behind, policy, this::write);
      keep(kept ? watched : null);
      timer = kept ? AlertRules.nextEvaluation(subject, watched, at, policy) : Long.MAX_VALUE;
    }
  }

  private void write(Alert alert) {
    assertThat(new String(JsonCodec.of(Alert.class).write(alert), StandardCharsets.UTF_8))
        .contains("\"alert_id\"");
    alerts.add(alert);
  }

  private List<String> published() {
    return alerts.stream()
        .map(
            a ->
                a.state() == AlertState.RESOLVED
                    ? "RESOLVED"
                    : a.severity() + (a.threshold() == null ? "" : " at " + a.threshold()))
        .toList();
  }

  // Scopes.

  private static RowKey scope(long start) {
    return new RowKey(CountTable.SCOPE, start, 0, "lsit", "", "", "");
  }

  @Test
  void anOptOutOfAScopeThatNoListHasRaisesOneWarningADay() {
    count(scope(T), T + MINUTE, 0, 1);
    count(scope(T + HOUR), T + HOUR, 0, 2);
    passTo(scope(T), T + 2 * HOUR - 1);
    assertThat(alerts).isEmpty();
    passTo(scope(T), T + 12 * HOUR);
    assertThat(alerts)
        .singleElement()
        .satisfies(
            alert -> {
              assertThat(alert.alertId()).isEqualTo("unknown_scope|2024-10-04|lsit");
              assertThat(alert.kind()).isEqualTo("unknown_scope");
              assertThat(alert.severity()).isEqualTo(AlertSeverity.WARNING);
              assertThat(alert.state()).isEqualTo(AlertState.FIRING);
              assertThat(alert.subject()).isEqualTo("lsit");
            });
    count(scope(T + DAY), T + DAY, 0, 1);
    passTo(scope(T), T + 5 * DAY);
    assertThat(alerts).hasSize(2);
    assertThat(state).as("forgotten").isNull();
  }

  @Test
  void aScopeIsKnownOnceItsListHasBeenTextedAlsoAfterTheOptOut() {
    count(scope(T), T + MINUTE, 0, 1);
    count(scope(UnknownScopes.TEXTED), T + HOUR, 1, 0);
    count(scope(T + 9 * DAY), T + 9 * DAY, 0, 1);
    passTo(scope(T), T + 20 * DAY);
    assertThat(alerts).isEmpty();
    assertThat(watched().buckets).isEqualTo(1);
  }

  // Opt-outs.

  private static RowKey day(String campaign) {
    return new RowKey(CountTable.OPT_OUT_RATE, T, 0, "list", campaign, "", "");
  }

  @Test
  void eachThresholdIsReportedOnceAndOnlyWellBelowItItEnds() {
    count(day("c"), T + HOUR, 1_000, 19);
    assertThat(alerts).isEmpty();
    count(day("c"), T + HOUR, 0, 1);
    count(day("c"), T + HOUR, 0, 1);
    count(day("c"), T + HOUR, 50, 0); // 1.98 %: no flapping
    assertThat(published()).containsExactly("WARNING at 0.02");
    count(day("c"), T + HOUR, 0, 100);
    assertThat(published()).containsExactly("WARNING at 0.02", "CRITICAL at 0.1");
    count(day("c"), T + HOUR, 0, -105);
    assertThat(published()).containsExactly("WARNING at 0.02", "CRITICAL at 0.1", "RESOLVED");
    Alert first = alerts.get(0);
    assertThat(first.alertId()).isEqualTo("opt_out_rate|2024-10-04|list/c");
    assertThat(first.evidence()).containsEntry("sends", 1_000L).containsEntry("opt_outs", 20L);
    assertThat(alerts).extracting(Alert::alertId).containsOnly(first.alertId());
    assertThat(alerts).extracting(Alert::decisionId).doesNotHaveDuplicates();
    assertThat(alerts).extracting(Alert::seq).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void fewSendsOrFewOptOutsRaiseNothing() {
    count(day(""), T + HOUR, 499, 400);
    assertThat(alerts).isEmpty();
    count(day("c"), T + HOUR, 100_000, -391);
    assertThat(alerts).isEmpty();
  }

  @Test
  void aDaysAlertEndsWhenNothingCanChangeAnyMore() {
    count(day(""), T + HOUR, 1_000, 60);
    passTo(day(""), T + 4 * DAY - 1);
    assertThat(published()).containsExactly("CRITICAL at 0.05");
    passTo(day(""), T + 4 * DAY);
    assertThat(published()).containsExactly("CRITICAL at 0.05", "RESOLVED");
    assertThat(state).isNull();
  }

  @Test
  void aBackFillIsSilent() {
    behind = 30 * DAY;
    count(day(""), T + HOUR, 1_000, 60);
    passTo(day(""), T + 5 * DAY);
    assertThat(alerts).isEmpty();
  }

  // Delivery.

  private static RowKey hour(long hour) {
    return new RowKey(CountTable.DELIVERY_RATE, T + hour * HOUR, 0, "", "", "att", "");
  }

  private void hours(long from, long to, long messages, long delivered) {
    for (long h = from; h < to; h++) {
      count(hour(h), T + h * HOUR + MINUTE, messages, delivered);
    }
  }

  @Test
  void aDropIsReportedOnceAndEndsAfterCalmHours() {
    hours(0, 48, 300, 288);
    hours(48, 52, 300, 240);
    hours(52, 53, 300, 290);
    hours(53, 54, 300, 240);
    hours(54, 58, 300, 290);
    assertThat(published()).hasSize(2);
    Alert fired = alerts.get(0);
    assertThat(fired.alertId()).isEqualTo("delivery_drop|att");
    assertThat(fired.decidedAt()).isEqualTo(T + 50 * HOUR);
    assertThat(fired.value()).isEqualTo(0.8);
    assertThat(fired.threshold()).isBetween(0.859, 0.861);
    assertThat(alerts.get(1).state()).isEqualTo(AlertState.RESOLVED);
    assertThat(alerts.get(1).decidedAt()).isEqualTo(T + 57 * HOUR);
  }

  @Test
  void smallHoursAndAShortHistoryRaiseNothing() {
    hours(0, 2, 300, 290);
    hours(2, 4, 300, 0);
    assertThat(alerts).isEmpty();
    hours(4, 40, 190, 0);
    assertThat(alerts).isEmpty();
  }

  @Test
  void aDropWithoutTrafficAfterItEndsADayLater() {
    hours(0, 48, 300, 288);
    hours(48, 49, 300, 100);
    passTo(hour(0), T + 72 * HOUR);
    assertThat(published()).hasSize(1);
    passTo(hour(0), T + 73 * HOUR);
    assertThat(published()).hasSize(2).last().isEqualTo("RESOLVED");
  }

  @Test
  void whatStillHoldsWhenABackFillReachesThePresentIsReported() {
    behind = 30 * DAY;
    hours(0, 48, 300, 288);
    hours(48, 52, 300, 200);
    assertThat(alerts).isEmpty();
    behind = 0;
    hours(52, 55, 300, 200);
    assertThat(published()).hasSize(1);
  }

  // Silence.

  private static RowKey silence(String topic, long minute) {
    return new RowKey(CountTable.SILENCE, T + minute / 10 * 10 * MINUTE, 0, "", "", topic, "");
  }

  private void minutes(String topic, long from, long to, long sends, long events) {
    for (long m = from; m < to; m++) {
      count(silence(topic, m), T + m * MINUTE, sends, events);
    }
  }

  @Test
  void receiptsThatStayAwayWhileSendsGoOnAreMissed() {
    minutes("delivery", 0, 120, 10, 9);
    minutes("delivery", 120, 200, 10, 0);
    assertThat(published()).containsExactly("CRITICAL at 30.0");
    assertThat(alerts.get(0).decidedAt()).isEqualTo(T + 150 * MINUTE);
    assertThat(alerts.get(0).evidence()).containsEntry("sends_since", 200L);
    minutes("delivery", 200, 212, 10, 9);
    assertThat(published()).containsExactly("CRITICAL at 30.0", "RESOLVED");
  }

  @Test
  void aTopicIsNotMissedWhenNothingIsSent() {
    minutes("click", 0, 120, 10, 1);
    minutes("delivery", 120, 1_000, 0, 0);
    assertThat(alerts).isEmpty();
  }

  @Test
  void rareEventsAreNotMissedBeforeTheyAreDue() {
    minutes("reply", 0, 600, 10, 0);
    count(silence("reply", 600), T + 600 * MINUTE, 10, 10);
    minutes("reply", 601, 900, 10, 0);
    assertThat(alerts).isEmpty();
  }

  @Test
  void silenceOfEverythingIsReportedAfterHours() {
    minutes("", 0, 120, 10, 19);
    passTo(silence("", 0), T + 120 * MINUTE + 6 * HOUR - 1);
    assertThat(alerts).isEmpty();
    passTo(silence("", 0), T + 120 * MINUTE + 6 * HOUR);
    assertThat(published()).containsExactly("CRITICAL at 360.0");
    assertThat(alerts.get(0).severity()).isEqualTo(AlertSeverity.CRITICAL);
    passTo(silence("", 0), T + 10 * DAY);
    assertThat(published()).hasSize(1);
    minutes("", 14_400, 14_412, 10, 19);
    assertThat(published()).containsExactly("CRITICAL at 360.0", "RESOLVED");
  }

  @Test
  void gapsInHistoryAreNoNews() {
    behind = 2 * HOUR;
    minutes("delivery", 0, 120, 10, 9);
    minutes("delivery", 120, 240, 10, 0);
    minutes("delivery", 240, 300, 10, 9);
    assertThat(alerts).isEmpty();
  }
}
