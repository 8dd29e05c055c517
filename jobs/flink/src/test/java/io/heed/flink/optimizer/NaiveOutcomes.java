package io.heed.flink.optimizer;

import io.heed.core.model.Category;
import io.heed.core.model.Click;
import io.heed.core.model.Conversion;
import io.heed.core.model.ConversionKind;
import io.heed.core.model.Event;
import io.heed.core.model.OptOut;
import io.heed.core.model.Send;
import io.heed.core.model.SendRequest;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** What became of a list's promotional messages, counted from all events. */
record NaiveOutcomes(
    long messages,
    long clickers,
    long optOuts,
    long converters,
    long revenueMicros,
    long requests,
    long clicks,
    long costMicros) {
  private static final long HOUR = 3_600_000L;

  static NaiveOutcomes of(List<Event> events, String list) {
    List<Send> sends =
        of(events, Send.class)
            .filter(s -> s.listId().equals(list) && s.category() == Category.PROMOTIONAL)
            .toList();
    Set<String> requested = new HashSet<>();
    sends.forEach(s -> requested.add(s.recipientId() + s.campaignId()));
    of(events, SendRequest.class)
        .filter(r -> r.listId().equals(list))
        .forEach(r -> requested.add(r.recipientId() + r.campaignId()));
    return new NaiveOutcomes(
        sends.size(),
        sends.stream().filter(s -> clicked(events, s, 24 * HOUR)).count(),
        sends.stream().filter(s -> left(events, s)).count(),
        sends.stream()
            .filter(s -> money(events, s).anyMatch(c -> c.kind() == ConversionKind.PURCHASE))
            .count(),
        sends.stream().flatMap(s -> money(events, s)).mapToLong(NaiveOutcomes::micros).sum(),
        requested.size(),
        sends.stream().filter(s -> clicked(events, s, 168 * HOUR)).count(),
        sends.stream().mapToLong(Send::costMicros).sum());
  }

  private static <T> Stream<T> of(List<Event> events, Class<T> type) {
    return events.stream().filter(type::isInstance).map(type::cast);
  }

  private static long micros(Conversion conversion) {
    return conversion.kind() == ConversionKind.REFUND
        ? -conversion.revenueMicros()
        : conversion.revenueMicros();
  }

  private static boolean clicked(List<Event> events, Send send, long within) {
    return of(events, Click.class)
        .anyMatch(
            c ->
                send.messageId().equals(c.messageId())
                    && c.eventTime() - send.eventTime() <= within);
  }

  private static boolean left(List<Event> events, Send send) {
    return of(events, OptOut.class)
        .anyMatch(
            o ->
                send.messageId().equals(o.messageId())
                    && o.eventTime() - send.eventTime() <= 72 * HOUR);
  }

  private static Stream<Conversion> money(List<Event> events, Send send) {
    return of(events, Conversion.class)
        .filter(
            c ->
                c.recipientId().equals(send.recipientId())
                    && c.eventTime() >= send.eventTime()
                    && c.eventTime() - send.eventTime() <= 168 * HOUR);
  }

  /** As {@link io.heed.core.outcomes.DayCounts#summary} puts it. */
  String summary() {
    return "messages %d clickers %d optOuts %d converters %d revenue %d requests %d clicks %d cost %d"
        .formatted(
            messages, clickers, optOuts, converters, revenueMicros, requests, clicks, costMicros);
  }
}
