package io.heed.sim;

import io.heed.core.model.Click;
import io.heed.core.model.Delivery;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.model.Event;
import io.heed.core.model.OptIn;
import io.heed.core.model.OptOut;
import io.heed.core.model.OptOutMethod;
import io.heed.core.model.Reply;
import io.heed.core.model.Send;
import io.heed.sim.Arrival.Nature;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * What the list health of all windows of a day must add up to, computed independently of the job:
 * it keeps every event and counts the whole at the end, where the job has to count as it goes.
 */
public final class ListHealthTruth {
  private static final String ALL = "*";
  private static final long DAY = Duration.ofDays(1).toMillis();
  private static final long LAST_TEXTED = 7 * DAY;

  /**
   * Totals of a list, or of a campaign in it.
   *
   * @param campaignId empty for the list's total
   * @param clickers recipients who clicked, each once a day
   */
  public record Row(
      String listId,
      String campaignId,
      long sends,
      long delivered,
      long undelivered,
      long clicks,
      long clickers,
      long scannerClicks,
      long replies,
      long optOuts,
      long complaints,
      long optIns,
      long costMicros) {

    /** The totals by the names of their columns, in the order of the table. */
    public Map<String, Long> metrics() {
      Map<String, Long> metrics = new LinkedHashMap<>();
      metrics.put("sends", sends);
      metrics.put("delivered", delivered);
      metrics.put("undelivered", undelivered);
      metrics.put("clicks", clicks);
      metrics.put("clickers", clickers);
      metrics.put("scanner_clicks", scannerClicks);
      metrics.put("replies", replies);
      metrics.put("opt_outs", optOuts);
      metrics.put("complaints", complaints);
      metrics.put("opt_ins", optIns);
      metrics.put("cost_micros", costMicros);
      return metrics;
    }
  }

  private static final class Totals {
    long sends;
    long delivered;
    long undelivered;
    long clicks;
    final Set<String> clickers = new HashSet<>();
    long scannerClicks;
    long replies;
    long optOuts;
    long complaints;
    long optIns;
    long costMicros;

    Row row(Place place) {
      return new Row(
          place.list,
          place.campaign,
          sends,
          delivered,
          undelivered,
          clicks,
          clickers.size(),
          scannerClicks,
          replies,
          optOuts,
          complaints,
          optIns,
          costMicros);
    }
  }

  private record Place(String list, String campaign) {}

  private record Outcome(Event event, Nature nature) {}

  private final Map<String, Send> sends = new HashMap<>();
  private final Map<String, NavigableMap<Long, String>> textedLists = new HashMap<>();
  private final Map<String, DeliveryStatus> statuses = new HashMap<>();
  private final List<Outcome> outcomes = new ArrayList<>();
  private final Map<String, List<Long>> leftAllAt = new HashMap<>();

  void see(Event event, Nature nature) {
    if (event instanceof Send send) {
      sends.put(send.messageId(), send);
      textedLists
          .computeIfAbsent(send.recipientId(), r -> new TreeMap<>())
          .put(send.eventTime(), send.listId());
    } else if (event instanceof Delivery delivery) {
      statuses.merge(
          delivery.messageId(), delivery.status(), (a, b) -> a.compareTo(b) >= 0 ? a : b);
    } else if (event instanceof Click
        || event instanceof Reply
        || event instanceof OptOut
        || event instanceof OptIn) {
      outcomes.add(new Outcome(event, nature));
      if (event instanceof OptOut optOut && optOut.scope().equals(ALL)) {
        leftAllAt
            .computeIfAbsent(event.recipientId(), r -> new ArrayList<>())
            .add(event.eventTime());
      }
    }
  }

  /** Totals in order of list and campaign; those without a list have an empty one. */
  List<Row> rows() {
    Map<Place, Totals> totals = new HashMap<>();
    for (Send send : sends.values()) {
      DeliveryStatus status = statuses.get(send.messageId());
      for (Totals t : at(totals, send.listId(), send.campaignId())) {
        t.sends++;
        t.costMicros += send.costMicros();
        t.delivered += status != null && status.isDelivered() ? 1 : 0;
        t.undelivered += isUndelivered(status) ? 1 : 0;
      }
    }
    Map<String, Long> revoked = new HashMap<>();
    outcomes.stream()
        .sorted((a, b) -> Long.compare(a.event.eventTime(), b.event.eventTime()))
        .forEach(outcome -> add(totals, outcome, revoked));
    List<Row> rows = new ArrayList<>();
    totals.forEach((place, t) -> rows.add(t.row(place)));
    rows.sort(Comparator.comparing(Row::listId).thenComparing(Row::campaignId));
    return rows;
  }

  static boolean isUndelivered(DeliveryStatus status) {
    return status == DeliveryStatus.UNDELIVERED
        || status == DeliveryStatus.FAILED
        || status == DeliveryStatus.EXPIRED;
  }

  private void add(Map<Place, Totals> totals, Outcome outcome, Map<String, Long> revoked) {
    Event event = outcome.event;
    if (event instanceof Click click) {
      Send send = click.messageId() == null ? null : sends.get(click.messageId());
      if (send != null) {
        for (Totals t : at(totals, send.listId(), send.campaignId())) {
          if (outcome.nature == Nature.SCANNER_CLICK) {
            t.scannerClicks++;
          } else {
            t.clicks++;
            t.clickers.add(click.recipientId() + "|" + Math.floorDiv(click.eventTime(), DAY));
          }
        }
      }
    } else if (event instanceof Reply reply) {
      for (Totals t : of(totals, reply.messageId(), null, reply)) {
        t.replies++;
      }
      if (outcome.nature == Nature.REVOKING_REPLY) {
        revoke(totals, reply.messageId(), scopeOf(reply), reply, revoked);
      }
    } else if (event instanceof OptOut optOut) {
      revoke(totals, optOut.messageId(), optOut.scope(), optOut, revoked);
      if (optOut.method() == OptOutMethod.COMPLAINT) {
        for (Totals t : of(totals, optOut.messageId(), optOut.scope(), optOut)) {
          t.complaints++;
        }
      }
    } else if (event instanceof OptIn optIn) {
      for (Totals t : of(totals, null, optIn.scope(), optIn)) {
        t.optIns++;
      }
    }
  }

  /**
   * The list of the message; or all, if that is unknown, or if the recipient left all lists within
   * a day of it: then both mean the same.
   */
  private String scopeOf(Reply reply) {
    Send send = sends.get(reply.messageId());
    boolean leftAll =
        leftAllAt.getOrDefault(reply.recipientId(), List.of()).stream()
            .anyMatch(at -> Math.abs(at - reply.eventTime()) < DAY);
    return send == null || leftAll ? ALL : send.listId();
  }

  /** One opt-out per recipient and scope in a day. */
  private void revoke(
      Map<Place, Totals> totals,
      String messageId,
      String scope,
      Event event,
      Map<String, Long> revoked) {
    String key = event.recipientId() + "|" + scope;
    Long last = revoked.get(key);
    if (last == null || event.eventTime() - last >= DAY) {
      revoked.put(key, event.eventTime());
      for (Totals t : of(totals, messageId, scope, event)) {
        t.optOuts++;
      }
    }
  }

  /** Where an outcome counts: with its message, its scope, or the list that was texted last. */
  private List<Totals> of(Map<Place, Totals> totals, String messageId, String scope, Event event) {
    Send send = messageId == null ? null : sends.get(messageId);
    if (send != null) {
      return at(totals, send.listId(), send.campaignId());
    }
    if (scope != null && !scope.equals(ALL)) {
      return at(totals, scope, "");
    }
    NavigableMap<Long, String> texted = textedLists.get(event.recipientId());
    Map.Entry<Long, String> last = texted == null ? null : texted.floorEntry(event.eventTime());
    boolean recent = last != null && event.eventTime() - last.getKey() <= LAST_TEXTED;
    return at(totals, recent ? last.getValue() : "", "");
  }

  private static List<Totals> at(Map<Place, Totals> totals, String list, String campaign) {
    Totals ofList = totals.computeIfAbsent(new Place(list, ""), p -> new Totals());
    return campaign.isEmpty()
        ? List.of(ofList)
        : List.of(ofList, totals.computeIfAbsent(new Place(list, campaign), p -> new Totals()));
  }
}
