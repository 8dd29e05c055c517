package io.heed.cli.webhooks;

import static io.heed.cli.webhooks.VendorMapping.optional;
import static io.heed.cli.webhooks.VendorMapping.required;

import com.fasterxml.jackson.databind.JsonNode;
import io.heed.core.model.Delivery;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.model.Event;
import io.heed.core.model.Reply;
import java.util.List;
import java.util.Map;

/**
 * Twilio's status callbacks and incoming messages. They state no instant ({@code RawDlrDoneDate}
 * has neither seconds nor a zone), so an event's time is when it came. Source: Twilio, Messaging
 * webhooks; Outbound message status in status callbacks; Advanced Opt-Out.
 */
final class TwilioMapping implements VendorMapping {
  private static final Map<String, DeliveryStatus> STATUSES =
      Map.ofEntries(
          Map.entry("accepted", DeliveryStatus.ACCEPTED),
          Map.entry("scheduled", DeliveryStatus.ACCEPTED),
          Map.entry("queued", DeliveryStatus.ACCEPTED),
          Map.entry("sending", DeliveryStatus.ACCEPTED),
          Map.entry("sent", DeliveryStatus.SENT),
          Map.entry("delivered", DeliveryStatus.DELIVERED),
          Map.entry("partially_delivered", DeliveryStatus.DELIVERED),
          Map.entry("read", DeliveryStatus.READ),
          Map.entry("undelivered", DeliveryStatus.UNDELIVERED),
          Map.entry("failed", DeliveryStatus.FAILED),
          Map.entry("canceled", DeliveryStatus.FAILED));

  @Override
  public String vendor() {
    return "twilio";
  }

  @Override
  public List<JsonNode> items(JsonNode body) {
    return List.of(body);
  }

  @Override
  public List<Event> events(JsonNode item, long receivedAt) throws UnmappableException {
    String sid = optional(item, "/MessageSid");
    String id = sid == null ? required(item, "/SmsSid") : sid;
    String status = optional(item, "/MessageStatus");
    if (status == null) {
      // Incoming messages carry SmsStatus alone.
      status = required(item, "/SmsStatus");
    }
    if (status.equalsIgnoreCase("received") || status.equalsIgnoreCase("receiving")) {
      return incoming(item, "twilio:" + id, receivedAt);
    }
    String to = required(item, "/To");
    return List.of(
        new Delivery(
            "twilio:" + id + ":" + status,
            receivedAt,
            withoutChannel(to),
            id,
            VendorMapping.status(STATUSES, "MessageStatus", status),
            optional(item, "/ErrorCode"),
            vendor(),
            null,
            channel(to)));
  }

  private static List<Event> incoming(JsonNode item, String id, long receivedAt)
      throws UnmappableException {
    String from = withoutChannel(required(item, "/From"));
    Reply reply =
        VendorMapping.reply(
            id,
            receivedAt,
            from,
            optional(item, "/OriginalRepliedMessageSid"),
            optional(item, "/Body"));
    return "STOP".equals(optional(item, "/OptOutType"))
        ? List.of(reply, VendorMapping.optOut(id, receivedAt, from))
        : List.of(reply);
  }

  private static String withoutChannel(String address) {
    return address.replaceFirst("^(whatsapp|rcs):", "");
  }

  private static String channel(String address) {
    int colon = address.indexOf(':');
    return address.matches("(whatsapp|rcs):.*") ? address.substring(0, colon) : null;
  }
}
