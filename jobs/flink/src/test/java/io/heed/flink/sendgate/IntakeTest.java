package io.heed.flink.sendgate;

import static io.heed.flink.sendgate.TestingGateTask.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.experiments.ExperimentAllocation.PriorAssignment;
import io.heed.core.gate.ConsentMethod;
import io.heed.core.gate.GateEvent;
import io.heed.core.gate.GateEvent.Clicked;
import io.heed.core.gate.GateEvent.Consented;
import io.heed.core.gate.GateEvent.Exposed;
import io.heed.core.gate.GateEvent.HelpRequested;
import io.heed.core.gate.GateEvent.Invalid;
import io.heed.core.gate.GateEvent.Receipt;
import io.heed.core.gate.GateEvent.Revoked;
import io.heed.core.gate.GateEvent.Sent;
import io.heed.core.gate.RevocationMethod;
import io.heed.core.model.Alert;
import io.heed.core.model.AlertSeverity;
import io.heed.core.model.ConfigVersion;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import io.heed.core.rules.ErrorClass;
import io.heed.flink.streaming.Input;
import io.heed.flink.streaming.Output;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class IntakeTest {
  private OneInputStreamOperatorTestHarness<Input, GateInput> harness;
  private long offset;

  @BeforeEach
  void open() throws Exception {
    harness = new OneInputStreamOperatorTestHarness<>(new Intake());
    harness.setProcessingTime(NOON);
    harness.setup(GateInput.TYPE.createSerializer(null));
    harness.open();
  }

  @AfterEach
  void close() throws Exception {
    harness.close();
  }

  @Test
  void repliesBecomeWhatTheyMean() throws Exception {
    assertThat(reply("STOP", "m1"))
        .isEqualTo(new Revoked("r1", NOON, null, "m1", RevocationMethod.KEYWORD));
    assertThat(reply("please take me off your list", null))
        .isEqualTo(new Revoked("r1", NOON, null, null, RevocationMethod.FUZZY));
    assertThat(reply("Wrong number", "m1"))
        .isEqualTo(new Revoked("r1", NOON, "*", "m1", RevocationMethod.WRONG_NUMBER));
    assertThat(reply("START", "m1"))
        .isEqualTo(new Consented("r1", NOON, null, "m1", ConsentMethod.KEYWORD));
    assertThat(reply("YES", "m1"))
        .isEqualTo(new Consented("r1", NOON, null, "m1", ConsentMethod.YES));
    assertThat(reply("HELP", "m1")).isEqualTo(new HelpRequested("r1", NOON));
    assertThat(reply("lovely shoes", "m1")).isNull();
  }

  @Test
  void onlyReceiptsThatDecideArePassedOn() throws Exception {
    assertThat(delivery("SENT", "")).isNull();
    assertThat(((Receipt) delivery("DELIVERED", "")).error()).isEqualTo(ErrorClass.NONE);
    assertThat(((Receipt) delivery("UNDELIVERED", "30005")).error())
        .isEqualTo(ErrorClass.INVALID_NUMBER);
    Receipt read = (Receipt) delivery("READ", "30005");
    assertThat(read.status()).isEqualTo(DeliveryStatus.READ);
    assertThat(read.error()).isEqualTo(ErrorClass.NONE);
  }

  @Test
  void clicksOfPeopleOnMessagesArePassedOn() throws Exception {
    String click = "{\"event_id\":\"e\",\"event_time\":%d,\"recipient_id\":\"r1\"%s}";
    assertThat(take(Topic.CLICK, "r1", click.formatted(NOON, ",\"message_id\":\"m\"")))
        .isEqualTo(new Clicked("r1", NOON, "m", false));
    String agent = ",\"message_id\":\"m\",\"user_agent\":\"%s\"";
    assertThat(take(Topic.CLICK, "r1", click.formatted(NOON, agent.formatted("iPhone"))))
        .isEqualTo(new Clicked("r1", NOON, "m", true));
    assertThat(take(Topic.CLICK, "r1", click.formatted(NOON, agent.formatted("Googlebot/2.1"))))
        .isNull();
    assertThat(take(Topic.CLICK, "r1", click.formatted(NOON, ""))).isNull();
  }

  @Test
  void aSendIsLiveIfItIsReportedWithinFiveMinutes() throws Exception {
    String send =
        """
        {"event_id":"e","event_time":%d,"recipient_id":"r1","message_id":"m","campaign_id":"c",
         "list_id":"l","category":"PROMOTIONAL"}""";
    assertThat(((Sent) take(Topic.SEND, "r1", send.formatted(NOON - 300_000))).live()).isTrue();
    assertThat(((Sent) take(Topic.SEND, "r1", send.formatted(NOON - 300_001))).live()).isFalse();
  }

  @Test
  void exposuresArePassedOnWithAndWithoutAMessage() throws Exception {
    String more = "\"experiment_id\":\"x1\",\"variant_id\":\"b\",\"epoch\":2}";
    Sent sent =
        (Sent)
            take(
                Topic.SEND,
                "r1",
                """
                {"event_id":"e","event_time":%d,"recipient_id":"r1","message_id":"m",
                 "campaign_id":"c","list_id":"l","category":"PROMOTIONAL","""
                        .formatted(NOON)
                    + more);
    assertThat(sent.exposure()).isEqualTo(new PriorAssignment("x1", "b", 2));
    assertThat(
            take(
                Topic.ASSIGNMENT,
                "r1",
                "{\"event_id\":\"e\",\"event_time\":%d,\"recipient_id\":\"r1\",".formatted(NOON)
                    + more))
        .isEqualTo(new Exposed("r1", NOON, new PriorAssignment("x1", "b", 2)));
  }

  @Test
  void optOutsFailSafe() throws Exception {
    assertThat(take(Topic.OPT_OUT, "r1", "{\"recipient_id\":\"r2\",\"scope\":\"l\"}"))
        .isEqualTo(new Revoked("r2", NOON, "l", null, RevocationMethod.UNREADABLE));
    assertThat(take(Topic.OPT_OUT, "r1", "not json"))
        .isEqualTo(new Revoked("r1", NOON, "*", null, RevocationMethod.UNREADABLE));
    assertThat(
            take(
                Topic.OPT_OUT,
                "r1",
                "{\"event_id\":\"e\",\"event_time\":%d,\"recipient_id\":\"r1\",\"scope\":7,"
                        .formatted(NOON - 5)
                    + "\"method\":\"COMPLAINT\"}"))
        .isEqualTo(new Revoked("r1", NOON - 5, "7", null, RevocationMethod.COMPLAINT));
    assertThat(take(Topic.OPT_OUT, null, "{\"recipient_id\":\"r3\",\"scope\":\"l\",\"meth"))
        .isEqualTo(new Revoked("r3", NOON, "l", null, RevocationMethod.UNREADABLE));
    assertThat(take(Topic.REPLY, "r1", "{\"body\":\"STOP\",\"event_time\":17")).isNotNull();
    assertThat(take(Topic.OPT_OUT, "r1", null))
        .isEqualTo(new Revoked("r1", NOON, "*", null, RevocationMethod.UNREADABLE));
    assertThat(take(Topic.REPLY, "r1", "{\"body\":\"stop\",\"event_time\":\"yesterday\"}"))
        .isEqualTo(new Revoked("r1", NOON, null, null, RevocationMethod.KEYWORD));
    assertThat(take(Topic.REPLY, "r1", "{\"body\":\"hello\"}")).isNull();
    assertThat(take(Topic.OPT_OUT, null, "{}")).isNull();
    assertThat(alerts()).hasSize(8);
    assertThat(alerts())
        .allMatch(
            alert ->
                alert.kind().equals("invalid_opt_out")
                    && alert.severity() == AlertSeverity.CRITICAL);
  }

  @Test
  void consentCountsFromTheSmallerOfItsInstantAndItsAppendTime() throws Exception {
    String ahead =
        "{\"event_id\":\"e\",\"recipient_id\":\"r1\",\"event_time\":%d,"
            .formatted(NOON + 36_000_000);
    assertThat(take(Topic.OPT_IN, "r1", ahead + "\"scope\":\"l\",\"method\":\"WEB\"}"))
        .isEqualTo(new Consented("r1", NOON, "l", null, ConsentMethod.WEB));
    assertThat(take(Topic.OPT_OUT, "r1", ahead + "\"scope\":\"l\",\"method\":\"WEB\"}"))
        .isEqualTo(new Revoked("r1", NOON, "l", null, RevocationMethod.WEB));
    assertThat(take(Topic.REPLY, "r1", ahead + "\"body\":\"STOP\"}"))
        .isEqualTo(new Revoked("r1", NOON, null, null, RevocationMethod.KEYWORD));
    assertThat(take(Topic.REPLY, "r1", ahead + "\"body\":\"START\"}"))
        .isEqualTo(new Consented("r1", NOON, null, null, ConsentMethod.KEYWORD));
    // Broken beside: the same timestamp.
    assertThat(take(Topic.OPT_OUT, "r1", ahead + "\"scope\":\"l\",\"method\":\"FAX\"}"))
        .isEqualTo(new Revoked("r1", NOON, "l", null, RevocationMethod.UNREADABLE));
  }

  @Test
  void anInvalidRequestThatCanBeReadIsRefused() throws Exception {
    assertThat(
            take(
                Topic.SEND_REQUEST,
                "r1",
                "{\"request_id\":\"q1\",\"recipient_id\":\"r1\",\"category\":\"SPAM\","
                    + "\"event_time\":%d}".formatted(NOON - 5)))
        .isEqualTo(new Invalid("r1", NOON - 5, "q1"));
    assertThat(take(Topic.SEND_REQUEST, "r1", "{\"request_id\":\"q1\",\"recip"))
        .as("the recipient by the key")
        .isEqualTo(new Invalid("r1", NOON, "q1"));
    assertThat(take(Topic.SEND_REQUEST, "r1", "{\"recipient_id\":\"r1\"}")).isNull();
    assertThat(take(Topic.SEND_REQUEST, null, "{\"request_id\":\"q1\"}")).isNull();
    assertThat(take(Topic.SEND_REQUEST, "r1", "not json")).isNull();
  }

  @Test
  void optOutsBeyondTheBoundsSuppress() throws Exception {
    String longText = "x".repeat(600_000);
    String optOut =
        "{\"event_id\":\"e\",\"event_time\":%s,\"recipient_id\":\"%s\",\"scope\":\"%s\",\"method\":\"WEB\"}";
    assertThat(take(Topic.OPT_OUT, "r1", optOut.formatted(NOON - 5, "r2", longText)))
        .isEqualTo(new Revoked("r2", NOON - 5, "*", null, RevocationMethod.WEB));
    assertThat(take(Topic.OPT_OUT, "r1", optOut.formatted(NOON - 5, longText, "l")))
        .isEqualTo(new Revoked("r1", NOON - 5, "l", null, RevocationMethod.WEB));
    assertThat(take(Topic.OPT_OUT, longText, optOut.formatted(NOON - 5, longText, "l"))).isNull();
    assertThat(take(Topic.OPT_OUT, "r1", optOut.formatted("1e99999999999", "r2", "l")))
        .isEqualTo(new Revoked("r2", NOON, "l", null, RevocationMethod.WEB));
    assertThat(take(Topic.OPT_OUT, "r1", optOut.formatted(NOON, "\\ud83d", "\\ud83d")))
        .isEqualTo(new Revoked("r1", NOON, "*", null, RevocationMethod.WEB));
    assertThat(take(Topic.OPT_OUT, "r1", "{\"x\":" + "[".repeat(500_000)))
        .isEqualTo(new Revoked("r1", NOON, "*", null, RevocationMethod.UNREADABLE));
    assertThat(
            take(
                Topic.REPLY,
                "r1",
                "{\"message_id\":\"%s\",\"body\":\"STOP %s\"}"
                    .formatted(longText, " ".repeat(9_000))))
        .isEqualTo(new Revoked("r1", NOON, null, null, RevocationMethod.KEYWORD));
    assertThat(take(Topic.REPLY, "r1", "{\"body\":\"stop \\ud83d\"}")).isInstanceOf(Revoked.class);
    assertThat(alerts()).hasSize(8);
    for (StreamRecord<Output> alert : harness.getSideOutput(Intake.ALERTS)) {
      assertThat(alert.getValue().value().length).isLessThan(10_000);
    }
  }

  @Test
  void aDocumentThatIsAllMistakesFitsItsAlert() throws Exception {
    String document =
        java.util.stream.IntStream.range(0, 20_000)
            .mapToObj(i -> "a" + i + ": 1\n")
            .collect(java.util.stream.Collectors.joining());
    take(
        TestingInputs.record(
            Topic.CONFIG,
            offset++,
            NOON,
            "k",
            new ConfigVersion("policy", "p", "h", 0, NOON, document)));
    assertThat(alerts()).hasSize(1);
    assertThat(harness.getSideOutput(Intake.ALERTS).element().getValue().value().length)
        .isLessThan(10_000);
  }

  @Test
  void aBadDocumentRaisesAnAlertWithItsMistakes() throws Exception {
    take(
        TestingInputs.record(
            Topic.CONFIG,
            offset++,
            NOON,
            "k",
            new ConfigVersion("policy", "p", "h", 0, NOON, "id: p\ncaps:\n  - {limit: 0}\n")));
    take(TestingInputs.json(Topic.CONFIG, offset++, NOON, "k", "{}"));
    take(
        TestingInputs.record(
            Topic.CONFIG, offset++, NOON, "k", new ConfigVersion("poem", "p", "h", 0, NOON, "a")));
    take(
        TestingInputs.record(
            Topic.CONFIG,
            offset++,
            NOON,
            "k",
            new ConfigVersion("policy", "p", "h", 0, NOON, "id: p")));
    List<Alert> alerts = alerts();
    assertThat(alerts).hasSize(3).allMatch(alert -> alert.kind().equals("bad_config"));
    assertThat((String) alerts.get(0).evidence().get("reason")).contains(":3:").contains("limit");
  }

  @Test
  void emitsHowFarItHasReadBehindTheRecords() throws Exception {
    reply("STOP", null);
    harness.getOutput().clear();
    harness.setProcessingTime(NOON + 200);
    List<GateInput> emitted = harness.extractOutputValues();
    assertThat(emitted).hasSize(1);
    assertThat(emitted.get(0).progress())
        .containsExactly(new GateInput.Position(TestingGateLog.part(Topic.REPLY), offset));
    harness.getOutput().clear();
    harness.setProcessingTime(NOON + 400);
    assertThat(harness.getOutput()).isEmpty();
  }

  private GateEvent reply(String body, String message) throws Exception {
    return take(
        Topic.REPLY,
        "r1",
        "{\"event_id\":\"e\",\"event_time\":%d,\"recipient_id\":\"r1\",\"body\":\"%s\"%s}"
            .formatted(NOON, body, message == null ? "" : ",\"message_id\":\"" + message + "\""));
  }

  private GateEvent delivery(String status, String error) throws Exception {
    return take(
        Topic.DELIVERY,
        "r1",
        """
        {"event_id":"e","event_time":%d,"recipient_id":"r1","message_id":"m","status":"%s",
         "error_code":"%s","vendor":"twilio"}"""
            .formatted(NOON, status, error));
  }

  private GateEvent take(Topic topic, String key, String json) throws Exception {
    return take(TestingInputs.json(topic, offset++, NOON, key, json));
  }

  private GateEvent take(Input input) throws Exception {
    harness.getOutput().clear();
    harness.processElement(new StreamRecord<>(input));
    List<GateInput> taken = harness.extractOutputValues();
    return taken.isEmpty() ? null : taken.get(0).event();
  }

  private List<Alert> alerts() throws Exception {
    List<Alert> alerts = new ArrayList<>();
    for (StreamRecord<Output> output : harness.getSideOutput(Intake.ALERTS)) {
      alerts.add((Alert) new TopicCodec().read(Topic.ALERT, output.getValue().value(), NOON));
    }
    return alerts;
  }
}
