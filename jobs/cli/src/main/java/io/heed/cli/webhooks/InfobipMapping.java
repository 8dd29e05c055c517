package io.heed.cli.webhooks;

import static io.heed.cli.webhooks.VendorMapping.optional;
import static io.heed.cli.webhooks.VendorMapping.required;

import com.fasterxml.jackson.databind.JsonNode;
import io.heed.core.model.Delivery;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.model.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Infobip's delivery reports and incoming messages, many in one callback; numbers have no plus.
 * Source: Infobip API reference, Receive outbound SMS message report, Receive inbound SMS messages;
 * Response status and error codes.
 */
final class InfobipMapping implements VendorMapping {
  private static final Map<String, DeliveryStatus> GROUPS =
      Map.of(
          "accepted", DeliveryStatus.ACCEPTED,
          "pending", DeliveryStatus.ACCEPTED,
          "undeliverable", DeliveryStatus.UNDELIVERED,
          "delivered", DeliveryStatus.DELIVERED,
          "expired", DeliveryStatus.EXPIRED,
          "rejected", DeliveryStatus.FAILED);

  /** The operator has it, the handset may not. */
  private static final String TO_OPERATOR = "DELIVERED_TO_OPERATOR";

  private static final String NO_ERROR = "NO_ERROR";

  @Override
  public String vendor() {
    return "infobip";
  }

  @Override
  public List<JsonNode> items(JsonNode body) throws UnmappableException {
    if (!body.path("results").isArray()) {
      throw new UnmappableException("results: an array is needed");
    }
    List<JsonNode> items = new ArrayList<>();
    body.path("results").forEach(items::add);
    return items;
  }

  @Override
  public List<Event> events(JsonNode item, long receivedAt) throws UnmappableException {
    String messageId = required(item, "/messageId");
    String id = "infobip:" + messageId;
    if (!item.has("status")) {
      return List.of(
          VendorMapping.reply(
              id,
              VendorMapping.instant(optional(item, "/receivedAt"), receivedAt),
              VendorMapping.number(required(item, "/from")),
              null,
              optional(item, "/text")));
    }
    String group = required(item, "/status/groupName");
    String name = optional(item, "/status/name");
    String error = optional(item, "/error/name");
    String to = optional(item, "/to");
    DeliveryStatus status =
        TO_OPERATOR.equals(name)
            ? DeliveryStatus.SENT
            : VendorMapping.status(GROUPS, "status.groupName", group);
    return List.of(
        new Delivery(
            id + ":" + (name == null ? group : name),
            VendorMapping.instant(optional(item, "/doneAt"), receivedAt),
            VendorMapping.number(to == null ? required(item, "/destination") : to),
            messageId,
            status,
            NO_ERROR.equals(error) ? null : error,
            vendor(),
            null));
  }
}
