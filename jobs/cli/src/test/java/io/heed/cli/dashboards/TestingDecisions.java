package io.heed.cli.dashboards;

import io.heed.core.model.Alert;
import io.heed.core.model.AlertSeverity;
import io.heed.core.model.AlertState;
import io.heed.core.model.CapSource;
import io.heed.core.model.CapState;
import io.heed.core.model.Category;
import io.heed.core.model.Decision;
import io.heed.core.model.EffectScale;
import io.heed.core.model.ExperimentDecision;
import io.heed.core.model.ExperimentResultRow;
import io.heed.core.model.ExperimentState;
import io.heed.core.model.FrequencyCapDecision;
import io.heed.core.model.GuardrailStatus;
import io.heed.core.model.Heartbeat;
import io.heed.core.model.HeldBy;
import io.heed.core.model.IncrementalLiftRow;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.MessageValue;
import io.heed.core.model.OptOut;
import io.heed.core.model.OptOutMethod;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.RecipientSignal;
import io.heed.core.model.SendRequest;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.Signal;
import io.heed.core.model.SignalState;
import io.heed.core.model.SuppressionDecision;
import io.heed.core.model.SuppressionState;
import io.heed.core.model.Topic;
import io.heed.core.model.VariantEstimate;
import io.heed.core.model.Verdict;
import io.heed.core.optimizer.ValueVerdict;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * What a send gate says, of each kind something, and a message that was read: so that the
 * dashboards have rows of all kinds, breaches too, which a gate that is used does not let happen.
 */
final class TestingDecisions {
  private static final long HOUR = 3_600_000;

  private final KafkaProducer<byte[], byte[]> producer;
  private final long now;

  private TestingDecisions(KafkaProducer<byte[], byte[]> producer, long now) {
    this.producer = producer;
    this.now = now;
  }

  static void publish(String kafka, long now) {
    Properties properties = new Properties();
    properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      new TestingDecisions(producer, now).publish();
    }
  }

  private void publish() {
    Map<Verdict, List<ReasonCode>> reasons =
        Map.of(
            Verdict.ALLOW, List.of(ReasonCode.WITHIN_POLICY),
            Verdict.DEFER, List.of(ReasonCode.CAP_REACHED, ReasonCode.QUIET_HOURS),
            Verdict.DENY, List.of(ReasonCode.OPTED_OUT, ReasonCode.NO_CONSENT, ReasonCode.HOLDOUT));
    List<String> breaches =
        List.of(
            "sent_after_suppression",
            "sent_in_quiet_hours",
            "sent_above_cap",
            "sent_above_state_cap",
            "sent_to_holdout");
    for (int i = 0; i < 400; i++) {
      long at = now - HOUR * i;
      String recipient = "gated-" + i;
      Verdict verdict = i % 4 == 0 ? Verdict.values()[1 + i / 4 % 2] : Verdict.ALLOW;
      send(
          Topic.SEND_VERDICT,
          new SendVerdict(
              "v" + i,
              at,
              now,
              List.of(reasons.get(verdict).get(i % reasons.get(verdict).size())),
              i + 1,
              null,
              "q" + i,
              recipient,
              verdict,
              null,
              at + HOUR,
              null,
              null));
      if (i % 5 == 0) {
        send(
            Topic.FREQUENCY_CAP,
            new FrequencyCapDecision(
                "f" + i,
                at,
                now,
                List.of(ReasonCode.CAP_REACHED),
                1,
                null,
                recipient,
                Category.PROMOTIONAL,
                i % 2 == 0 ? "deals" : "*",
                CapState.CAPPED,
                0,
                now + HOUR,
                null,
                i % 3 == 0 ? CapSource.STATE_LAW : CapSource.FIXED));
      }
      if (i % 8 == 0) {
        record(
            Topic.OPT_OUT,
            recipient,
            JsonCodec.of(OptOut.class)
                .write(new OptOut("o" + i, at, recipient, "*", OptOutMethod.KEYWORD, null)));
      }
    }
    // A suppression is never older than its cause.
    producer.flush();
    for (int i = 0; i < 400; i += 8) {
      suppress(i, now - HOUR * i, "gated-" + i, System.currentTimeMillis());
    }
    for (int i = 0; i < 15; i++) {
      send(Topic.ALERT, breach(breaches.get(i % 5), i));
    }
    send(Topic.ALERT, invalidOptOut());
    hot("gated-0", SignalState.SET, now + HOUR);
    hot("gated-1", SignalState.SET, now + HOUR);
    hot("gated-2", SignalState.SET, now - HOUR);
    hot("gated-3", SignalState.CLEARED, now + HOUR);
    read();
    for (String metric : List.of("converting", "revenue")) {
      lift(metric);
    }
    for (String metric : List.of("net_value", "revenue", "converting", "opt_out")) {
      earned(metric);
    }
    // Also of a day whose week is over, which other policies are weighed by.
    valued(2 * HOUR, null);
    valued(240 * HOUR, null);
    valued(241 * HOUR, Verdict.DEFER);
    experiment("optimizer|deals|1", ExperimentState.RUNNING, null, List.of());
    experiment(
        "z-held", ExperimentState.RUNNING, new HeldBy("opt-out", "offer", 52_000), List.of());
    experiment(
        "z-unshown", ExperimentState.EXPIRED, null, List.of("non-inferiority of opt-out in offer"));
    for (int partition = 0; partition < 4; partition++) {
      record(
          Topic.HEARTBEAT,
          Integer.toString(partition),
          JsonCodec.of(Heartbeat.class)
              .write(new Heartbeat(partition, now, true, now, null, null)));
    }
  }

  /** A decision about an experiment, and the row of its variant. */
  private void experiment(String id, ExperimentState state, HeldBy held, List<String> notShown) {
    ReasonCode reason =
        state == ExperimentState.RUNNING ? ReasonCode.COLLECTING : ReasonCode.HORIZON_REACHED;
    send(
        Topic.EXPERIMENT,
        new ExperimentDecision(
            "d-" + id,
            now - HOUR,
            now,
            List.of(reason),
            1,
            "h",
            id,
            state,
            null,
            state != ExperimentState.RUNNING,
            0,
            now - HOUR,
            Map.of("control", 0.5, "offer", 0.5),
            List.of(new VariantEstimate("offer", 100, 10, 0.1, 0.2, 0.1, 0.3, null, 0.01, null)),
            List.of(
                new GuardrailStatus("complaint", "offer", false, true, 1.0),
                new GuardrailStatus("opt-out", "offer", false, false, 0.6)),
            0.5,
            0,
            held,
            notShown,
            null));
    ExperimentResultRow row =
        new ExperimentResultRow(
            ExperimentResultRow.TABLE,
            1,
            id,
            "offer",
            "click",
            now - HOUR,
            100,
            10,
            0.1,
            0.2,
            0.1,
            0.3,
            EffectScale.RELATIVE,
            0.01,
            state,
            null,
            false,
            0,
            0,
            held == null ? null : held.guardrail(),
            held == null ? 0 : held.recipientsMissing());
    record(Topic.EXPERIMENT_RESULT, row.key(), JsonCodec.of(ExperimentResultRow.class).write(row));
  }

  /** What the attribution of a programme with a hold-out says. */
  private void lift(String metric) {
    double unit = metric.equals("revenue") ? 1e6 : 0.01;
    IncrementalLiftRow row =
        new IncrementalLiftRow(
            IncrementalLiftRow.TABLE,
            1,
            "programme",
            "2026-h1",
            metric,
            now - HOUR,
            9_500,
            500,
            4 * unit,
            3 * unit,
            2 * unit,
            unit,
            0.2 * unit,
            1.8 * unit,
            0.01);
    record(Topic.ATTRIBUTION_RESULT, row.key(), JsonCodec.of(IncrementalLiftRow.class).write(row));
  }

  /** What the optimizer of a list earns against its control. */
  private void earned(String metric) {
    double unit = metric.equals("net_value") || metric.equals("revenue") ? 1e6 : 0.01;
    IncrementalLiftRow row =
        new IncrementalLiftRow(
            IncrementalLiftRow.TABLE,
            1,
            "optimizer|deals|1",
            "optimised",
            metric,
            now - HOUR,
            5_000,
            5_000,
            4 * unit,
            3 * unit,
            0,
            unit,
            0.2 * unit,
            1.8 * unit,
            0.01);
    record(Topic.ATTRIBUTION_RESULT, row.key(), JsonCodec.of(IncrementalLiftRow.class).write(row));
  }

  /**
   * Requests that the optimizer had a part in, and what it found.
   *
   * @param shadow what it would decide, in the mode shadow; else null
   */
  private void valued(long ago, Verdict shadow) {
    for (ValueVerdict.Cause cause : ValueVerdict.Cause.values()) {
      if (cause == ValueVerdict.Cause.NO_MODEL) {
        continue;
      }
      String id = "valued-" + cause + ago;
      boolean sent = List.of("PILOT", "WANTED", "EXPLORED").contains(cause.name());
      SendRequest request =
          new SendRequest(
              "e-" + id,
              now - ago,
              id,
              "q-" + id,
              "weekend-deals",
              "deals",
              Category.PROMOTIONAL,
              null,
              null,
              null,
              null,
              null,
              null);
      record(Topic.SEND_REQUEST, id, JsonCodec.of(SendRequest.class).write(request));
      send(
          Topic.SEND_VERDICT,
          new SendVerdict(
              "v-" + id,
              now - ago,
              now,
              List.of(sent ? ReasonCode.WITHIN_POLICY : ReasonCode.LOW_VALUE),
              1,
              null,
              "q-" + id,
              id,
              sent ? Verdict.ALLOW : Verdict.DEFER,
              null,
              now - ago + HOUR,
              null,
              null,
              shadow == null ? 0.98 : null,
              "v",
              shadow,
              "deals",
              new MessageValue(cause.name(), 40_000, 0.011, 9_100_000)));
    }
  }

  private void suppress(int i, long at, String recipient, long emittedAt) {
    send(
        Topic.SUPPRESSION,
        new SuppressionDecision(
            "s" + i,
            at,
            emittedAt,
            List.of(ReasonCode.OPTED_OUT),
            1,
            null,
            recipient,
            "*",
            SuppressionState.SUPPRESSED,
            "KEYWORD",
            at,
            null));
  }

  private Alert breach(String kind, int i) {
    Map<String, Object> evidence =
        new HashMap<>(
            Map.of(
                "recipient_id",
                "gated-" + i,
                "message_id",
                "m" + i,
                "campaign_id",
                "weekend-deals",
                "list_id",
                "deals",
                "sent_at",
                now - 60_000L * i,
                "rule",
                "quiet hours"));
    if (!kind.equals("sent_to_holdout")) {
      evidence.put("exposure_usd_low", 500);
      evidence.put("exposure_usd_high", 1_500);
    }
    return new Alert(
        "a" + i,
        now - 60_000L * i,
        now,
        List.of(ReasonCode.QUIET_HOURS),
        1,
        null,
        kind + "|m" + i,
        kind,
        AlertSeverity.CRITICAL,
        "weekend-deals",
        null,
        null,
        AlertState.FIRING,
        evidence);
  }

  private Alert invalidOptOut() {
    return new Alert(
        "invalid",
        now,
        now,
        List.of(ReasonCode.OPTED_OUT),
        1,
        null,
        "invalid_opt_out|sms.opt-out|3|135",
        "invalid_opt_out",
        AlertSeverity.CRITICAL,
        "sms.opt-out|3|135",
        null,
        null,
        AlertState.FIRING,
        Map.of(
            "record",
            "sms.opt-out|3|135",
            "reason",
            "scope: 'everything and more' is too long",
            "suppressed",
            true,
            "recipient_id",
            "gated-3"));
  }

  /** Interest of two weeks ago. */
  private void hot(String recipient, SignalState state, long until) {
    send(
        Topic.RECIPIENT_SIGNAL,
        new RecipientSignal(
            "hot-" + recipient,
            now - 14 * 24 * HOUR,
            now,
            List.of(),
            1,
            null,
            recipient,
            Signal.HOT,
            state,
            12.0,
            "bought once, clicked once",
            until));
  }

  @SuppressWarnings("unchecked")
  private <T extends Decision> void send(Topic topic, T decision) {
    record(topic, decision.key(), JsonCodec.of((Class<T>) decision.getClass()).write(decision));
  }

  /** The simulator's texts do not come back as read; a message by RCS does. */
  private void read() {
    reader(Topic.SEND, "'campaign_id':'rcs','list_id':'deals','category':'PROMOTIONAL'");
    reader(Topic.DELIVERY, "'status':'READ','channel':'rcs'");
  }

  private void reader(Topic topic, String fields) {
    String event =
        "{'recipient_id':'reader','message_id':'read','event_id':'"
            + topic
            + "','event_time':"
            + (now - 100 * HOUR)
            + ","
            + fields
            + "}";
    record(topic, "reader", event.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  private void record(Topic topic, String key, byte[] value) {
    var unused =
        producer.send(
            new ProducerRecord<>(topic.baseName(), key.getBytes(StandardCharsets.UTF_8), value));
  }
}
