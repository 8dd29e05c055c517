package io.heed.flink.sendgate;

import io.heed.core.gate.GateEvent.Invalid;
import io.heed.core.gate.GateEvent.Revoked;
import io.heed.core.gate.RevocationMethod;
import io.heed.core.model.Decimals;
import io.heed.core.model.Event;
import io.heed.core.model.Field;
import io.heed.core.model.Texts;
import io.heed.core.model.Topic;
import io.heed.core.rules.ReplyIntent;
import io.heed.core.rules.ReplyRecogniser;
import io.heed.flink.streaming.Input;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Opt-outs fail safe: makes a revocation of a record that breaks the rules, if a recipient can be
 * read from its field or from the record's key. A request likewise gets its refusal. What lies
 * beyond its bound is taken for unreadable: nothing oversized comes out.
 */
final class FailSafe {
  private final ReplyRecogniser recogniser;

  FailSafe(ReplyRecogniser recogniser) {
    this.recogniser = recogniser;
  }

  /** Whether a record that cannot be read may be a revocation. */
  static boolean concerns(Input input) {
    return input.topic() == Topic.OPT_OUT || input.topic() == Topic.REPLY;
  }

  /** The revocations in a record; none if it revokes nothing, or its recipient is unknown. */
  List<Revoked> revocations(Input input) {
    List<Revoked> revocations = new ArrayList<>();
    for (Map<String, String> fields : BrokenRecord.read(input.value())) {
      Revoked revocation = revocation(fields, input);
      if (revocation != null) {
        revocations.add(revocation);
      }
    }
    return revocations;
  }

  private Revoked revocation(Map<String, String> fields, Input input) {
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
    String body = fields.getOrDefault(BrokenRecord.BODY, "");
    ReplyIntent intent = recogniser.recognise(Texts.cut(Texts.wellFormed(body), Field.LONG_TEXT));
    if (!intent.revokes()) {
      return null;
    }
    RevocationMethod method = RevocationMethod.of(intent);
    return new Revoked(recipient, time, method.replyScope(), id(fields.get("message_id")), method);
  }

  /** The request in a record; null if it names no request, or its recipient is unknown. */
  Invalid request(Input input) {
    Map<String, String> fields = BrokenRecord.read(input.value()).get(0);
    String request = id(fields.get("request_id"));
    String recipient = recipient(fields, input);
    return request == null || recipient == null
        ? null
        : new Invalid(recipient, time(fields.get("event_time"), input), request);
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
