package io.heed.cli.webhooks;

import com.fasterxml.jackson.databind.JsonNode;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.model.Event;
import io.heed.core.model.Field;
import io.heed.core.model.OptOut;
import io.heed.core.model.OptOutMethod;
import io.heed.core.model.Reply;
import io.heed.core.model.Texts;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a vendor's callbacks mean. Ids of events follow from the vendor's own, so that a callback
 * that is delivered twice counts once.
 */
interface VendorMapping {
  /** What a reply without words has for a body. */
  String NO_TEXT = "[no text]";

  /** The vendor, as {@code sms.delivery} and the table of error codes name it. */
  String vendor();

  /**
   * The messages that a callback is about.
   *
   * @throws UnmappableException if it has not the form of the vendor's callbacks
   */
  List<JsonNode> items(JsonNode body) throws UnmappableException;

  /**
   * The events of one of them.
   *
   * @param receivedAt the event's time where the vendor states none, epoch milliseconds
   * @throws UnmappableException if a field that is needed is missing or unknown
   */
  List<Event> events(JsonNode item, long receivedAt) throws UnmappableException;

  /** A required text at a path such as {@code /message/id}; numbers count as text. */
  static String required(JsonNode item, String path) throws UnmappableException {
    String value = optional(item, path);
    if (value == null) {
      throw new UnmappableException(path.substring(1) + ": required, but missing");
    }
    return value;
  }

  /** The same, null if it is missing, empty, or no text. */
  static String optional(JsonNode item, String path) {
    JsonNode value = item.at(path);
    return value.isValueNode() && !value.isNull() && !value.asText().isEmpty()
        ? value.asText()
        : null;
  }

  /** A vendor's status in Heed's words. */
  static DeliveryStatus status(Map<String, DeliveryStatus> known, String field, String value)
      throws UnmappableException {
    DeliveryStatus status = known.get(value.toLowerCase(Locale.ROOT));
    if (status == null) {
      throw new UnmappableException("%s: '%s' is unknown".formatted(field, Texts.cut(value, 60)));
    }
    return status;
  }

  /**
   * An instant in ISO 8601, also with an offset without a colon; {@code orElse} for anything else.
   */
  static long instant(String text, long orElse) {
    if (text == null) {
      return orElse;
    }
    try {
      String withColon = text.replaceFirst("([+-]\\d{2})(\\d{2})$", "$1:$2");
      return OffsetDateTime.parse(withColon, DateTimeFormatter.ISO_OFFSET_DATE_TIME)
          .toInstant()
          .toEpochMilli();
    } catch (DateTimeException e) {
      // The id makes it one event all the same, and an opt-out must not be lost for its date.
      return orElse;
    }
  }

  /** Digits in international form as E.164; anything else as it is. */
  static String number(String text) {
    return text.matches("[1-9]\\d{6,14}") ? "+" + text : text;
  }

  /**
   * A reply, of which a part that is too long is left out: what revokes comes first or is short.
   */
  static Reply reply(String id, long time, String recipient, String messageId, String text) {
    String body = text == null || text.isBlank() ? NO_TEXT : Texts.wellFormed(text);
    return new Reply(id, time, recipient, messageId, Texts.cut(body, Field.LONG_TEXT));
  }

  /** What the vendor itself has taken for a revocation: for all, since it blocks the number. */
  static OptOut optOut(String id, long time, String recipient) {
    return new OptOut(id + ":opt-out", time, recipient, "*", OptOutMethod.KEYWORD, null);
  }
}
