package io.heed.core.listhealth;

import io.heed.core.listhealth.ListHealthPolicy.DeliveryDrop;
import io.heed.core.listhealth.ListHealthPolicy.Level;
import io.heed.core.listhealth.ListHealthPolicy.OptOutRate;
import io.heed.core.listhealth.ListHealthPolicy.SilentInput;
import io.heed.core.model.Alert;
import io.heed.core.model.AlertSeverity;
import io.heed.core.model.AlertState;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Whether something that is watched needs a person. Pure functions of what is {@link Watched}, the
 * instant in event time, the wall clock and the policy.
 *
 * <ul>
 *   <li><b>opt_out_rate</b>: recipients who opted out over the sends of one UTC day, for a list and
 *       for each campaign in it. Judged whenever its counts change; resolved once the rate has
 *       fallen well below the threshold, or when the last 72 hours are over and nothing can change.
 *   <li><b>delivery_drop</b>: the share delivered of an hour's messages against that of the 7 days
 *       before, for all messages and for each carrier. Hours are judged once, in their order.
 *   <li><b>silent_input</b>: a topic delivers nothing although the sends since its last event would
 *       have brought a number at its usual rate; or no event arrives at all. Judged every 10
 *       minutes.
 *   <li><b>unknown_scope</b>: opt-outs of a scope that no list has, once a day; see {@link
 *       UnknownScopes}.
 * </ul>
 *
 * <p><b>No storm after a back-fill.</b> A finding is always kept, but it is published only if its
 * instant is recent by the wall clock: history is for the tables, an alert is for what can still be
 * acted on. For silence recent means an hour, since live silence is found when it happens.
 */
public final class AlertRules {
  /** Length of the buckets in which silence is looked for. */
  static final long SILENCE_BUCKET_MILLIS = 600_000;

  private static final long SILENCE_KEPT_MILLIS = RowDeltas.DAY_MILLIS;
  private static final long SILENCE_MAX_AGE_MILLIS = RowDeltas.HOUR_MILLIS;
  private static final long BASELINE_MILLIS = 7 * RowDeltas.DAY_MILLIS;

  private AlertRules() {}

  /** What a series of counts belongs to: the key under which it is watched. */
  public static RowKey subject(RowKey key) {
    return key.table() == CountTable.OPT_OUT_RATE
        ? key
        : new RowKey(key.table(), 0, 0, key.list(), key.campaign(), key.part(), key.errorClass());
  }

  /**
   * Takes counts.
   *
   * @param now the instant in event time
   * @param clock the wall clock
   */
  public static void count(
      RowDelta delta,
      Watched watched,
      long now,
      long clock,
      ListHealthPolicy policy,
      Consumer<Alert> out) {
    RowKey key = delta.key();
    watched.add(key.start(), delta.counts());
    switch (key.table()) {
      case OPT_OUT_RATE -> {
        if (now < closes(key)) {
          optOutRate(key, watched, Math.max(now, key.start()), clock, policy, out);
        }
      }
      case DELIVERY_RATE -> watched.expire(now - BASELINE_MILLIS - RowDeltas.DAY_MILLIS);
      case SCOPE -> UnknownScopes.count(watched);
      default -> watched.expire(now - SILENCE_KEPT_MILLIS);
    }
  }

  /** When to {@link #evaluate} next, in event time; {@link Long#MAX_VALUE} for never. */
  public static long nextEvaluation(
      RowKey subject, Watched watched, long now, ListHealthPolicy policy) {
    return switch (subject.table()) {
      case OPT_OUT_RATE -> closes(subject);
      case DELIVERY_RATE -> nextHour(watched, policy.deliveryDrop());
      case SCOPE -> UnknownScopes.nextLook(watched);
      default ->
          watched.buckets == 0
              ? Long.MAX_VALUE
              : bucket(Math.max(now, watched.start[0])) + SILENCE_BUCKET_MILLIS;
    };
  }

  /**
   * Judges what time alone changes.
   *
   * @return false if there is nothing more to keep
   */
  public static boolean evaluate(
      RowKey subject,
      Watched watched,
      long now,
      long clock,
      ListHealthPolicy policy,
      Consumer<Alert> out) {
    switch (subject.table()) {
      case OPT_OUT_RATE -> {
        watched.level = 0;
        publish(subject, watched, now, clock, null, policy, out);
        return false;
      }
      case DELIVERY_RATE -> {
        deliveryDrop(subject, watched, now, clock, policy, out);
        watched.expire(now - BASELINE_MILLIS - RowDeltas.DAY_MILLIS);
      }
      case SCOPE -> {
        return UnknownScopes.look(
            watched, now, day -> unknownScope(subject, watched, day, now, clock, policy, out));
      }
      default -> {
        silence(subject, watched, now, clock, policy, out);
        watched.expire(now - SILENCE_KEPT_MILLIS);
      }
    }
    return watched.buckets > 0 || watched.level > 0 || watched.published > 0;
  }

  /** What was measured, the threshold, and what they rest on. */
  private record Finding(
      double value, double threshold, AlertSeverity severity, Map<String, Object> evidence) {}

  // Opt-outs.

  /** When the last send of the day has had its 72 hours. */
  private static long closes(RowKey key) {
    return key.start() + RowDeltas.DAY_MILLIS + RecipientFacts.COHORT_MILLIS;
  }

  private static void optOutRate(
      RowKey key,
      Watched watched,
      long now,
      long clock,
      ListHealthPolicy policy,
      Consumer<Alert> out) {
    OptOutRate rule = policy.optOutRate();
    long sends = watched.first[0];
    long optOuts = watched.second[0];
    if (sends < rule.minimumSends() || optOuts < rule.minimumOptOuts()) {
      return;
    }
    double rate = (double) optOuts / sends;
    List<Level> levels = rule.levels();
    int level = Math.min(watched.level, levels.size());
    while (level < levels.size() && rate >= levels.get(level).at()) {
      level++;
    }
    while (level > 0 && rate < levels.get(level - 1).at() * policy.hysteresis()) {
      level--;
    }
    watched.level = level;
    Level crossed = levels.get(Math.max(0, level - 1));
    Map<String, Object> evidence = new LinkedHashMap<>();
    evidence.put("day", day(key.start()));
    evidence.put("list_id", key.list());
    if (!key.campaign().isEmpty()) {
      evidence.put("campaign_id", key.campaign());
    }
    evidence.put("sends", sends);
    evidence.put("opt_outs", optOuts);
    Finding finding = new Finding(rate, crossed.at(), crossed.severity(), evidence);
    publish(key, watched, now, clock, finding, policy, out);
  }

  private static String day(long instant) {
    return LocalDate.ofInstant(Instant.ofEpochMilli(instant), ZoneOffset.UTC).toString();
  }

  // Delivery.

  private static long nextHour(Watched watched, DeliveryDrop rule) {
    for (int i = 0; i < watched.buckets; i++) {
      if (watched.start[i] >= watched.mark) {
        return judged(watched.start[i], rule);
      }
    }
    // With an alert and no traffic, a day later it is over.
    return watched.level > 0 ? watched.mark + RowDeltas.DAY_MILLIS : Long.MAX_VALUE;
  }

  /** When an hour is judged. */
  private static long judged(long hour, DeliveryDrop rule) {
    return hour + RowDeltas.HOUR_MILLIS + rule.settleMillis();
  }

  private static void deliveryDrop(
      RowKey subject,
      Watched watched,
      long now,
      long clock,
      ListHealthPolicy policy,
      Consumer<Alert> out) {
    DeliveryDrop rule = policy.deliveryDrop();
    for (int i = 0; i < watched.buckets; i++) {
      if (watched.start[i] >= watched.mark && judged(watched.start[i], rule) <= now) {
        watched.mark = watched.start[i] + RowDeltas.HOUR_MILLIS;
        hour(subject, watched, i, clock, policy, out);
      }
    }
    if (watched.level > 0 && now >= watched.mark + RowDeltas.DAY_MILLIS) {
      watched.level = 0;
      publish(subject, watched, now, clock, null, policy, out);
    }
  }

  private static void hour(
      RowKey subject,
      Watched watched,
      int hour,
      long clock,
      ListHealthPolicy policy,
      Consumer<Alert> out) {
    DeliveryDrop rule = policy.deliveryDrop();
    long before = 0;
    long deliveredBefore = 0;
    for (int i = 0; i < hour; i++) {
      if (watched.start[i] >= watched.start[hour] - BASELINE_MILLIS) {
        before += watched.first[i];
        deliveredBefore += watched.second[i];
      }
    }
    if (watched.first[hour] < rule.minimumMessages() || before < rule.minimumBaseline()) {
      return;
    }
    double usual = (double) deliveredBefore / before;
    double rate = (double) watched.second[hour] / watched.first[hour];
    double drop = usual - rate;
    if (drop >= rule.points()) {
      watched.level = 1;
      watched.calm = 0;
    } else if (watched.level > 0 && drop < rule.points() * policy.hysteresis()) {
      watched.calm++;
      watched.level = watched.calm >= rule.calmHours() ? 0 : 1;
    }
    Map<String, Object> evidence = new LinkedHashMap<>();
    evidence.put("hour", Instant.ofEpochMilli(watched.start[hour]).toString());
    if (!subject.part().isEmpty()) {
      evidence.put("carrier", subject.part());
    }
    evidence.put("messages", watched.first[hour]);
    evidence.put("delivered", watched.second[hour]);
    evidence.put("messages_before", before);
    evidence.put("delivered_before", deliveredBefore);
    Finding finding = new Finding(rate, usual - rule.points(), AlertSeverity.CRITICAL, evidence);
    publish(subject, watched, judged(watched.start[hour], rule), clock, finding, policy, out);
  }

  // Silence.

  private static long bucket(long instant) {
    return instant - Math.floorMod(instant, SILENCE_BUCKET_MILLIS);
  }

  private static void silence(
      RowKey subject,
      Watched watched,
      long now,
      long clock,
      ListHealthPolicy policy,
      Consumer<Alert> out) {
    SilentInput rule = policy.silentInput();
    boolean all = subject.part().isEmpty();
    long silentSince = Long.MIN_VALUE;
    long sends = 0;
    long events = 0;
    long sendsSince = 0;
    for (int i = 0; i < watched.buckets && watched.start[i] < now; i++) {
      if (watched.second[i] > 0) {
        silentSince = watched.start[i] + SILENCE_BUCKET_MILLIS;
        sendsSince = 0;
      } else if (watched.start[i] + 2 * SILENCE_BUCKET_MILLIS <= now) {
        // What was sent a moment ago may still bring something.
        sendsSince += watched.first[i];
      }
      sends += watched.first[i];
      events += watched.second[i];
    }
    if (silentSince == Long.MIN_VALUE || (watched.level > 0 && silentSince == watched.mark)) {
      // Nothing ever came within memory, or it is the silence that is known.
      return;
    }
    double expected = (double) events * sendsSince / Math.max(1, sends - sendsSince);
    long after = all ? rule.allAfterMillis() : rule.afterMillis();
    boolean missed = all ? events >= rule.minimumEvents() : expected >= rule.minimumExpected();
    long silent = now - silentSince;
    watched.level = silent >= after && missed ? 1 : 0;
    watched.mark = silentSince;
    Map<String, Object> evidence = new LinkedHashMap<>();
    evidence.put("topic", all ? "all" : subject.part());
    evidence.put("silent_since", Instant.ofEpochMilli(silentSince).toString());
    if (!all) {
      evidence.put("sends_since", sendsSince);
      evidence.put("expected_events", Math.round(expected));
    }
    Finding finding =
        new Finding(silent / 60_000.0, after / 60_000.0, AlertSeverity.CRITICAL, evidence);
    publish(subject, watched, now, clock, finding, policy, out);
  }

  // Scopes.

  private static void unknownScope(
      RowKey subject,
      Watched watched,
      long day,
      long now,
      long clock,
      ListHealthPolicy policy,
      Consumer<Alert> out) {
    Map<String, Object> evidence = new LinkedHashMap<>();
    evidence.put("day", day(day));
    evidence.put("scope", subject.list());
    evidence.put("reason", "no list of this name has been texted, and no policy names it");
    Finding finding = new Finding(1, 0, AlertSeverity.WARNING, evidence);
    watched.level = 1;
    RowKey ofDay = new RowKey(subject.table(), day, 0, subject.list(), "", "", "");
    publish(ofDay, watched, now, clock, finding, policy, out);
    // Each day's alert stands by itself, and nothing ends it.
    watched.level = 0;
    watched.published = 0;
  }

  // Publishing.

  /**
   * Publishes what has changed; without a finding where it ends because nothing can come any more.
   */
  private static void publish(
      RowKey subject,
      Watched watched,
      long at,
      long clock,
      Finding finding,
      ListHealthPolicy policy,
      Consumer<Alert> out) {
    long maxAge =
        subject.table() == CountTable.SILENCE
            ? Math.min(SILENCE_MAX_AGE_MILLIS, policy.maxAgeMillis())
            : policy.maxAgeMillis();
    boolean recent = at >= clock - maxAge;
    boolean ends = watched.published > 0 && watched.level == 0;
    if (watched.level == watched.published || !(recent || ends)) {
      return;
    }
    watched.published = watched.level;
    watched.alerts++;
    watched.seq = Math.max(watched.seq + 1, clock * 1_000);
    String id = id(subject);
    AlertState state = ends ? AlertState.RESOLVED : AlertState.FIRING;
    boolean measured = finding != null;
    out.accept(
        new Alert(
            Long.toHexString(IdHash.hash(id + "|" + watched.alerts + "|" + state)),
            at,
            clock,
            List.of(),
            watched.seq,
            policy.version(),
            id,
            kind(subject.table()),
            ends || !measured ? AlertSeverity.INFO : finding.severity(),
            name(subject),
            measured ? finding.value() : null,
            measured ? finding.threshold() : null,
            state,
            measured ? finding.evidence() : null));
  }

  private static String kind(CountTable table) {
    return switch (table) {
      case OPT_OUT_RATE -> "opt_out_rate";
      case DELIVERY_RATE -> "delivery_drop";
      case SCOPE -> "unknown_scope";
      default -> "silent_input";
    };
  }

  private static String id(RowKey subject) {
    return kind(subject.table())
        + "|"
        + (subject.start() > 0 ? day(subject.start()) + "|" : "")
        + name(subject);
  }

  private static String name(RowKey subject) {
    if (subject.table() == CountTable.OPT_OUT_RATE) {
      return subject.campaign().isEmpty()
          ? subject.list()
          : subject.list() + "/" + subject.campaign();
    }
    if (subject.table() == CountTable.SCOPE) {
      return subject.list();
    }
    return subject.part().isEmpty() ? "all" : subject.part();
  }
}
