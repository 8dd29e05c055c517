package io.heed.flink.sendgate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.Topic;
import io.heed.core.model.TopicCodec;
import io.heed.core.model.UnreadableException;
import io.heed.core.model.Verdict;
import io.heed.flink.FieldCheck;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * Field cases that the send gate answers: records go in as bytes, a verdict comes out.
 *
 * <p>A situation is a list of steps. Each is a record: {@code topic} by its last part, {@code at}
 * when it was appended (an instant, or a time before or after a Monday noon in New York: {@code
 * +25h}), {@code key} of the record, and its fields, of which the usual ones need not be stated; or
 * {@code raw}, its value as it stands. The verdict on the last request counts.
 */
public final class SendGateCases {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static final long HOUR = 3_600_000L;
  private static final long QUARTER = HOUR / 4;

  /** A Tuesday without a holiday anywhere that the rules know. */
  private static final LocalDate WORKDAY = LocalDate.parse("2026-11-10");

  private static final List<String> POLICIES =
      List.of(
          """
          id: qh
          lists: [qh, other]
          quiet_hours: {countries: [US]}
          """,
          """
          id: qhany
          lists: [qhany]
          """,
          """
          id: daycap
          lists: [daycap]
          caps: [{limit: 1, per: day}]
          quiet_hours: {categories: [CONVERSATIONAL]}
          """,
          """
          id: daily
          lists: [daily]
          caps: [{limit: 1, window: 24h}]
          """,
          """
          id: law
          lists: [law]
          caps: [{limit: 100, window: 24h}]
          quiet_hours: {countries: [US]}
          """,
          """
          id: proven
          lists: [proven]
          consent: required
          """);

  private static final Map<String, String> DEFAULTS =
      Map.of(
          "send",
          "{message_id: m, campaign_id: c, list_id: qh, category: PROMOTIONAL,"
              + " region: US-NY, time_zone: America/New_York}",
          "send-request",
          "{campaign_id: c, list_id: qh, category: PROMOTIONAL,"
              + " region: US-NY, time_zone: America/New_York}",
          "delivery",
          "{message_id: m}");

  /** What situations are called in words, as steps. */
  private static final Map<String, String> STORIES =
      Map.ofEntries(
          story(
              "STOP, START 3 s later",
              "{topic: send}, {topic: reply, message_id: m, body: STOP, at: +1s},"
                  + " {topic: reply, message_id: m, body: START, at: +4s}"),
          story(
              "START (later) arrives before STOP",
              "{topic: send}, {topic: reply, message_id: m, body: START, event_time: +4s, at: +5s},"
                  + " {topic: reply, message_id: m, body: STOP, event_time: +1s, at: +6s}"),
          story(
              "reply STOP without event_time",
              "{topic: reply, raw: '{\"event_id\":\"e\",\"recipient_id\":\"p\",\"body\":\"STOP\"}'}"),
          story(
              "reply {body:STOP} with key only",
              "{topic: reply, key: p, raw: '{\"body\":\"STOP\"}'}"),
          story("opt-out, method in lower case", "{topic: opt-out, scope: qh, method: web}"),
          story(
              "reply cut off after the body",
              "{topic: reply, raw: '{\"event_id\":\"e\",\"recipient_id\":\"p\",\"body\":\"STOP\",\"ev'}"),
          story("tombstone on sms.opt-out", "{topic: opt-out, key: p, raw: null}"),
          story(
              "reply STOP inside a JSON array",
              "{topic: reply, key: p, raw: '[{\"event_id\":\"e\",\"event_time\":1772470800000,"
                  + "\"recipient_id\":\"p\",\"body\":\"STOP\"}]'}"),
          story(
              "reply STOP, recipient_id a JSON number 12125550179, key +12125550179",
              "{topic: reply, key: '+12125550179', recipient_id: 12125550179, body: STOP},"
                  + " {topic: send-request, recipient_id: '+12125550179', at: +25h}"),
          story(
              "same recipient, message_id 'welcome' in campaign a, a day later in b, cap 1 a day",
              "{topic: send, message_id: welcome, campaign_id: a, list_id: daily},"
                  + " {topic: send, message_id: welcome, campaign_id: b, list_id: daily, at: +24h},"
                  + " {topic: send-request, list_id: daily, at: +25h}"));

  /** What is expected in other words. */
  private static final Map<String, String> EXPECTED =
      Map.of(
          "suppressed", "DENY",
          "SUPPRESSED", "DENY OPTED_OUT",
          "no suppression", "ALLOW",
          "texts resume", "ALLOW",
          "second message counts", "DEFER CAP_REACHED");

  private static final Pattern LOCAL = Pattern.compile("(\\S+)T(\\d\\d:\\d\\d) (.+)");
  private static final Map<String, String> ZONES =
      Map.of(
          "London", "Europe/London",
          "Kolkata", "Asia/Kolkata",
          "Berlin", "Europe/Berlin",
          "New York", "America/New_York");

  private SendGateCases() {}

  private static Map.Entry<String, String> story(String words, String steps) {
    return Map.entry(words, "[" + steps + "]");
  }

  /** The checks by kind of case. */
  public static Map<String, FieldCheck> checks() {
    Map<String, FieldCheck> checks = new HashMap<>();
    FieldCheck reply = SendGateCases::reply;
    checks.put("opt-out in ordinary words not recognised", reply);
    checks.put("opt-out in another form not recognised", reply);
    checks.put("reply", reply);
    checks.put("vendor's opt-out or dead number is not known", SendGateCases::receipt);
    checks.put("error code left on a delivered message", SendGateCases::receipt);
    checks.put("quiet hours in the wrong zone", SendGateCases::wrongZone);
    checks.put("unknown region switches the laws off", SendGateCases::unknownRegion);
    checks.put("zone without region has no hour at all", SendGateCases::someHours);
    checks.put("stated zone contradicts the number", SendGateCases::contradiction);
    checks.put("36 zones for Caribbean numbers", SendGateCases::trinidad);
    checks.put("DST, midnight, half hours", SendGateCases::clockChange);
    checks.put("START without message_id", SendGateCases::startWithoutMessage);
    checks.put("opt-in of a clock that runs ahead", SendGateCases::clockAhead);
    checks.put("absurd amounts", SendGateCases::absurdAmounts);
    checks.put("hours of a day", SendGateCases::hoursOfADay);
    FieldCheck inSteps = SendGateCases::inSteps;
    checks.put("races", inSteps);
    checks.put("opt-outs that are broken", inSteps);
    checks.put("message ids that repeat", inSteps);
    return checks;
  }

  // The kinds.

  /** Steps as they stand, or a situation in words. */
  private static void inSteps(JsonNode input, String expected) throws Exception {
    if (input.isArray() || input.isObject()) {
      assertVerdict(play(input), expected);
    } else if (input.asText().equals("receipt and STOP before their send")) {
      String steps =
          "[{topic: delivery, status: DELIVERED}, {topic: reply, message_id: m, body: STOP, at: +1s},"
              + " {topic: send, event_time: -1s, at: +2s}, {topic: send-request, list_id: %s, at: +25h}]";
      assertVerdict(play(steps.formatted("qh")), "DENY");
      assertVerdict(play(steps.formatted("other")), "ALLOW");
    } else if (input.asText().startsWith("opt-out of '+1 212 555 0178'")) {
      for (String written : List.of("+1 212 555 0178", "12125550178")) {
        String steps =
            "[{topic: opt-out, recipient_id: '%s', scope: '*', method: WEB},"
                + " {topic: send-request, recipient_id: '+12125550178', at: +25h}]";
        assertVerdict(play(steps.formatted(written)), "DENY");
      }
    } else {
      assertThat(STORIES).as("a situation that no test knows").containsKey(input.asText());
      assertVerdict(play(STORIES.get(input.asText())), expected);
    }
  }

  private static void reply(JsonNode input, String expected) throws Exception {
    ObjectNode reply = JSON.createObjectNode();
    reply.put("topic", "reply").put("message_id", "m").put("at", "+1s");
    reply.put("body", input.path("body").asText());
    assertVerdict(play("[{topic: send}, " + reply + "]"), expected);
  }

  private static void receipt(JsonNode input, String expected) throws Exception {
    ObjectNode receipt = input.deepCopy();
    receipt.put("topic", "delivery").put("at", "+1s");
    assertVerdict(
        play("[{topic: send}, " + receipt + ", {topic: send-request, list_id: other, at: +25h}]"),
        expected);
  }

  private static void wrongZone(JsonNode input, String expected) throws Exception {
    Matcher at = LOCAL.matcher(input.path("at").asText());
    assertThat(at.matches()).isTrue();
    ObjectNode request = input.deepCopy();
    request.put("topic", "send-request");
    request.put("at", local(at.group(1) + "T" + at.group(2), ZONES.get(at.group(3))));
    for (String list : List.of("qh", "qhany")) {
      assertVerdict(play("[" + request.put("list_id", list) + "]"), expected);
    }
  }

  private static void unknownRegion(JsonNode input, String expected) throws Exception {
    String region = input.path("region").asText();
    StringBuilder steps = new StringBuilder("[");
    for (int i = 0; i < input.path("sends").asInt(); i++) {
      steps.append("{topic: send, message_id: m%d, list_id: law, at: +%ds},".formatted(i, i));
    }
    String at = input.has("sends") ? "+1h" : local(WORKDAY + "T19:00", "America/New_York");
    steps.append(
        "{topic: send-request, list_id: law, region: '%s', time_zone: null, at: '%s'}]"
            .formatted(region, at));
    assertVerdict(play(steps.toString()), expected);
  }

  private static void someHours(JsonNode input, String expected) throws Exception {
    List<Verdict> day = new ArrayList<>();
    try (TestingSendGate gate = gate(input)) {
      for (int hour = 0; hour < 24; hour++) {
        SendVerdict verdict = ask(gate, input, TestingGateTask.NOON + hour * HOUR);
        day.add(verdict.verdict());
        assertThat(verdict.verdict() == Verdict.DEFER).isEqualTo(verdict.notBefore() != null);
      }
    }
    assertThat(day).as(expected).contains(Verdict.ALLOW, Verdict.DEFER);
  }

  private static void contradiction(JsonNode input, String expected) throws Exception {
    ObjectNode request = input.deepCopy();
    request.put("at", local(WORKDAY + "T04:30", "America/New_York"));
    request.put("topic", "send-request").putNull("region");
    assertVerdict(play("[" + request + "]"), expected);
  }

  private static void trinidad(JsonNode input, String expected) throws Exception {
    assertThat(expected).isEqualTo("09:00 to 20:00 in Trinidad");
    ObjectNode request = JSON.createObjectNode();
    request.set("recipient_id", input.path("recipient_id"));
    request.put("zone", "America/Port_of_Spain");
    hoursOfADay(request, "09:00-20:00");
  }

  /** A request in every quarter of an hour of a day, by the clocks of a zone. */
  private static void hoursOfADay(JsonNode input, String expected) throws Exception {
    ZoneId zone = ZoneId.of(input.path("zone").asText());
    LocalDate date = input.has("date") ? LocalDate.parse(input.path("date").asText()) : WORKDAY;
    String[] hours = expected.equals("none") ? null : expected.split("-", -1);
    try (TestingSendGate gate = gate(input)) {
      long end = date.plusDays(1).atStartOfDay(zone).toInstant().toEpochMilli();
      for (long at = date.atStartOfDay(zone).toInstant().toEpochMilli(); at < end; at += QUARTER) {
        LocalTime time = Instant.ofEpochMilli(at).atZone(zone).toLocalTime();
        boolean open =
            hours != null
                && !time.isBefore(LocalTime.parse(hours[0]))
                && time.isBefore(LocalTime.parse(hours[1]));
        assertThat(ask(gate, input, at).verdict())
            .as("%s on %s", time, date)
            .isEqualTo(open ? Verdict.ALLOW : Verdict.DEFER);
      }
    }
  }

  private static void clockChange(JsonNode input, String expected) throws Exception {
    String situation = input.asText();
    if (input.isArray() || input.isObject()) {
      assertVerdict(play(input), expected);
    } else if (situation.startsWith("New York 2026-03-08")) {
      inNewYork("2026-03-08T08:59", "DEFER until 2026-03-08T13:00:00Z");
      inNewYork("2026-03-08T09:00", "ALLOW");
    } else if (situation.startsWith("New York 2026-11-01")) {
      inNewYork("2026-11-01T08:30", "DEFER until 2026-11-01T14:00:00Z");
      inNewYork("2026-11-01T19:30", "ALLOW");
      inNewYork("2026-11-01T19:55", "ALLOW until 2026-11-02T01:00:00Z");
      inNewYork("2026-11-01T20:00", "DEFER until 2026-11-02T14:00:00Z");
    } else if (situation.contains("Santiago")) {
      dayCap("CL", "America/Santiago", "2026-09-05T12:00", "2026-09-05T23:30", "2026-09-06T04:00");
    } else if (situation.contains("25 hours")) {
      String zone = "America/New_York";
      dayCap("US-NY", zone, "2026-11-01T00:10", "2026-11-01T23:50", "2026-11-02T05:00");
    } else {
      fail("a situation that no test knows");
    }
  }

  private static void inNewYork(String at, String expected) throws Exception {
    String instant = local(at, "America/New_York");
    assertVerdict(play("[{topic: send-request, at: '" + instant + "'}]"), expected);
  }

  private static void dayCap(
      String region, String zone, String sent, String asked, String notBefore) throws Exception {
    String steps =
        "[{topic: send, list_id: daycap, region: %1$s, time_zone: %2$s, at: '%3$s'},"
            + " {topic: send-request, list_id: daycap, region: %1$s, time_zone: %2$s, at: '%4$s'}]";
    assertVerdict(
        play(steps.formatted(region, "'" + zone + "'", local(sent, zone), local(asked, zone))),
        "DEFER CAP_REACHED until " + notBefore + ":00Z");
  }

  private static void startWithoutMessage(JsonNode input, String expected) throws Exception {
    if (input.isArray()) {
      assertVerdict(play(input), expected);
      return;
    }
    String stop = "{topic: send}, {topic: reply, message_id: m, body: STOP, at: +1s}";
    assertVerdict(play("[" + stop + "]"), "DENY OPTED_OUT");
    assertVerdict(play("[" + stop + ", {topic: reply, body: START, at: +2s}]"), expected);
  }

  private static void clockAhead(JsonNode input, String expected) throws Exception {
    StringBuilder steps = new StringBuilder("[");
    for (JsonNode record : input) {
      ObjectNode step = record.deepCopy();
      boolean ahead = record.path("event_time").asText().equals("now + 10 h");
      step.put("topic", record.path("topic").asText().replace("sms.", ""));
      step.put("event_time", ahead ? "+10h" : "+1s").put("at", ahead ? "+0s" : "+1s");
      steps.append(step).append(',');
    }
    assertVerdict(play(steps.append("{topic: send-request, at: +25h}]").toString()), expected);
  }

  private static void absurdAmounts(JsonNode input, String expected) {
    assertThat(expected).contains("dead letter");
    String send =
        """
        {"event_id":"e","event_time":%d,"recipient_id":"p","message_id":"m","campaign_id":"c",
         "list_id":"l","category":"PROMOTIONAL","cost_micros":%s}"""
            .formatted(TestingGateTask.NOON, input.get(0).path("cost_micros"));
    try {
      new TopicCodec()
          .read(Topic.SEND, send.getBytes(StandardCharsets.UTF_8), TestingGateTask.NOON);
      fail("accepted");
    } catch (UnreadableException e) {
      assertThat(e).hasMessageContaining("cost_micros");
    }
  }

  // The means.

  private static TestingSendGate gate(JsonNode input) throws Exception {
    List<String> policies = new ArrayList<>(POLICIES);
    if (input.has("policy")) {
      policies.add("id: own\n" + input.path("policy").asText());
    }
    return new TestingSendGate(policies);
  }

  private static SendVerdict ask(TestingSendGate gate, JsonNode input, long at) throws Exception {
    ObjectNode request = JSON.createObjectNode().put("topic", "send-request");
    for (String field : List.of("recipient_id", "list_id", "region", "time_zone")) {
      if (input.hasNonNull(field)) {
        request.set(field, input.path(field));
      } else if (!field.endsWith("_id")) {
        request.putNull(field);
      }
    }
    step(gate, request.put("at", Instant.ofEpochMilli(at).toString()), (int) (at / QUARTER));
    return gate.verdict();
  }

  /** Short to write: a flow of YAML, of which JSON is a part. */
  private static JsonNode yaml(String text) {
    return JSON.valueToTree(new Load(LoadSettings.builder().build()).loadFromString(text));
  }

  private static SendVerdict play(String steps) throws Exception {
    return play(yaml(steps));
  }

  private static SendVerdict play(JsonNode story) throws Exception {
    JsonNode steps = story.isArray() ? story : story.path("steps");
    try (TestingSendGate gate = gate(story)) {
      int number = 0;
      for (JsonNode step : steps) {
        step(gate, step, number++);
      }
      if (!steps.get(number - 1).path("topic").asText().equals("send-request")) {
        // A day and a bit later, so that no cap is in the way.
        step(gate, yaml("{topic: send-request, at: +25h}"), number);
      }
      return gate.verdict();
    }
  }

  private static void step(TestingSendGate gate, JsonNode step, int number) throws Exception {
    String name = step.path("topic").asText();
    Topic topic =
        Topic.events().stream()
            .filter(each -> each.shortName().equals(name))
            .findFirst()
            .orElseThrow(() -> new AssertionError("no topic " + name));
    long at = instant(step.path("at").asText("+0s"));
    String key = step.path("key").asText(null);
    if (step.has("raw")) {
      gate.record(topic, key, step.path("raw").asText(null), at);
      return;
    }
    ObjectNode value = (ObjectNode) yaml(DEFAULTS.getOrDefault(name, "{}"));
    value.put("event_id", "e" + number).put("event_time", at).put("recipient_id", "p");
    if (topic == Topic.SEND_REQUEST) {
      value.put("request_id", "q" + number);
    }
    for (Iterator<Map.Entry<String, JsonNode>> fields = step.fields(); fields.hasNext(); ) {
      Map.Entry<String, JsonNode> field = fields.next();
      if (field.getValue().isNull()) {
        value.remove(field.getKey());
      } else if (field.getKey().equals("event_time")
          && field.getValue().asText().matches("[+-].*")) {
        value.put("event_time", instant(field.getValue().asText()));
      } else if (!List.of("topic", "at", "key").contains(field.getKey())) {
        value.set(field.getKey(), field.getValue());
      }
    }
    gate.record(topic, key, value.toString(), at);
  }

  private static long instant(String text) {
    if (!text.matches("[+-].*")) {
      return Instant.parse(text).toEpochMilli();
    }
    Duration after = Duration.parse("PT" + text.substring(1));
    return TestingGateTask.NOON + (text.startsWith("-") ? -after.toMillis() : after.toMillis());
  }

  private static String local(String dateTime, String zone) {
    return LocalDateTime.parse(dateTime).atZone(ZoneId.of(zone)).toInstant().toString();
  }

  private static final Pattern VERDICT =
      Pattern.compile("(ALLOW|DEFER|DENY)( [A-Z_]+)?( until (\\S+))?");

  private static void assertVerdict(SendVerdict verdict, String expected) {
    String words = expected.replaceAll("[,(].*", "").strip();
    Matcher match = VERDICT.matcher(EXPECTED.getOrDefault(words, words));
    assertThat(match.matches()).as(expected).isTrue();
    assertThat(verdict.verdict().name()).as("%s", verdict).isEqualTo(match.group(1));
    if (match.group(2) != null) {
      assertThat(verdict.reasons().stream().map(Enum::name)).contains(match.group(2).strip());
    }
    if (match.group(4) != null) {
      Long until =
          verdict.verdict() == Verdict.DEFER ? verdict.notBefore() : (Long) verdict.expiresAt();
      assertThat(Instant.ofEpochMilli(until)).isEqualTo(match.group(4));
    }
  }
}
