package io.heed.cli.explain;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.heed.core.optimizer.ValueSentence;
import io.heed.core.optimizer.ValueVerdict;
import io.heed.core.optimizer.ValueVerdict.Cause;
import io.heed.core.rules.ReplyIntent;
import io.heed.core.rules.ReplyRecogniser;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Why a recipient may or may not be texted: current decisions, newest verdicts, what they rest on.
 */
final class RecipientExplanation implements Explanation {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The newest record of each key, as a consumer of the compacted topics has it. */
  private static final String STANDING =
      """
      SELECT payload
      FROM decision_newest
      WHERE endsWith(topic, '%s') AND startsWith(key, concat(?, '|'))
        AND JSONExtractString(payload, 'recipient_id') = ?
      ORDER BY key
      """;

  private static final String VERDICTS =
      """
      SELECT payload FROM decision
      WHERE endsWith(topic, 'sms.decision.send-verdict') AND key = ? AND toStartOfHour(decided_at) IN
        (SELECT DISTINCT hour FROM verdict_hour WHERE recipient_id = ? ORDER BY hour DESC LIMIT 5)
      ORDER BY decided_at DESC, JSONExtractInt(payload, 'seq') DESC LIMIT 5
      """;

  private static final String VALUE =
      """
      SELECT payload FROM decision
      WHERE endsWith(topic, 'sms.decision.send-verdict') AND key = ? AND toStartOfHour(decided_at) IN
        (SELECT DISTINCT hour FROM verdict_hour WHERE recipient_id = ? ORDER BY hour DESC LIMIT 5)
        AND JSONExtractString(payload, 'value', 'cause') NOT IN ('', 'NO_MODEL', 'PILOT_PENDING')
      ORDER BY decided_at DESC, JSONExtractInt(payload, 'seq') DESC LIMIT 1
      """;

  private static final String MESSAGES =
      """
      SELECT toUnixTimestamp64Milli(event_time) AS at, message_id, campaign_id, list_id, category
      FROM recipient_event WHERE event_type = 'send' AND recipient_id = ?
      ORDER BY event_time DESC LIMIT 5
      """;

  private static final String RECEIPTS =
      """
      SELECT toUnixTimestamp64Milli(event_time) AS at, message_id, status, error_code
      FROM recipient_event
      WHERE event_type = 'delivery' AND recipient_id = ? AND error_code != ''
      ORDER BY event_time DESC LIMIT 5
      """;

  private static final String REPLIES =
      """
      SELECT toUnixTimestamp64Milli(event_time) AS at, body
      FROM recipient_event WHERE event_type = 'reply' AND recipient_id = ?
      ORDER BY event_time DESC LIMIT 5
      """;

  private static final int SHOWN_CHARACTERS = 80;

  @Override
  public List<String> of(Connection warehouse, String id) throws SQLException {
    List<String> lines = new ArrayList<>();
    add(
        lines,
        "Suppression",
        Ledger.lines(
            warehouse,
            STANDING.formatted("sms.decision.suppression"),
            id,
            row -> suppression(json(row))));
    add(
        lines,
        "Caps",
        Ledger.lines(
            warehouse,
            STANDING.formatted("sms.decision.frequency-cap"),
            id,
            row -> cap(json(row))));
    add(
        lines,
        "Signals",
        Ledger.lines(
            warehouse,
            STANDING.formatted("sms.decision.recipient-signal"),
            id,
            row -> signal(json(row))));
    add(lines, "Newest verdicts", Ledger.lines(warehouse, VERDICTS, id, row -> verdict(json(row))));
    add(lines, "Value", Ledger.lines(warehouse, VALUE, id, row -> value(json(row))));
    add(lines, "Newest messages", Ledger.lines(warehouse, MESSAGES, id, row -> message(row)));
    add(lines, "Failed messages", Ledger.lines(warehouse, RECEIPTS, id, row -> receipt(row)));
    add(
        lines,
        "Newest replies",
        Ledger.lines(
            warehouse, REPLIES, id, row -> reply(row.getLong("at"), row.getString("body"))));
    if (!lines.isEmpty()) {
      lines.add(0, "Recipient " + id);
    }
    return lines;
  }

  private static void add(List<String> lines, String title, List<String> found) {
    if (!found.isEmpty()) {
      lines.add("");
      lines.add(title);
      found.forEach(line -> lines.add("  " + line));
    }
  }

  private static String suppression(JsonNode decision) {
    String scope = scope(decision);
    String method = decision.path("method").asText("");
    if (decision.path("state").asText().equals("SUPPRESSED")) {
      return "%s must not be texted since %s: %s%s%s"
          .formatted(
              scope,
              instant(decision, "since"),
              reasons(decision),
              method.isEmpty() ? "" : ", by " + method,
              decision.has("honour_by")
                  ? "; the law wants it honoured by " + instant(decision, "honour_by")
                  : "");
    }
    return method.isEmpty()
        ? scope + " is open: a revocation since " + instant(decision, "since") + " was not about it"
        : scope + " is open since " + instant(decision, "since") + ", by consent " + method;
  }

  private static String cap(JsonNode decision) {
    String what = decision.path("category").asText() + " on " + scope(decision);
    String source = decision.path("cap_source").asText();
    return decision.path("state").asText().equals("CAPPED")
        ? "%s: full since %s, open again from %s (%s)"
            .formatted(
                what,
                instant(decision, "decided_at"),
                instant(decision, "next_eligible_at"),
                source)
        : "%s: %d left since %s (%s)"
            .formatted(
                what, decision.path("remaining").asInt(), instant(decision, "decided_at"), source);
  }

  private static String signal(JsonNode decision) {
    String name = decision.path("signal").asText();
    return decision.path("state").asText().equals("SET")
        ? "%s since %s%s, until %s if nothing else happens: %s"
            .formatted(
                name,
                instant(decision, "decided_at"),
                decision.has("score")
                    ? ", score %.1f".formatted(decision.path("score").asDouble())
                    : "",
                instant(decision, "valid_until"),
                decision.path("evidence").asText())
        : "%s no longer, since %s".formatted(name, instant(decision, "decided_at"));
  }

  private static String verdict(JsonNode decision) {
    String sentence = sentence(decision);
    return "%s %s for request %s: %s%s%s, policy %s%s"
        .formatted(
            instant(decision, "decided_at"),
            decision.path("verdict").asText(),
            decision.path("request_id").asText(),
            reasons(decision),
            decision.has("not_before") ? ", not before " + instant(decision, "not_before") : "",
            decision.has("variant_id") ? ", variant " + decision.path("variant_id").asText() : "",
            decision.path("policy_version").asText(),
            sentence.isEmpty() ? "" : ". " + sentence);
  }

  /** What the optimizer says about a verdict; empty where it had no part. */
  static String sentence(JsonNode decision) {
    JsonNode value = decision.path("value");
    Cause cause =
        Arrays.stream(Cause.values())
            .filter(each -> each.name().equals(value.path("cause").asText()))
            .findFirst()
            .orElse(null);
    if (cause == null) {
      return "";
    }
    // In shadow mode the verdict, and when to ask again, are not the optimizer's.
    String would = decision.path("value_verdict").asText("");
    boolean again = would.isEmpty() && decision.has("not_before");
    int day = (int) Math.floorDiv(decision.path("not_before").asLong(), 86_400_000L);
    String sentence =
        ValueSentence.of(
            new ValueVerdict(
                decision.path("verdict").asText().equals("ALLOW"),
                cause,
                decision.path("propensity").asDouble(1),
                value.path("brings_micros").asDouble(),
                value.path("hazard").asDouble(),
                value.path("subscriber_micros").asDouble(),
                0),
            again ? day : -1);
    return would.isEmpty()
        ? sentence
        : "In shadow mode the optimizer would %s it. %s"
            .formatted(would.toLowerCase(Locale.ROOT), sentence);
  }

  /** What the person is worth, as the optimizer valued it last. */
  private static String value(JsonNode decision) {
    return "%.2f on list %s, as of %s, by the value model %s"
        .formatted(
            decision.path("value").path("subscriber_micros").asDouble() / 1e6,
            decision.path("list_id").asText(),
            instant(decision, "decided_at"),
            decision.path("model_version").asText());
  }

  private static String message(ResultSet row) throws SQLException {
    return "%s %s %s of campaign %s on list %s"
        .formatted(
            Instant.ofEpochMilli(row.getLong(1)),
            row.getString(5),
            row.getString(2),
            row.getString(3),
            row.getString(4));
  }

  private static String receipt(ResultSet row) throws SQLException {
    return "%s %s %s, error %s"
        .formatted(
            Instant.ofEpochMilli(row.getLong(1)),
            row.getString(3),
            row.getString(2),
            row.getString(4));
  }

  /** What a reply was taken for, and by which rule of the recogniser. */
  static String reply(long at, String body) {
    ReplyIntent intent = ReplyRecogniser.standard().recognise(body);
    String line = body.replaceAll("\\s+", " ").strip();
    int end = Math.min(line.length(), SHOWN_CHARACTERS);
    return "%s \"%s\" is %s: %s"
        .formatted(
            Instant.ofEpochMilli(at),
            end < line.length() ? line.substring(0, end) + "..." : line,
            intent.kind(),
            intent.reason());
  }

  private static String scope(JsonNode decision) {
    String scope = decision.path("scope").asText();
    return scope.equals("*") ? "everything" : "list " + scope;
  }

  private static String reasons(JsonNode decision) {
    List<String> reasons = new ArrayList<>();
    decision.path("reasons").forEach(reason -> reasons.add(reason.asText()));
    return String.join(", ", reasons);
  }

  private static String instant(JsonNode decision, String field) {
    return Instant.ofEpochMilli(decision.path(field).asLong())
        .truncatedTo(ChronoUnit.SECONDS)
        .toString();
  }

  private static JsonNode json(ResultSet row) throws SQLException {
    try {
      return JSON.readTree(row.getString(1));
    } catch (JsonProcessingException e) {
      throw new SQLException("a decision is not JSON", e);
    }
  }
}
