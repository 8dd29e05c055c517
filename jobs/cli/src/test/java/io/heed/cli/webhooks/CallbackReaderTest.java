package io.heed.cli.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.heed.cli.webhooks.CallbackReader.Outgoing;
import io.heed.cli.webhooks.CallbackReader.Read;
import io.heed.client.Pseudonyms;
import io.heed.client.Recipients;
import io.heed.core.model.DeadLetter;
import io.heed.core.model.Delivery;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.model.Event;
import io.heed.core.model.OptOut;
import io.heed.core.model.OptOutMethod;
import io.heed.core.model.Reply;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import io.heed.core.rules.DeliveryErrors;
import io.heed.core.rules.ErrorClass;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CallbackReaderTest {
  private static final long NOW = Instant.parse("2026-11-30T12:10:00Z").toEpochMilli();
  private static final String PERSON = "+12125550178";
  private static final Recipients PLAIN = new Recipients("US", null);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Map<String, VendorMapping> MAPPINGS =
      Map.of(
          "twilio", new TwilioMapping(),
          "telnyx", new TelnyxMapping(),
          "infobip", new InfobipMapping(),
          "bandwidth", new BandwidthMapping());

  @Test
  void twilio() throws Exception {
    String sid = "23456789abcdef0123456789abcdef";
    assertThat(events("twilio", "twilio-status.form"))
        .containsExactly(
            new Delivery(
                "twilio:SM01" + sid + ":undelivered",
                NOW,
                PERSON,
                "SM01" + sid,
                DeliveryStatus.UNDELIVERED,
                "30003",
                "twilio",
                null));
    assertThat(events("twilio", "twilio-inbound.form"))
        .containsExactly(
            new Reply("twilio:SM11" + sid, NOW, PERSON, null, "yes & thank you \uD83D\uDE00"));
    assertThat(events("twilio", "twilio-stop.form"))
        .containsExactly(
            new Reply("twilio:SM21" + sid, NOW, PERSON, null, "Stop"),
            new OptOut(
                "twilio:SM21" + sid + ":opt-out", NOW, PERSON, "*", OptOutMethod.KEYWORD, null));
    assertThat(events("twilio", "twilio-whatsapp.form"))
        .containsExactly(
            new Delivery(
                "twilio:SM31" + sid + ":read",
                NOW,
                PERSON,
                "SM31" + sid,
                DeliveryStatus.READ,
                null,
                "twilio",
                null,
                "whatsapp"));
  }

  @Test
  void telnyx() throws Exception {
    assertThat(events("telnyx", "telnyx-finalized.json"))
        .containsExactly(
            new Delivery(
                "telnyx:4ee8c3a6-0000-4309-a3c6-38e3db9ea4be",
                Instant.parse("2026-11-30T12:04:14.148Z").toEpochMilli(),
                PERSON,
                "ac012cbf-0000-46af-a69a-7c0e2d90993c",
                DeliveryStatus.UNDELIVERED,
                "40001",
                "telnyx",
                "T-MOBILE USA, INC."));
    assertThat(events("telnyx", "telnyx-received.json"))
        .containsExactly(
            new Reply(
                "telnyx:bf6307bd-0000-4c1f-b6ea-c62b8c495d3c",
                Instant.parse("2026-11-30T12:05:02.574Z").toEpochMilli(),
                PERSON,
                null,
                "STOP"));
  }

  @Test
  void infobip() throws Exception {
    assertThat(events("infobip", "infobip-reports.json"))
        .containsExactly(
            new Delivery(
                "infobip:MESSAGE-1:DELIVERED_TO_HANDSET",
                Instant.parse("2026-11-30T12:04:09Z").toEpochMilli(),
                PERSON,
                "MESSAGE-1",
                DeliveryStatus.DELIVERED,
                null,
                "infobip",
                null),
            new Delivery(
                "infobip:MESSAGE-2:UNDELIVERABLE_NOT_DELIVERED",
                Instant.parse("2026-11-30T12:04:10Z").toEpochMilli(),
                "+12125550179",
                "MESSAGE-2",
                DeliveryStatus.UNDELIVERED,
                "EC_UNKNOWN_SUBSCRIBER",
                "infobip",
                null));
    assertThat(events("infobip", "infobip-inbound.json"))
        .containsExactly(
            new Reply(
                "infobip:817790313235066447",
                Instant.parse("2026-11-30T12:05:39.220Z").toEpochMilli(),
                PERSON,
                null,
                "SHOP please stop"));
  }

  @Test
  void bandwidth() throws Exception {
    assertThat(events("bandwidth", "bandwidth-events.json"))
        .containsExactly(
            new Delivery(
                "bandwidth:1661365814859loidf7mcwd4qacn7:message-failed:0",
                Instant.parse("2026-11-30T12:04:08Z").toEpochMilli(),
                PERSON,
                "1661365814859loidf7mcwd4qacn7",
                DeliveryStatus.FAILED,
                "4775",
                "bandwidth",
                "AT&T"),
            new Reply(
                "bandwidth:14762070468292kw2fuqty55yp2b2",
                Instant.parse("2026-11-30T12:05:08Z").toEpochMilli(),
                PERSON,
                null,
                "[no text]"));
  }

  /** The mappings name vendor and code as the table of error codes does. */
  @ParameterizedTest
  @CsvSource({
    "twilio, twilio-status.form, TRANSIENT",
    "telnyx, telnyx-finalized.json, INVALID_NUMBER",
    "infobip, infobip-reports.json, INVALID_NUMBER",
    "bandwidth, bandwidth-events.json, OPTED_OUT"
  })
  void errorsHaveTheirClass(String vendor, String sample, ErrorClass expected) throws Exception {
    assertThat(events(vendor, sample))
        .filteredOn(event -> event instanceof Delivery receipt && receipt.errorCode() != null)
        .singleElement()
        .satisfies(
            event ->
                assertThat(DeliveryErrors.standard().classOf((Delivery) event))
                    .isEqualTo(expected));
  }

  @Test
  void unknownFieldsAreKept() throws Exception {
    Outgoing record = read("twilio", sample("twilio-status.form")).records().get(0);
    JsonNode json = JSON.readTree(record.value());
    assertThat(json.at("/vendor_fields/RawDlrDoneDate").asText()).isEqualTo("2611301204");
    assertThat(json.at("/vendor_fields/ApiVersion").asText()).isEqualTo("2010-04-01");
    assertThat(record.key()).isEqualTo(PERSON);
  }

  @Test
  void pseudonymsLeaveNoNumberBehind() throws Exception {
    Recipients hashed =
        new Recipients("US", new Pseudonyms("0123456789abcdef".getBytes(StandardCharsets.UTF_8)));
    for (String sample :
        List.of(
            "twilio-status.form",
            "twilio-stop.form",
            "twilio-whatsapp.form",
            "telnyx-received.json",
            "telnyx-finalized.json",
            "infobip-inbound.json",
            "bandwidth-events.json")) {
      String vendor = sample.substring(0, sample.indexOf('-'));
      Read read =
          new CallbackReader(MAPPINGS.get(vendor), hashed).read(callback(vendor, sample(sample)));
      assertThat(read.records())
          .isNotEmpty()
          .allSatisfy(
              record -> {
                assertThat(record.key()).isEqualTo(hashed.onTheWire(PERSON));
                assertThat(new String(record.value(), StandardCharsets.UTF_8))
                    .contains("vendor_fields", hashed.onTheWire(PERSON))
                    .doesNotContain("2125550178");
              });
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "telnyx|{'data':{'event_type':'message.finalized','id':'e1','payload':{'id':'m1','direction':'outbound',"
            + "'parts':1,'to':[{'phone_number':'+12125550178','status':'delivered'},"
            + "{'phone_number':'+13125550179','status':'delivered'}]}}}|2",
        "bandwidth|[{'type':'message-failed','to':'+12125550178','message':{'id':'m1','direction':'outbound',"
            + "'to':['+12125550178','+13125550179','(312) 555-0179','tel:+13125550179']}}]|1",
        "infobip|{'results':[{'messageId':'m1','to':'2901178','from':13125550179,'direction':'outbound',"
            + "'status':{'groupName':'DELIVERED'},'callbackData':'for +2901178'}]}|1"
      })
  void pseudonymsHideOtherPeoplesAndShortNumbers(String vendor, String body, int events) {
    Recipients hashed =
        new Recipients("US", new Pseudonyms("0123456789abcdef".getBytes(StandardCharsets.UTF_8)));
    Read read =
        new CallbackReader(MAPPINGS.get(vendor), hashed)
            .read(callback(vendor, body.replace('\'', '"').getBytes(StandardCharsets.UTF_8)));
    assertThat(read.events()).isEqualTo(events);
    assertThat(read.records())
        .allSatisfy(
            record ->
                assertThat(new String(record.value(), StandardCharsets.UTF_8))
                    .contains("vendor_fields", "outbound", "m1")
                    .doesNotContain("0178", "0179", "1178"));
  }

  @Test
  void pseudonymsLeaveNoNumberInAReason() {
    Recipients hashed =
        new Recipients("US", new Pseudonyms("0123456789abcdef".getBytes(StandardCharsets.UTF_8)));
    Read read =
        new CallbackReader(MAPPINGS.get("telnyx"), hashed)
            .read(callback("telnyx", "To12125550178".getBytes(StandardCharsets.UTF_8)));
    assertThat(read.records())
        .singleElement()
        .satisfies(
            record ->
                assertThat(((DeadLetter) decode(record)).reason())
                    .contains("not JSON", "(hidden)")
                    .doesNotContain("0178"));
  }

  @Test
  void pseudonymsLeaveNoNumberInDeadLetters() {
    Recipients hashed =
        new Recipients("US", new Pseudonyms("0123456789abcdef".getBytes(StandardCharsets.UTF_8)));
    String body = "MessageSid=SM1&To=%2B12125550178&From=(212)+555-0178&Note=212.555.0178";
    Read read =
        new CallbackReader(MAPPINGS.get("twilio"), hashed)
            .read(callback("twilio", body.getBytes(StandardCharsets.UTF_8)));
    assertThat(read.records())
        .singleElement()
        .satisfies(
            record ->
                assertThat(
                        new String(
                            Base64.getDecoder().decode(((DeadLetter) decode(record)).raw()),
                            StandardCharsets.UTF_8))
                    .contains("SM1", "(hidden)")
                    .doesNotContain("0178"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "twilio|MessageSid=SM1&To=%2B12125550178|SmsStatus: required, but missing",
        "twilio|MessageSid=SM1&MessageStatus=odd&To=%2B12125550178|MessageStatus: 'odd' is unknown",
        "twilio|MessageSid=SM1&MessageStatus=sent|To: required, but missing",
        "twilio|a=%zz|not a form: URLDecoder: Illegal hex characters in escape (%) pattern",
        "telnyx|{\"data\":[]}|data: an object is needed",
        "telnyx|{\"data\":{\"event_type\":\"fax.sent\",\"id\":\"1\"}}|event_type: 'fax.sent' is unknown",
        "infobip|[]|results: an array is needed",
        "bandwidth|{}|an array is needed",
        "bandwidth|[{\"type\":\"message-read\"}]|message/id: required, but missing",
        "bandwidth|{\"a\":|not JSON: Unexpected end-of-input"
      })
  void whatIsNoEventIsADeadLetterWithItsBody(String vendor, String body, String reason)
      throws Exception {
    Read read = read(vendor, body.getBytes(StandardCharsets.UTF_8));
    assertThat(read.events()).isZero();
    assertThat(read.problems()).singleElement().asString().startsWith(reason.substring(0, 15));
    assertThat(read.records()).hasSize(1);
    assertThat(read.records().get(0).topic()).isEqualTo(Topic.DEAD_LETTER);
    DeadLetter letter = (DeadLetter) decode(read.records().get(0));
    assertThat(letter.reason()).startsWith(reason.substring(0, 15));
    assertThat(letter.topic()).isEqualTo("webhooks/" + vendor);
    if (vendor.equals("twilio") && !reason.startsWith("not")) {
      // A form is kept as the object that was read.
      assertThat(JSON.readTree(Base64.getDecoder().decode(letter.raw())).isObject()).isTrue();
    } else {
      assertThat(new String(Base64.getDecoder().decode(letter.raw()), StandardCharsets.UTF_8))
          .isSubstringOf(body);
    }
    assertThat(read(vendor, body.getBytes(StandardCharsets.UTF_8)).records().get(0).key())
        .as("repeated")
        .isEqualTo(read.records().get(0).key());
  }

  @Test
  void onePartThatIsNoEventDoesNotHoldUpTheOthers() throws Exception {
    String body =
        new String(sample("infobip-reports.json"), StandardCharsets.UTF_8)
            .replace("UNDELIVERABLE\"", "ODD\"");
    Read read = read("infobip", body.getBytes(StandardCharsets.UTF_8));
    assertThat(read.events()).isEqualTo(1);
    assertThat(read.problems()).containsExactly("status.groupName: 'ODD' is unknown");
    assertThat(read.records())
        .extracting(Outgoing::topic)
        .containsExactly(Topic.DELIVERY, Topic.DEAD_LETTER);
  }

  @Test
  void aStopIsNeverLostForADateOrItsLength() throws Exception {
    String body =
        new String(sample("telnyx-received.json"), StandardCharsets.UTF_8)
            .replace("2026-11-30T12:05:02.574Z", "yesterday")
            .replace("\"STOP\"", "\"STOP" + " please".repeat(1_000) + "\"");
    Read read = read("telnyx", body.getBytes(StandardCharsets.UTF_8));
    assertThat(decode(read.records().get(0)))
        .isInstanceOfSatisfying(
            Reply.class,
            reply -> {
              assertThat(reply.eventTime()).isEqualTo(NOW);
              assertThat(reply.body()).startsWith("STOP please").hasSize(4_096);
            });
  }

  /** Whatever a body holds, what comes of it is readable, and the same the second time. */
  @Property(tries = 500)
  void anyBodyIsReadTheSameWayTwice(
      @ForAll @IntRange(max = 100_000) int place,
      @ForAll byte[] inserted,
      @ForAll @IntRange(max = 3) int which)
      throws Exception {
    String sample =
        List.of(
                "twilio-inbound.form",
                "telnyx-finalized.json",
                "infobip-reports.json",
                "bandwidth-events.json")
            .get(which);
    String vendor = sample.substring(0, sample.indexOf('-'));
    byte[] valid = sample(sample);
    int at = place % valid.length;
    byte[] body = new byte[valid.length + inserted.length];
    System.arraycopy(valid, 0, body, 0, at);
    System.arraycopy(inserted, 0, body, at, inserted.length);
    System.arraycopy(valid, at, body, at + inserted.length, valid.length - at);
    Read first = read(vendor, body);
    Read second = read(vendor, body);
    assertThat(first.records()).isNotEmpty();
    for (int i = 0; i < first.records().size(); i++) {
      assertThat(first.records().get(i).value()).isEqualTo(second.records().get(i).value());
      Object record = decode(first.records().get(i));
      assertThat(record).isInstanceOfAny(Event.class, DeadLetter.class);
    }
  }

  private static List<Event> events(String vendor, String sample) throws Exception {
    Read read = read(vendor, sample(sample));
    assertThat(read.problems()).isEmpty();
    List<Event> events = new ArrayList<>();
    for (Outgoing record : read.records()) {
      events.add((Event) decode(record));
    }
    return events;
  }

  private static Read read(String vendor, byte[] body) {
    return new CallbackReader(MAPPINGS.get(vendor), PLAIN).read(callback(vendor, body));
  }

  private static Callback callback(String vendor, byte[] body) {
    String type =
        vendor.equals("twilio") ? "application/x-www-form-urlencoded" : "application/json";
    return new Callback("/" + vendor, Map.of("content-type", type), body, NOW);
  }

  private static byte[] sample(String name) {
    return TestingCallbacks.sample(name);
  }

  private static Object decode(Outgoing record) throws Exception {
    return new TopicCodec().read(record.topic(), record.value(), NOW);
  }
}
