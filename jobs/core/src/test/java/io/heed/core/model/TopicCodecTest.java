package io.heed.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicCodecTest {
  private static final long NOW = 1_750_000_000_000L;
  private final TopicCodec codec = new TopicCodec();

  @Test
  void readsASendWithDefaultsForWhatIsAbsent() throws UnreadableException {
    Send send =
        (Send)
            read(
                Topic.SEND,
                """
                {"event_id":"e1","event_time":1750000000000,"recipient_id":"r1","message_id":"m1",
                 "campaign_id":"c1","list_id":"l1","category":"PROMOTIONAL","tags":["a","b"],
                 "carrier":"","nested":{"is":["ignored"]}}""");
    assertThat(send)
        .isEqualTo(
            new Send(
                "e1",
                NOW,
                "r1",
                "m1",
                "c1",
                "l1",
                Category.PROMOTIONAL,
                null,
                null,
                null,
                null,
                null,
                null,
                1,
                0,
                null,
                List.of("a", "b")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {}                                                                      | event_id: required, but missing
          []                                                                      | not a JSON object
          {"event_id":"e"                                                         | not JSON at byte
          nonsense                                                                | not JSON at byte
          {"event_id":"e"} x                                                      | event_time: required
          {"event_id":7}                                                          | event_id: a string is needed
          {"event_id":"e","event_time":1,"recipient_id":"r","body":"b"}           | event_time: 1 is below 946684800000 (2000-01-01T00:00:00Z)
          {"event_id":"e","event_time":1e99,"recipient_id":"r","body":"b"}        | event_time: an integer of 64 bits is needed
          {"event_id":"e","event_time":1750086400001,"recipient_id":"r","body":"b"} | more than one day after the record was appended
          {"event_id":"e","event_time":1750000000000,"recipient_id":"","body":"b"}  | recipient_id: required, but empty
          """)
  void saysWhyARecordCannotBeRead(String json, String reason) {
    assertThatThrownBy(() -> read(Topic.REPLY, json))
        .isInstanceOf(UnreadableException.class)
        .hasMessageContaining(reason);
  }

  /** Some programs, such as Python's json module, escape every letter of a name. */
  @Test
  void namesMayHaveEscapedEmoji() throws UnreadableException {
    String reply =
        "{'event_id':'e','event_time':1750000000000,'recipient_id':'r','body':'b',"
            + "'\\ud83d\\ude00':{'a\\ud83d\\ude00':1}}";
    assertThat(((Reply) read(Topic.REPLY, reply.replace('\'', '"'))).body()).isEqualTo("b");
    assertThatThrownBy(() -> read(Topic.REPLY, reply.replace('\'', '"') + "}"))
        .hasMessageContaining("not JSON at byte");
  }

  @Test
  void refusesTextBehindTheObject() {
    assertThatThrownBy(
            () ->
                read(
                    Topic.REPLY,
                    "{\"event_id\":\"e\",\"event_time\":1750000000000,\"recipient_id\":\"r\",\"body\":\"b\"} {}"))
        .hasMessage("not JSON: text follows the object");
  }

  /** A number is written out as a text, which has a bound. */
  @Test
  void aRecipientThatIsANumberHasAsManyDigitsAsATextHasCharacters() throws Exception {
    String optOut =
        "{'event_id':'e','event_time':1750000000000,'recipient_id':%s,'scope':'*','method':'WEB'}"
            .replace('\'', '"');
    String most = "1".repeat(256);
    assertThat(((OptOut) read(Topic.OPT_OUT, optOut.formatted(most))).recipientId())
        .isEqualTo(most);
    assertThatThrownBy(() -> read(Topic.OPT_OUT, optOut.formatted(most + "1")))
        .isInstanceOf(UnreadableException.class)
        .hasMessageContaining("recipient_id");
  }

  @Test
  void namesTheAllowedConstantsOfAnEnum() {
    assertThatThrownBy(() -> read(Topic.DELIVERY, "{\"status\":\"LOST\"}"))
        .hasMessage(
            "status: 'LOST' is unknown, allowed: ACCEPTED, DELIVERED, EXPIRED, FAILED, READ,"
                + " SENT, UNDELIVERED, UNKNOWN");
  }

  @Test
  void aTombstoneIsUnreadable() {
    assertThatThrownBy(() -> codec.read(Topic.SEND, null, NOW)).hasMessageContaining("no value");
  }

  @Test
  void readsBackEveryKindOfFieldThatItWrites() throws UnreadableException {
    ExperimentDecision decision =
        new ExperimentDecision(
            "d",
            NOW,
            NOW + 1,
            List.of(ReasonCode.EVIDENCE_FOR_WINNER),
            7,
            "hash",
            "x",
            ExperimentState.WINNER,
            "b",
            true,
            2,
            NOW,
            Map.of("b\ud83d\ude00", 1.0),
            List.of(
                new VariantEstimate("a", 10, 1, 0.1, null, null, null, null, null, null),
                new VariantEstimate(
                    "b", 10, 3, 0.3, 2.0, 0.5, 9.0, EffectScale.RELATIVE, 0.01, 1.2)),
            List.of(new GuardrailStatus("opt-out", "b", false, true, 0.5)),
            0.7,
            3,
            new HeldBy("opt-out", "b", 12_000),
            List.of("non-inferiority of opt-out in b"),
            new TestedMetric(
                1,
                "sales",
                "conversion",
                "revenue",
                List.of(ConversionKind.PURCHASE),
                86_400_000,
                100L,
                "a",
                0.1));
    JsonCodec<ExperimentDecision> json = JsonCodec.of(ExperimentDecision.class);
    assertThat(json.read(json.write(decision))).isEqualTo(decision);
    assertThat(new String(json.write(decision), StandardCharsets.UTF_8))
        .contains(
            "\"final\":true",
            "\"sample_ratio_p_value\":0.7",
            "\"allocation\":{\"b\ud83d\ude00\":1.0}")
        .contains(
            "\"held_by\":{\"guardrail\":\"opt-out\",\"variant_id\":\"b\",\"recipients_missing\":12000}");
  }

  @Test
  void readsResultRowsByTheirTable() throws UnreadableException {
    AttributionCreditRow row =
        new AttributionCreditRow(
            AttributionCreditRow.TABLE,
            1,
            "linear",
            "c",
            ConversionKind.PURCHASE,
            "r",
            0,
            "sms",
            null,
            null,
            null,
            NOW,
            new BigDecimal("0.333333333333"),
            5);
    byte[] json = JsonCodec.of(AttributionCreditRow.class).write(row);
    assertThat(codec.read(Topic.ATTRIBUTION_RESULT, json, NOW)).isEqualTo(row);
    assertThatThrownBy(() -> read(Topic.ATTRIBUTION_RESULT, "{\"table\":\"nope\"}"))
        .hasMessageContaining("table: 'nope' is unknown");
  }

  @Test
  void refusesToWriteWhatJsonCannotHold() {
    VariantEstimate estimate =
        new VariantEstimate("a", 1, 1, Double.NaN, null, null, null, null, null, null);
    assertThatThrownBy(() -> JsonCodec.of(VariantEstimate.class).write(estimate))
        .hasMessageContaining("mean");
  }

  @Test
  void topicNamesTakeThePrefix() {
    TopicNames names = new TopicNames("eu.");
    assertThat(names.of(Topic.SEND)).isEqualTo("eu.sms.send");
    assertThat(names.topic("eu.sms.send")).isEqualTo(Topic.SEND);
    assertThatThrownBy(() -> names.topic("sms.send")).hasMessageContaining("sms.send");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "event_time":1e99999999999                     | event_time: an integer of 64 bits is needed
          "event_time":1e-99999999999                    | event_time: an integer of 64 bits is needed
          "event_time":1E2147483648                      | event_time: an integer of 64 bits is needed
          "credit":1e999999999                           | credit: a number from -1000 to 1000 is needed
          "credit":-1000.5                               | credit: a number from -1000 to 1000 is needed
          "credit":1e99999999999                         | credit: a number from -1000 to 1000 is needed
          "credit":0.00000000000000000000000000000000000000000000000000000000000000001 | credit: a number from
          "cost_micros":5000000000000000000              | cost_micros: 5000000000000000000 is above 1000000000000000
          "revenue_micros":-1000000000000001             | revenue_micros: -1000000000000001 is below -1000000000000000
          "seq":9223372036854775807                      | seq: 9223372036854775807 is above 9007199254740991
          "value":1e999                                  | value: a number of 64 bits is needed
          "recipient_id":"\\ud83d"                     | recipient_id: half a character
          "recipient_id":"x\\udc00x"                   | recipient_id: half a character
          "allocation":{"a":1e400}                       | allocation: a number of 64 bits is needed
          "evidence":{"a":{"b":{"c":{"d":{}}}}}          | evidence: nested more than 4 deep
          "evidence":{"a":1e99999999999}                 | evidence: a number of 64 bits is needed
          """)
  void numbersAndTextsAreJudgedBeforeTheyAreUsed(String field, String reason) {
    Topic topic =
        switch (field.substring(1, field.indexOf('"', 1))) {
          case "cost_micros" -> Topic.SEND;
          case "value", "evidence" -> Topic.ALERT;
          case "allocation", "seq" -> Topic.EXPERIMENT;
          case "credit", "revenue_micros" -> Topic.ATTRIBUTION_RESULT;
          default -> Topic.REPLY;
        };
    assertThatThrownBy(() -> read(topic, "{\"table\":\"attribution_credit\"," + field + "}"))
        .isInstanceOf(UnreadableException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void aNumberInAnUnknownFieldIsNotExpanded() throws UnreadableException {
    String reply =
        "{\"event_id\":\"e\",\"event_time\":1750000000000,\"recipient_id\":\"r\",\"body\":\"b\",\"x\":%s}";
    for (String value :
        List.of("1e99999999999", "9".repeat(900), "[".repeat(900) + "]".repeat(900))) {
      assertThat(read(Topic.REPLY, reply.formatted(value))).isInstanceOf(Reply.class);
    }
    for (String value :
        List.of("9".repeat(500_000), "[".repeat(500_000), "{\"a\":".repeat(90_000))) {
      try {
        read(Topic.REPLY, reply.formatted(value));
      } catch (UnreadableException e) {
        assertThat(e).hasMessageContaining("not JSON");
      }
    }
  }

  @Test
  void aRecordIsAsLongAsItsFieldsMayBe() {
    String send = "{\"event_id\":\"e\",\"event_time\":1750000000000,\"recipient_id\":\"%s\"";
    assertThatThrownBy(() -> read(Topic.SEND, send.formatted("x".repeat(600_000))))
        .hasMessage("recipient_id: 600000 characters, allowed are 256");
    assertThatThrownBy(() -> read(Topic.SEND, "{\"tags\":[" + "\"a\",".repeat(51)))
        .hasMessage("tags: more than 50 elements");
    assertThatThrownBy(() -> read(Topic.SEND, "{\"tags\":[\"" + "a".repeat(129) + "\"]}"))
        .hasMessage("tags: 129 characters, allowed are 128");
  }

  @Test
  void aDocumentHasAtMost256KiB() throws UnreadableException {
    JsonCodec<ConfigVersion> json = JsonCodec.of(ConfigVersion.class);
    byte[] fits = json.write(ConfigVersion.of("policy", "p", 0, 0, "é".repeat(128 << 10)));
    assertThat(codec.read(Topic.CONFIG, fits, NOW)).isInstanceOf(ConfigVersion.class);
    byte[] longer = json.write(ConfigVersion.of("policy", "p", 0, 0, "é".repeat(129 << 10)));
    assertThatThrownBy(() -> codec.read(Topic.CONFIG, longer, NOW))
        .hasMessage("document: 264192 bytes, allowed are 262144");
  }

  @Test
  void evidenceIsCutToWhatCanBeRead() throws UnreadableException {
    Map<String, Object> evidence = new TreeMap<>();
    for (int i = 0; i < 30; i++) {
      evidence.put("a" + i, "\ud83d" + "x".repeat(10_000));
    }
    evidence.put("a0", Double.NaN);
    evidence.put("a1", List.of(Map.of("b", List.of(1, 2L, 0.5, true, Map.of("too", "deep")))));
    Alert alert =
        new Alert(
            "d",
            NOW,
            NOW,
            List.of(),
            1,
            null,
            "a",
            "k",
            AlertSeverity.INFO,
            "s",
            null,
            null,
            AlertState.FIRING,
            evidence);
    byte[] json = JsonCodec.of(Alert.class).write(alert);
    Alert read = (Alert) codec.read(Topic.ALERT, json, NOW);
    assertThat(read.evidence()).hasSizeLessThanOrEqualTo(20);
    assertThat(read.evidence().get("a10")).isEqualTo("\ufffd" + "x".repeat(4_095));
  }

  private Object read(Topic topic, String json) throws UnreadableException {
    return codec.read(topic, json.getBytes(StandardCharsets.UTF_8), NOW);
  }
}
