package io.heed.core.gate;

import static io.heed.core.gate.TestingGate.DAY;
import static io.heed.core.gate.TestingGate.HOUR;
import static io.heed.core.gate.TestingGate.NOON;
import static io.heed.core.gate.TestingGate.RECIPIENT;
import static io.heed.core.gate.TestingGate.at;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.heed.core.config.ConfigException;
import io.heed.core.experiments.ExperimentConfig;
import io.heed.core.experiments.ExperimentForecast;
import io.heed.core.experiments.ExperimentReader;
import io.heed.core.gate.GateEvent.Consented;
import io.heed.core.gate.GateEvent.Receipt;
import io.heed.core.gate.GateEvent.Revoked;
import io.heed.core.gate.GateEvent.Sent;
import io.heed.core.model.Category;
import io.heed.core.model.Click;
import io.heed.core.model.Delivery;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.model.RecipientIds;
import io.heed.core.model.Reply;
import io.heed.core.model.SendRequest;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.SuppressionState;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import io.heed.core.model.UnreadableException;
import io.heed.core.model.Verdict;
import io.heed.core.rules.Datasets;
import io.heed.core.rules.DeliveryErrors;
import io.heed.core.rules.LinkScanners;
import io.heed.core.rules.ReplyIntent;
import io.heed.core.rules.ReplyIntent.Kind;
import io.heed.core.rules.ReplyRecogniser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Situations that people of the trade have reported, where the file of them is present. */
class FieldCasesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ReplyRecogniser RECOGNISER = ReplyRecogniser.standard();
  private static final String QH = "quiet_hours:\n  countries: [US]\n";
  private static final String QHANY = "";
  private static final String DAYCAP =
      "caps:\n  - {limit: 1, per: day}\nquiet_hours:\n  categories: [CONVERSATIONAL]\n";
  private static final Map<String, String> ZONES =
      Map.of(
          "London", "Europe/London",
          "Kolkata", "Asia/Kolkata",
          "Berlin", "Europe/Berlin",
          "New York", "America/New_York");
  private static final Pattern LOCAL = Pattern.compile("(\\S+)T(\\d\\d:\\d\\d) (.+)");

  /** Kinds or inputs that more than the classes here answers, and the tests that do. */
  private static final Map<String, String> ELSEWHERE =
      Map.ofEntries(
          Map.entry("reply STOP without event_time", "IntakeTest"),
          Map.entry("reply {body:STOP} with key only", "IntakeTest"),
          Map.entry("opt-out, method in lower case", "IntakeTest"),
          Map.entry("reply cut off after the body", "IntakeTest"),
          Map.entry("tombstone on sms.opt-out", "IntakeTest"),
          Map.entry("reply STOP inside a JSON array", "IntakeTest"),
          Map.entry("opt-in of a clock that runs ahead", "IntakeTest"),
          Map.entry("refunds", "AttributionTest"),
          Map.entry("order id used for purchase and refund", "AttributionTest"),
          Map.entry("one CRM id through the stages", "AttributionTest"),
          Map.entry("experiment", "ExperimentEvaluatorTest, SampleRatioTestTest, MeanSequenceTest"),
          Map.entry("figures of an arm without a recipient", "ExperimentEvaluatorTest"),
          Map.entry("zone in the cell is ignored", "ReplayTest"),
          Map.entry("time of day is lost", "ReplayTest"),
          Map.entry("dates that do not exist", "ReplayTest"),
          Map.entry("Twilio's own prices", "ReplayTest"),
          Map.entry("amounts with symbol or thousands", "ReplayTest"),
          Map.entry("count in the message", "ReplayTest"),
          Map.entry("trailing empty header cells", "ReplayTest"),
          Map.entry("numbers spoilt by a spreadsheet", "ReplayTest"),
          Map.entry("CSV", "ReplayTest"));

  record Case(String source, String kind, JsonNode input, String expected) {}

  static List<Named<Case>> cases() throws IOException {
    List<Named<Case>> cases = new ArrayList<>();
    for (String line : Files.readAllLines(Datasets.file("../cases/field-cases.jsonl"))) {
      Case each = JSON.readValue(line, Case.class);
      if (ELSEWHERE.containsKey(each.kind()) || ELSEWHERE.containsKey(each.input().asText())) {
        continue;
      }
      cases.add(Named.of(each.kind() + ": " + each.input(), each));
    }
    return cases;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void givesWhatItExpects(Case each) throws Exception {
    JsonNode input = each.input();
    String text = input.asText();
    switch (each.kind()) {
      case "opt-out in ordinary words not recognised",
          "opt-out in another form not recognised",
          "reply" ->
          assertVerdict(afterReply(input.path("body").asText()), each);
      case "false opt-out (recogniser called directly)" -> falseOptOut(text);
      case "quiet hours in the wrong zone" -> {
        Matcher at = LOCAL.matcher(input.path("at").asText());
        assertThat(at.matches()).isTrue();
        long instant = local(at.group(1) + "T" + at.group(2), ZONES.get(at.group(3)));
        for (String policy : List.of(QH, QHANY)) {
          assertVerdict(ask(policy, "p", instant, text(input, "region"), null), each);
        }
      }
      case "unknown region switches the laws off" -> unknownRegion(each);
      case "zone without region has no hour at all" -> {
        List<Verdict> day = new ArrayList<>();
        for (int hour = 0; hour < 24; hour++) {
          SendVerdict verdict = ask(QH, "p", NOON + hour * HOUR, null, text(input, "time_zone"));
          day.add(verdict.verdict());
          assertThat(verdict.verdict() == Verdict.DEFER).isEqualTo(verdict.notBefore() != null);
        }
        assertThat(day).contains(Verdict.ALLOW, Verdict.DEFER);
      }
      case "stated zone contradicts the number" ->
          assertVerdict(
              ask(
                  QH,
                  text(input, "recipient_id"),
                  local("2026-11-10T04:30", "America/New_York"),
                  null,
                  text(input, "time_zone")),
              each);
      case "36 zones for Caribbean numbers" -> {
        for (int quarter = 0; quarter < 96; quarter++) {
          long instant = NOON + quarter * HOUR / 4;
          LocalTime there =
              Instant.ofEpochMilli(instant)
                  .atZone(ZoneId.of("America/Port_of_Spain"))
                  .toLocalTime();
          assertThat(ask(QHANY, text(input, "recipient_id"), instant, null, null).verdict())
              .as("%s", there)
              .isEqualTo(
                  there.getHour() >= 9 && there.getHour() < 20 ? Verdict.ALLOW : Verdict.DEFER);
        }
      }
      case "DST, midnight, half hours" -> clockChange(text);
      case "START without message_id" -> {
        TestingGate gate = gate(QH).play(sent("m", NOON), reply("STOP", "m", NOON + 1));
        assertThat(gate.suppression("qh").state()).isEqualTo(SuppressionState.SUPPRESSED);
        assertThat(ask(gate.play(reply("START", null, NOON + 2)), "qh").verdict())
            .isEqualTo(Verdict.ALLOW);
      }
      case "races" -> race(each, text);
      case "opt-outs that are broken" -> oneRecipient(text);
      case "vendor's opt-out or dead number is not known",
          "error code left on a delivered message" -> {
        Delivery delivery =
            new Delivery(
                "d",
                NOON + 1,
                RECIPIENT,
                "m",
                DeliveryStatus.valueOf(text(input, "status")),
                text(input, "error_code"),
                text(input, "vendor"),
                null);
        TestingGate gate = gate(QH).play(sent("m", NOON), receipt(delivery));
        assertThat(ask(gate, "other").verdict())
            .isEqualTo(each.expected().equals("DENY") ? Verdict.DENY : Verdict.ALLOW);
      }
      case "message ids that repeat" -> {
        TestingGate gate =
            gate("caps:\n  - {limit: 1, window: 24h}\n")
                .play(sent("welcome", NOON, "a"), sent("welcome", NOON + DAY, "b"));
        assertThat(gate.request(request(NOON + DAY + 1, RECIPIENT, "qh", null, null)).reasons())
            .extracting(Enum::name)
            .contains("CAP_REACHED");
      }
      case "absurd amounts" -> {
        String send =
            """
            {"event_id":"e","event_time":%d,"recipient_id":"p","message_id":"m","campaign_id":"c",
             "list_id":"l","category":"PROMOTIONAL","cost_micros":%s}"""
                .formatted(NOON, input.get(0).path("cost_micros"));
        assertThatThrownBy(() -> read(new TopicCodec(), Topic.SEND, null, send))
            .isInstanceOf(UnreadableException.class)
            .hasMessageContaining("cost_micros");
      }
      case "plan crashes" -> {
        String changes = text.replaceAll(" \\(.*\\)", "").replace("ten arms, ", "arms: 10\n");
        assertThat(new ExperimentForecast(experiment(changes), 1_000, 1).withRuns(1).lines())
            .isNotEmpty();
      }
      case "impossible minimum effect" ->
          assertThatThrownBy(() -> experiment(text.replace(", ", "\n")))
              .isInstanceOf(ConfigException.class)
              .hasMessageContaining("114.0 %");
      case "link scanners" -> {
        List<String> missed = new ArrayList<>();
        String agents = text.replaceAll("^default agents of | \\(.*\\)$", "");
        for (String agent : agents.split(", ", -1)) {
          String full = agent.matches(".* \\d+") ? agent : agent + "/1.0";
          Click click = new Click("c", NOON, "p", "m", null, null, full, null);
          if (!LinkScanners.standard().isScanner(click)) {
            missed.add(full);
          }
        }
        assertThat(missed).isEmpty();
      }
      default -> fail("a kind that no test knows");
    }
  }

  // The situations.

  private static SendVerdict afterReply(String body) throws Exception {
    TestingGate gate = gate(QH).play(sent("m", NOON));
    GateEvent meant = reply(body, "m", NOON + 1);
    return ask(meant == null ? gate : gate.play(meant), "qh");
  }

  /** Nobody wishes to leave; a wish that is stated, though about a subscription, may be one. */
  private static void falseOptOut(String body) {
    ReplyIntent intent = RECOGNISER.recognise(body);
    assertThat(intent.kind()).as(intent.reason()).isEqualTo(Kind.NONE);
  }

  private static void unknownRegion(Case each) throws Exception {
    String region = text(each.input(), "region");
    if (!each.input().has("sends")) {
      // A Tuesday.
      long evening = local("2026-11-10T19:00", "America/New_York");
      assertVerdict(ask(QH, "p", evening, region, null), each);
      return;
    }
    TestingGate gate = gate("caps:\n  - {limit: 100, window: 24h}\n" + QH);
    for (int i = 0; i < each.input().path("sends").asInt(); i++) {
      gate.play(sent("m" + i, NOON + i));
    }
    assertVerdict(gate.request(request(NOON + HOUR, RECIPIENT, "qh", region, null)), each);
  }

  private static void clockChange(String situation) throws Exception {
    String newYork = "America/New_York";
    if (situation.startsWith("New York 2026-03-08")) {
      assertDefer("2026-03-08T08:59", "2026-03-08T13:00");
      assertThat(inNewYork("2026-03-08T09:00").verdict()).isEqualTo(Verdict.ALLOW);
    } else if (situation.startsWith("New York 2026-11-01")) {
      assertDefer("2026-11-01T08:30", "2026-11-01T14:00");
      assertThat(inNewYork("2026-11-01T19:30").verdict()).isEqualTo(Verdict.ALLOW);
      SendVerdict last = inNewYork("2026-11-01T19:55");
      assertThat(last.verdict()).isEqualTo(Verdict.ALLOW);
      assertThat(last.expiresAt()).isEqualTo(at("2026-11-02T01:00"));
      assertDefer("2026-11-01T20:00", "2026-11-02T14:00");
    } else if (situation.contains("Santiago")) {
      assertCapped(
          "America/Santiago", "2026-09-05T12:00", "2026-09-05T23:30", at("2026-09-06T04:00"));
    } else if (situation.contains("25 hours")) {
      assertCapped(newYork, "2026-11-01T00:10", "2026-11-01T23:50", at("2026-11-02T05:00"));
    } else {
      fail("a situation that no test knows");
    }
  }

  private static void assertDefer(String local, String notBefore) throws Exception {
    SendVerdict verdict = inNewYork(local);
    assertThat(verdict.verdict()).isEqualTo(Verdict.DEFER);
    assertThat(verdict.notBefore()).isEqualTo(at(notBefore));
  }

  private static SendVerdict inNewYork(String local) throws Exception {
    return ask(QH, "p", local(local, "America/New_York"), "US-NY", "America/New_York");
  }

  private static void assertCapped(String zone, String sent, String asked, long notBefore)
      throws Exception {
    String region = zone.equals("America/Santiago") ? "CL" : "US-NY";
    Sent first =
        new Sent(
            RECIPIENT,
            local(sent, zone),
            true,
            "m",
            "c",
            "daycap",
            Category.PROMOTIONAL,
            region,
            zone,
            null,
            List.of(),
            null);
    SendVerdict verdict =
        gate(DAYCAP)
            .play(first)
            .request(request(local(asked, zone), RECIPIENT, "daycap", region, zone));
    assertThat(verdict.reasons()).extracting(Enum::name).containsExactly("CAP_REACHED");
    assertThat(verdict.notBefore()).isEqualTo(notBefore);
  }

  private static void race(Case each, String situation) throws Exception {
    TestingGate gate = gate(QH);
    switch (situation) {
      case "STOP, START 3 s later" ->
          gate.play(
              sent("m", NOON), reply("STOP", "m", NOON + 1), reply("START", "m", NOON + 3_001));
      case "START (later) arrives before STOP" ->
          gate.play(
              sent("m", NOON), reply("START", "m", NOON + 3_001), reply("STOP", "m", NOON + 1));
      case "receipt and STOP before their send" -> {
        gate.play(
            receipt(
                new Delivery(
                    "d", NOON, RECIPIENT, "m", DeliveryStatus.DELIVERED, null, null, null)),
            reply("STOP", "m", NOON + 1),
            sent("m", NOON));
        assertThat(ask(gate, "qh").verdict()).isEqualTo(Verdict.DENY);
        assertThat(ask(gate, "other").verdict()).isEqualTo(Verdict.ALLOW);
        return;
      }
      default -> fail("a race that no test knows");
    }
    assertVerdict(ask(gate, "qh"), each);
  }

  /** Records that are readable, of a number that is written in several ways. */
  private static void oneRecipient(String situation) throws UnreadableException {
    TopicCodec codec = new TopicCodec(new RecipientIds("US"));
    String reply =
        "{\"event_id\":\"e\",\"event_time\":" + NOON + ",\"body\":\"STOP\",\"recipient_id\":%s}";
    if (situation.contains("a JSON number")) {
      assertThat(
              ((Reply) read(codec, Topic.REPLY, "+12125550179", reply.formatted("12125550179")))
                  .recipientId())
          .isEqualTo("+12125550179");
    } else if (situation.startsWith("opt-out of")) {
      for (String written : List.of("+1 212 555 0178", "12125550178")) {
        Reply read = (Reply) read(codec, Topic.REPLY, null, reply.formatted('"' + written + '"'));
        assertThat(read.recipientId()).isEqualTo("+12125550178");
      }
    } else {
      fail("an opt-out that no test knows");
    }
  }

  private static Object read(TopicCodec codec, Topic topic, String key, String record)
      throws UnreadableException {
    return codec.read(
        topic,
        key == null ? null : key.getBytes(StandardCharsets.UTF_8),
        record.getBytes(StandardCharsets.UTF_8),
        NOON);
  }

  // The means.

  private static void assertVerdict(SendVerdict verdict, Case each) {
    List<String> found = new ArrayList<>(List.of(verdict.verdict().name()));
    verdict.reasons().forEach(reason -> found.add(reason.name()));
    List<String> expected =
        List.of(each.expected().replaceAll("[,(].*", "").strip().split(" ", -1));
    assertThat(found).as("%s", verdict).containsAll(expected);
  }

  private static TestingGate gate(String policy) throws Exception {
    return new TestingGate(GateTest.policies("id: p\n" + policy));
  }

  private static SendVerdict ask(
      String policy, String recipient, long instant, String region, String zone) throws Exception {
    return gate(policy).request(request(instant, recipient, "qh", region, zone));
  }

  /** A day and a bit later, so that no cap is in the way. */
  private static SendVerdict ask(TestingGate gate, String list) {
    return gate.request(request(NOON + DAY + HOUR, RECIPIENT, list, "US-NY", "America/New_York"));
  }

  private static SendRequest request(
      long instant, String recipient, String list, String region, String zone) {
    return new SendRequest(
        "e" + list + instant,
        instant,
        recipient,
        "q-" + list + instant + RECIPIENT,
        "c",
        list,
        Category.PROMOTIONAL,
        null,
        null,
        null,
        region,
        zone,
        List.of());
  }

  private static Sent sent(String message, long time) {
    return sent(message, time, "c");
  }

  private static Sent sent(String message, long time, String campaign) {
    return new Sent(
        RECIPIENT,
        time,
        true,
        message,
        campaign,
        "qh",
        Category.PROMOTIONAL,
        "US-NY",
        "America/New_York",
        null,
        List.of(),
        null);
  }

  private static GateEvent receipt(Delivery d) {
    return new Receipt(
        d.recipientId(),
        d.eventTime(),
        d.messageId(),
        d.status(),
        DeliveryErrors.standard().classOf(d));
  }

  /** What a reply is to the gate, null for nothing. */
  private static GateEvent reply(String body, String message, long time) {
    ReplyIntent intent = RECOGNISER.recognise(body);
    if (intent.revokes()) {
      RevocationMethod method = RevocationMethod.of(intent);
      return new Revoked(RECIPIENT, time, method.replyScope(), message, method);
    }
    return intent.kind() == Kind.START
        ? new Consented(RECIPIENT, time, null, message, ConsentMethod.KEYWORD)
        : null;
  }

  private static long local(String dateTime, String zone) {
    return LocalDateTime.parse(dateTime).atZone(ZoneId.of(zone)).toInstant().toEpochMilli();
  }

  private static String text(JsonNode input, String field) {
    return input.path(field).isNull() ? null : input.path(field).asText(null);
  }

  /** An experiment that a few lines change: fields of the file, or its number of arms. */
  private static ExperimentConfig experiment(String changes) throws ConfigException {
    int arms = 2;
    String base = "0.1";
    String effect = "0.2";
    StringBuilder more = new StringBuilder();
    for (String line : changes.split("\n", -1)) {
      String value = line.substring(line.indexOf(' ') + 1);
      if (line.startsWith("arms:")) {
        arms = Integer.parseInt(value);
      } else if (line.startsWith("expected_base_rate:")) {
        base = value;
      } else if (line.startsWith("minimum_effect:")) {
        effect = value;
      } else {
        more.append(line).append('\n');
      }
    }
    StringBuilder variants = new StringBuilder();
    for (int i = 0; i < arms; i++) {
      variants.append("  - {id: ").append(i == 0 ? "control" : "v" + i).append(", weight: 1}\n");
    }
    return ExperimentReader.parse(
        "x.yaml",
        """
        id: x
        owner: o
        hypothesis: h
        variants:
        %sprimary_metric: {event: click, window: 24h, expected_base_rate: %s}
        guardrails:
          - {event: opt-out, margin: 0.5}
        minimum_effect: %s
        start: 2026-03-02
        %s"""
            .formatted(variants, base, effect, more));
  }
}
