package io.heed.flink.sendgate;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.heed.core.gate.GateEvent.Invalid;
import io.heed.core.gate.GateEvent.Revoked;
import io.heed.core.gate.RevocationMethod;
import io.heed.core.model.Decimals;
import io.heed.core.model.Event;
import io.heed.core.model.Field;
import io.heed.core.model.JsonCodec;
import io.heed.core.model.Texts;
import io.heed.core.model.Topic;
import io.heed.core.rules.ReplyIntent;
import io.heed.core.rules.ReplyRecogniser;
import io.heed.flink.streaming.Input;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Opt-outs fail safe: makes a revocation of a record that breaks the rules, if a recipient can be
 * read from its field or from the record's key. A request likewise gets its refusal. What lies
 * beyond its bound is taken for unreadable: nothing oversized comes out.
 */
final class FailSafe {
  private static final JsonFactory JSON = JsonCodec.factory();
  private static final Set<String> FIELDS =
      Set.of("recipient_id", "request_id", "event_time", "scope", "method", "message_id", "body");

  private final ReplyRecogniser recogniser;

  FailSafe(ReplyRecogniser recogniser) {
    this.recogniser = recogniser;
  }

  /** Whether a record that cannot be read may be a revocation. */
  static boolean concerns(Input input) {
    return input.topic() == Topic.OPT_OUT || input.topic() == Topic.REPLY;
  }

  /** The revocation in a record; null if it revokes nothing, or its recipient is unknown. */
  Revoked revocation(Input input) {
    Map<String, String> fields = fields(input.value());
    String recipient = recipient(fields, input);
    if (recipient == null) {
      return null;
    }
    long time = time(fields.get("event_time"), input);
    if (input.topic() == Topic.OPT_OUT) {
      String scope = id(fields.get("scope"));
      return new Revoked(
          recipient, time, scope == null ? "*" : scope, null, method(fields.get("method")));
    }
    String body = fields.getOrDefault("body", "");
    ReplyIntent intent = recogniser.recognise(Texts.cut(Texts.wellFormed(body), Field.LONG_TEXT));
    if (!intent.revokes()) {
      return null;
    }
    RevocationMethod method = RevocationMethod.of(intent);
    return new Revoked(recipient, time, method.replyScope(), id(fields.get("message_id")), method);
  }

  /** The request in a record; null if it names no request, or its recipient is unknown. */
  Invalid request(Input input) {
    Map<String, String> fields = fields(input.value());
    String request = id(fields.get("request_id"));
    String recipient = recipient(fields, input);
    return request == null || recipient == null
        ? null
        : new Invalid(recipient, time(fields.get("event_time"), input), request);
  }

  /**
   * The fields that count, up to where the record is broken, as they stand there: a number is not
   * expanded, and what else the record has is skipped.
   */
  private static Map<String, String> fields(byte[] value) {
    Map<String, String> fields = new HashMap<>();
    try (JsonParser parser = JSON.createParser(value == null ? new byte[0] : value)) {
      parser.nextToken();
      for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
        JsonToken token = parser.nextToken();
        if (token == null) {
          break;
        }
        if (!token.isScalarValue()) {
          parser.skipChildren();
        } else if (FIELDS.contains(name) && token != JsonToken.VALUE_NULL) {
          fields.put(name, parser.getText());
        }
      }
    } catch (IOException e) {
      // What stands before the fault can be used.
    }
    return fields;
  }

  /** The recipient by the record's field, else by its key; null if neither names one. */
  private static String recipient(Map<String, String> fields, Input input) {
    String recipient = id(fields.get("recipient_id"));
    if (recipient == null && input.key() != null) {
      recipient = id(new String(input.key(), StandardCharsets.UTF_8));
    }
    return recipient == null ? null : input.ids().canonical(recipient, input.key());
  }

  /** An id within its bound; null for everything else. */
  private static String id(String text) {
    return text == null
            || text.isEmpty()
            || text.codePointCount(0, text.length()) > Field.TEXT
            || !Texts.isWellFormed(text)
        ? null
        : text;
  }

  private static long time(String text, Input input) {
    BigDecimal time = text == null ? null : Decimals.parse(text);
    boolean valid =
        time != null
            && time.compareTo(BigDecimal.valueOf(Event.EARLIEST)) >= 0
            && time.compareTo(BigDecimal.valueOf(input.appendTime() + Event.MAX_AHEAD_MILLIS)) <= 0;
    return valid ? Math.min(time.longValue(), input.appendTime()) : input.appendTime();
  }

  private static RevocationMethod method(String text) {
    String method = text == null ? "" : text.toUpperCase(Locale.ROOT);
    return switch (method) {
      case "KEYWORD",
          "FUZZY",
          "WEB",
          "AGENT",
          "COMPLAINT",
          "CARRIER",
          "DO_NOT_CALL",
          "WRONG_NUMBER" ->
          RevocationMethod.valueOf(method);
      default -> RevocationMethod.UNREADABLE;
    };
  }
}
