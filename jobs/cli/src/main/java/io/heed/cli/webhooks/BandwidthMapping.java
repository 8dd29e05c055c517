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
 * Bandwidth's message callbacks, each an array. For MMS and groups {@code message-delivered} means
 * that Bandwidth has handed the message over. Source: Bandwidth, Messaging webhooks.
 */
final class BandwidthMapping implements VendorMapping {
  private static final Map<String, DeliveryStatus> TYPES =
      Map.of(
          "message-sending", DeliveryStatus.ACCEPTED,
          "message-delivered", DeliveryStatus.DELIVERED,
          "message-failed", DeliveryStatus.FAILED,
          "message-read", DeliveryStatus.READ);

  @Override
  public String vendor() {
    return "bandwidth";
  }

  @Override
  public List<JsonNode> items(JsonNode body) throws UnmappableException {
    if (!body.isArray()) {
      throw new UnmappableException("an array is needed");
    }
    List<JsonNode> items = new ArrayList<>();
    body.forEach(items::add);
    return items;
  }

  @Override
  public List<Event> events(JsonNode item, long receivedAt) throws UnmappableException {
    String type = required(item, "/type");
    String messageId = required(item, "/message/id");
    String id = "bandwidth:" + messageId;
    long time = VendorMapping.instant(optional(item, "/time"), receivedAt);
    if (type.equals("message-received")) {
      return List.of(
          VendorMapping.reply(
              id, time, required(item, "/message/from"), null, optional(item, "/message/text")));
    }
    String to = required(item, "/to");
    return List.of(
        new Delivery(
            id + ":" + type + ":" + place(item, to),
            time,
            to,
            messageId,
            VendorMapping.status(TYPES, "type", type),
            optional(item, "/errorCode"),
            vendor(),
            optional(item, "/carrierName")));
  }

  /**
   * A message to a group has a callback for each number. Its place stands for it, so that an id
   * never holds a number.
   */
  private static int place(JsonNode item, String to) {
    int place = 0;
    for (JsonNode each : item.at("/message/to")) {
      if (each.asText().equals(to)) {
        return place;
      }
      place++;
    }
    return place;
  }
}
