package io.heed.cli.webhooks;

import static io.heed.cli.webhooks.VendorMapping.optional;
import static io.heed.cli.webhooks.VendorMapping.required;

import com.fasterxml.jackson.databind.JsonNode;
import io.heed.core.model.Delivery;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.model.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Telnyx's {@code message.sent}, {@code message.finalized} and {@code message.received}; a message
 * to a group is a receipt for each number. Source: Telnyx, Receiving webhooks for messaging, and
 * the API reference of its callbacks.
 */
final class TelnyxMapping implements VendorMapping {
  private static final Map<String, DeliveryStatus> STATUSES =
      Map.of(
          "queued", DeliveryStatus.ACCEPTED,
          "sending", DeliveryStatus.ACCEPTED,
          "sent", DeliveryStatus.SENT,
          "delivery_unconfirmed", DeliveryStatus.UNKNOWN,
          "expired", DeliveryStatus.EXPIRED,
          "sending_failed", DeliveryStatus.FAILED,
          "delivery_failed", DeliveryStatus.UNDELIVERED,
          "delivered", DeliveryStatus.DELIVERED,
          "read", DeliveryStatus.READ);

  @Override
  public String vendor() {
    return "telnyx";
  }

  @Override
  public List<JsonNode> items(JsonNode body) throws UnmappableException {
    if (!body.path("data").isObject()) {
      throw new UnmappableException("data: an object is needed");
    }
    return List.of(body.path("data"));
  }

  @Override
  public List<Event> events(JsonNode item, long receivedAt) throws UnmappableException {
    String type = required(item, "/event_type");
    String id = "telnyx:" + required(item, "/id");
    long time = VendorMapping.instant(optional(item, "/occurred_at"), receivedAt);
    return switch (type) {
      case "message.received" ->
          List.of(
              VendorMapping.reply(
                  id,
                  time,
                  required(item, "/payload/from/phone_number"),
                  null,
                  optional(item, "/payload/text")));
      case "message.sent", "message.finalized" -> receipts(item, id, time);
      default -> throw new UnmappableException("event_type: '%s' is unknown".formatted(type));
    };
  }

  private List<Event> receipts(JsonNode item, String id, long time) throws UnmappableException {
    List<Event> receipts = new ArrayList<>();
    String type = optional(item, "/payload/type");
    for (JsonNode to : item.at("/payload/to")) {
      String number = required(to, "/phone_number");
      String status = required(to, "/status");
      receipts.add(
          new Delivery(
              receipts.isEmpty() ? id : id + ":" + receipts.size(),
              time,
              number,
              required(item, "/payload/id"),
              VendorMapping.status(STATUSES, "status", status),
              optional(item, "/payload/errors/0/code"),
              vendor(),
              optional(to, "/carrier"),
              type == null || !type.matches("MMS|RCS|WHATSAPP")
                  ? null
                  : type.toLowerCase(Locale.ROOT)));
    }
    if (receipts.isEmpty()) {
      throw new UnmappableException("to: required, but missing");
    }
    return receipts;
  }
}
