package io.heed.core.listhealth;

import io.heed.core.model.Click;
import io.heed.core.model.Conversion;
import io.heed.core.model.ConversionKind;
import io.heed.core.model.Delivery;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.model.Event;
import io.heed.core.model.OptIn;
import io.heed.core.model.OptOut;
import io.heed.core.model.OptOutMethod;
import io.heed.core.model.Reply;
import io.heed.core.model.Send;
import io.heed.core.rules.DeliveryErrors;
import io.heed.core.rules.ErrorClass;
import io.heed.core.rules.LinkScanners;
import io.heed.core.rules.ReplyRecogniser;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The rows as they follow from all events of one recipient at once, by the definitions alone and
 * with no thought of speed or order: what the incremental counts are held against.
 */
final class NaiveCounts {
  private static final long HOUR = 3_600_000;
  private static final long DAY = 24 * HOUR;
  private static final ReplyRecogniser REPLIES = ReplyRecogniser.standard();

  private final Map<String, Send> sends = new TreeMap<>();
  private final List<Delivery> receipts = new ArrayList<>();
  private final List<Click> clicks = new ArrayList<>();
  private final List<Reply> replies = new ArrayList<>();
  private final List<OptOut> optOuts = new ArrayList<>();
  private final List<OptIn> optIns = new ArrayList<>();
  private final List<Conversion> conversions = new ArrayList<>();
  private final Map<String, long[]> rows = new TreeMap<>();

  private NaiveCounts() {}

  /** The rows of one recipient: key and counts, those without any count left out. */
  static Map<String, long[]> of(Collection<Event> events) {
    NaiveCounts counts = new NaiveCounts();
    counts.sort(events);
    counts.count();
    counts.rows.values().removeIf(row -> Arrays.stream(row).allMatch(count -> count == 0));
    return counts.rows;
  }

  /** The key of a window. */
  static RowKey listHealth(long start, int seconds, String list, String campaign) {
    return new RowKey(CountTable.LIST_HEALTH, start, seconds, list, campaign, "", "");
  }

  /** A key as text. */
  static String text(RowKey key) {
    return key.table()
        + "|"
        + key.start()
        + "|"
        + key.seconds()
        + "|"
        + key.list()
        + "|"
        + key.campaign()
        + "|"
        + key.part()
        + "|"
        + key.errorClass();
  }

  private void sort(Collection<Event> events) {
    Map<String, Event> byId = new LinkedHashMap<>();
    events.forEach(event -> byId.putIfAbsent(event.eventId(), event));
    for (Event event : byId.values()) {
      if (event instanceof Send send) {
        sends.merge(send.messageId(), send, (a, b) -> SENDS.compare(a, b) <= 0 ? a : b);
      } else if (event instanceof Delivery delivery) {
        receipts.add(delivery);
      } else if (event instanceof Click click) {
        clicks.add(click);
      } else if (event instanceof Reply reply) {
        replies.add(reply);
      } else if (event instanceof OptOut optOut) {
        optOuts.add(optOut);
      } else if (event instanceof OptIn optIn) {
        optIns.add(optIn);
      } else if (event instanceof Conversion conversion) {
        conversions.add(conversion);
      }
    }
  }

  private static final Comparator<Send> SENDS =
      Comparator.comparingLong(Send::eventTime)
          .thenComparing(Send::listId)
          .thenComparing(Send::campaignId)
          .thenComparing(send -> Objects.toString(send.carrier(), ""))
          .thenComparingLong(Send::costMicros);

  private void count() {
    for (Send send : sends.values()) {
      window(send.eventTime(), send, 0, 1);
      window(send.eventTime(), send, 10, send.costMicros());
      cohort(send)[0]++;
      cohort(send)[8] += send.costMicros();
      receipt(send);
      clicks.stream()
          .filter(click -> isPerson(click, send))
          .mapToLong(Event::eventTime)
          .min()
          .ifPresent(first -> response(send, "click", first));
      replies.stream()
          .filter(reply -> send.equals(answered(reply, reply.messageId(), null)))
          .mapToLong(Event::eventTime)
          .min()
          .ifPresent(first -> response(send, "reply", first));
    }
    for (Click click : clicks) {
      Send send = send(click.messageId());
      if (send != null) {
        window(click.eventTime(), send, isPerson(click, send) ? 3 : 5, 1);
      }
    }
    clickers();
    for (Reply reply : replies) {
      place(reply, reply.messageId(), null, 6);
    }
    for (OptIn optIn : optIns) {
      place(optIn, null, optIn.scope(), 9);
    }
    List<Event> counted = countedOptOuts(e -> true);
    counted.forEach(e -> place(e, messageOf(e), scopeField(e), 7));
    List<Event> complaints =
        countedOptOuts(e -> e instanceof OptOut o && o.method() == OptOutMethod.COMPLAINT);
    complaints.forEach(e -> place(e, messageOf(e), scopeField(e), 8));
    people(3, clicks, c -> send(c.messageId()), (c, s) -> isPerson(c, s));
    people(4, replies, r -> answered(r, r.messageId(), null), (r, s) -> true);
    people(5, counted, e -> answered(e, messageOf(e), scopeField(e)), (e, s) -> true);
    people(6, complaints, e -> answered(e, messageOf(e), scopeField(e)), (e, s) -> true);
    Set<String> converted = new HashSet<>();
    for (Conversion conversion : conversions) {
      for (Send send : sends.values()) {
        long after = conversion.eventTime() - send.eventTime();
        if (conversion.kind() != ConversionKind.REFUND
            && after >= 0
            && after <= 72 * HOUR
            && converted.add(cohortKey(send))) {
          cohort(send)[7]++;
        }
      }
    }
  }

  private interface Test<T> {
    boolean test(T outcome, Send send);
  }

  private <T extends Event> void people(
      int metric, List<T> outcomes, Function<T, Send> sendOf, Test<T> counts) {
    Set<String> cohorts = new HashSet<>();
    for (T outcome : outcomes) {
      Send send = sendOf.apply(outcome);
      if (send != null
          && counts.test(outcome, send)
          && outcome.eventTime() <= send.eventTime() + 72 * HOUR
          && cohorts.add(cohortKey(send))) {
        cohort(send)[metric]++;
      }
    }
  }

  private void receipt(Send send) {
    Comparator<Delivery> rank =
        Comparator.comparing(Delivery::status)
            .thenComparing(Comparator.comparingLong(Delivery::eventTime).reversed())
            .thenComparing(Comparator.comparing(NaiveCounts::errorClass).reversed())
            .thenComparing(
                Comparator.comparing((Delivery d) -> Objects.toString(d.carrier(), "")).reversed());
    List<Delivery> own =
        receipts.stream()
            .filter(d -> d.messageId().equals(send.messageId()))
            .filter(d -> d.status().compareTo(DeliveryStatus.UNKNOWN) >= 0)
            .map(NaiveCounts::readIsDelivered)
            .toList();
    own.stream()
        .max(rank)
        .filter(d -> d.status() != DeliveryStatus.UNKNOWN)
        .ifPresent(
            d -> {
              boolean delivered = d.status() == DeliveryStatus.DELIVERED;
              window(d.eventTime(), send, delivered ? 1 : 2, 1);
              if (delivered) {
                response(send, "delivery", d.eventTime());
              }
            });
    receipts.stream()
        .filter(d -> d.messageId().equals(send.messageId()) && d.status() == DeliveryStatus.READ)
        .mapToLong(Event::eventTime)
        .min()
        .ifPresent(
            at -> {
              window(at, send, 12, 1);
              cohort(send)[10] += at <= send.eventTime() + 72 * HOUR ? 1 : 0;
            });
    // Of one status the earliest receipt is the message's, also where it is too late for the
    // cohort.
    Map<DeliveryStatus, Delivery> earliest =
        own.stream()
            .collect(
                Collectors.toMap(
                    Delivery::status, d -> d, (a, b) -> rank.compare(a, b) >= 0 ? a : b));
    Optional<Delivery> held =
        earliest.values().stream()
            .filter(d -> d.eventTime() <= send.eventTime() + 72 * HOUR)
            .max(rank);
    String carrier =
        send.carrier() != null
            ? send.carrier()
            : held.map(d -> Objects.toString(d.carrier(), "")).orElse("");
    String error =
        held.filter(d -> d.status() != DeliveryStatus.DELIVERED)
            .map(NaiveCounts::errorClass)
            .filter(c -> c != ErrorClass.NONE)
            .map(Enum::name)
            .orElse("");
    RowKey key =
        new RowKey(
            CountTable.DELIVERY_HEALTH,
            hour(send),
            0,
            send.listId(),
            send.campaignId(),
            carrier,
            error);
    row(key)[0]++;
    held.filter(d -> d.status() != DeliveryStatus.UNKNOWN)
        .ifPresent(
            d -> {
              int metric = d.status() == DeliveryStatus.DELIVERED ? 1 : 2;
              row(key)[metric]++;
              cohort(send)[metric]++;
            });
  }

  private static Delivery readIsDelivered(Delivery d) {
    return d.status() != DeliveryStatus.READ
        ? d
        : new Delivery(
            d.eventId(),
            d.eventTime(),
            d.recipientId(),
            d.messageId(),
            DeliveryStatus.DELIVERED,
            null,
            d.vendor(),
            d.carrier());
  }

  private static ErrorClass errorClass(Delivery delivery) {
    return DeliveryErrors.standard().classOf(delivery.vendor(), delivery.errorCode());
  }

  private void clickers() {
    Set<String> counted = new HashSet<>();
    for (Click click : clicks) {
      Send send = send(click.messageId());
      if (send != null && isPerson(click, send)) {
        for (int seconds : new int[] {60, 3_600, 86_400}) {
          for (String campaign : new String[] {send.campaignId(), ""}) {
            long start = RowDeltas.windowStart(click.eventTime(), seconds);
            RowKey key = listHealth(start, seconds, send.listId(), campaign);
            if (counted.add(text(key))) {
              row(key)[4]++;
            }
          }
        }
      }
    }
  }

  private boolean isPerson(Click click, Send send) {
    return send != null
        && send.equals(send(click.messageId()))
        && !LinkScanners.standard().isScanner(click, send.eventTime());
  }

  private List<Event> countedOptOuts(Predicate<Event> which) {
    Map<String, List<Event>> byScope = new TreeMap<>();
    List<Event> all = new ArrayList<>(optOuts);
    replies.stream().filter(r -> REPLIES.recognise(r.body()).revokes()).forEach(all::add);
    all.stream()
        .filter(which)
        .forEach(e -> byScope.computeIfAbsent(scope(e), s -> new ArrayList<>()).add(e));
    List<Event> counted = new ArrayList<>();
    for (List<Event> ofScope : byScope.values()) {
      ofScope.sort(
          Comparator.comparingLong(Event::eventTime)
              .thenComparingLong(e -> IdHash.hash(e.eventId())));
      long last = Long.MIN_VALUE / 2;
      for (Event event : ofScope) {
        if (event.eventTime() - last >= DAY) {
          last = event.eventTime();
          counted.add(event);
        }
      }
    }
    return counted;
  }

  private String scope(Event event) {
    if (event instanceof OptOut optOut) {
      return optOut.scope();
    }
    Reply reply = (Reply) event;
    boolean all =
        optOuts.stream()
            .anyMatch(
                o -> o.scope().equals("*") && Math.abs(o.eventTime() - reply.eventTime()) < DAY);
    String list = listOf(reply, reply.messageId(), null);
    return all || list.isEmpty() ? "*" : list;
  }

  private static String messageOf(Event event) {
    return event instanceof OptOut optOut ? optOut.messageId() : ((Reply) event).messageId();
  }

  private static String scopeField(Event event) {
    return event instanceof OptOut optOut ? optOut.scope() : null;
  }

  private Send send(String messageId) {
    return messageId == null ? null : sends.get(messageId);
  }

  private String listOf(Event event, String messageId, String scope) {
    Send send = send(messageId);
    if (send != null) {
      return send.listId();
    }
    if (scope != null && !scope.equals("*")) {
      return scope;
    }
    Send last = last(event.eventTime(), 7 * DAY, null);
    return last == null ? "" : last.listId();
  }

  private Send last(long at, long within, String list) {
    return sends.values().stream()
        .filter(s -> s.eventTime() <= at && s.eventTime() >= at - within)
        .filter(s -> list == null || s.listId().equals(list))
        .max(
            Comparator.comparingLong(Send::eventTime)
                .thenComparingLong(s -> IdHash.hash(s.messageId())))
        .orElse(null);
  }

  private Send answered(Event event, String messageId, String scope) {
    if (messageId != null) {
      return send(messageId);
    }
    return last(event.eventTime(), 72 * HOUR, "*".equals(scope) ? null : scope);
  }

  private void place(Event event, String messageId, String scope, int metric) {
    Send send = send(messageId);
    if (send != null) {
      window(event.eventTime(), send, metric, 1);
    } else {
      String list = listOf(event, messageId, scope);
      for (int seconds : new int[] {60, 3_600, 86_400}) {
        long start = RowDeltas.windowStart(event.eventTime(), seconds);
        row(listHealth(start, seconds, list, ""))[metric]++;
      }
    }
  }

  private void window(long time, Send send, int metric, long amount) {
    for (int seconds : new int[] {60, 3_600, 86_400}) {
      long start = RowDeltas.windowStart(time, seconds);
      row(listHealth(start, seconds, send.listId(), send.campaignId()))[metric] += amount;
      row(listHealth(start, seconds, send.listId(), ""))[metric] += amount;
    }
  }

  private void response(Send send, String response, long at) {
    long delay = Math.max(0, at - send.eventTime());
    int within = 0;
    for (int seconds : RowContributions.RESPONSE_BUCKETS) {
      if (within == 0 && delay <= seconds * 1_000L) {
        within = seconds;
      }
    }
    row(
        new RowKey(
            CountTable.RESPONSE_TIME,
            hour(send),
            within,
            send.listId(),
            send.campaignId(),
            response,
            ""))[0]++;
  }

  private static long hour(Send send) {
    return RowDeltas.windowStart(send.eventTime(), 3_600);
  }

  private static String cohortKey(Send send) {
    return hour(send) + "|" + send.listId() + "|" + send.campaignId();
  }

  private long[] cohort(Send send) {
    return row(
        new RowKey(
            CountTable.SEND_COHORT, hour(send), 0, send.listId(), send.campaignId(), "", ""));
  }

  private long[] row(RowKey key) {
    return rows.computeIfAbsent(text(key), k -> new long[key.table().metrics()]);
  }
}
