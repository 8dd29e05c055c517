package io.heed.flink.sendgate;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.heed.core.gate.GateEvent.Invalid;
import io.heed.core.gate.GateEvent.Revoked;
import io.heed.core.gate.RevocationMethod;
import io.heed.core.model.Event;
import io.heed.core.model.Topic;
import io.heed.core.rules.ReplyIntent;
import io.heed.core.rules.ReplyRecogniser;
import io.heed.flink.streaming.Input;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Opt-outs fail safe: makes a revocation of a record that breaks the rules, if a recipient can be
 * read from its field or from the record's key. A request likewise gets its refusal.
 */
final class FailSafe {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ReplyRecogniser recogniser;

  FailSafe(ReplyRecogniser recogniser) {
    this.recogniser = recogniser;
  }

  /** Whether a record that cannot be read may be a revocation. */
  static boolean concerns(Input input) {
    return input.topic() == Topic.OPT_OUT || input.topic() == Topic.REPLY;
  }

  /** The revocation in a record; null if it revokes nothing, or nobody knows whose it is. */
  Revoked revocation(Input input) {
    JsonNode json = json(input.value());
    String recipient = recipient(json, input);
    if (recipient == null) {
      return null;
    }
    if (input.topic() == Topic.OPT_OUT) {
      String scope = text(json, "scope");
      return new Revoked(
          recipient, time(json, input), scope == null ? "*" : scope, null, method(json));
    }
    String body = text(json, "body");
    ReplyIntent intent = body == null ? ReplyIntent.NONE : recogniser.recognise(body);
    return intent.revokes()
        ? new Revoked(
            recipient,
            time(json, input),
            null,
            text(json, "message_id"),
            intent.exact() ? RevocationMethod.KEYWORD : RevocationMethod.FUZZY)
        : null;
  }

  /** The request in a record; null if it names no request, or nobody knows whose it is. */
  Invalid request(Input input) {
    JsonNode json = json(input.value());
    String request = text(json, "request_id");
    String recipient = recipient(json, input);
    return request == null || recipient == null
        ? null
        : new Invalid(recipient, time(json, input), request);
  }

  /** The fields of a record up to where it is broken. */
  private static JsonNode json(byte[] value) {
    ObjectNode fields = JSON.createObjectNode();
    try (JsonParser parser = JSON.createParser(value == null ? new byte[0] : value)) {
      parser.nextToken();
      for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
        parser.nextToken();
        fields.set(name, parser.readValueAsTree());
      }
    } catch (IOException e) {
      // What stands before the fault can be used.
    }
    return fields;
  }

  /** The recipient by the record's field, else by its key; null if neither says. */
  private static String recipient(JsonNode json, Input input) {
    String recipient = text(json, "recipient_id");
    if (recipient == null && input.key() != null && input.key().length > 0) {
      recipient = new String(input.key(), StandardCharsets.UTF_8);
    }
    return recipient == null ? null : input.ids().canonical(recipient, input.key());
  }

  private static String text(JsonNode json, String field) {
    String text = json.path(field).asText("");
    return text.isEmpty() ? null : text;
  }

  private static long time(JsonNode json, Input input) {
    long time = json.path("event_time").asLong(0);
    boolean valid = time >= Event.EARLIEST && time <= input.appendTime() + Event.MAX_AHEAD_MILLIS;
    return valid ? Math.min(time, input.appendTime()) : input.appendTime();
  }

  private static RevocationMethod method(JsonNode json) {
    String method = json.path("method").asText("").toUpperCase(Locale.ROOT);
    return switch (method) {
      case "KEYWORD", "FUZZY", "WEB", "AGENT", "COMPLAINT", "CARRIER", "DO_NOT_CALL" ->
          RevocationMethod.valueOf(method);
      default -> RevocationMethod.UNREADABLE;
    };
  }
}
