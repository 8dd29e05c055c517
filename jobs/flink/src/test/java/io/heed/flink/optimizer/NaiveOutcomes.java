package io.heed.flink.optimizer;

import io.heed.core.model.Assignment;
import io.heed.core.model.Category;
import io.heed.core.model.Click;
import io.heed.core.model.Conversion;
import io.heed.core.model.ConversionKind;
import io.heed.core.model.Event;
import io.heed.core.model.OptOut;
import io.heed.core.model.Send;
import io.heed.core.model.SendRequest;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.Verdict;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
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
    long costMicros,
    String drawn,
    String arms) {
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
        sends.stream().mapToLong(Send::costMicros).sum(),
        drawn(events, sends, true) + drawn(events, sends, false),
        arms(events, list));
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
    return "messages %d clickers %d optOuts %d converters %d revenue %d requests %d clicks %d cost %d drawn %s arms %s"
        .formatted(
            messages,
            clickers,
            optOuts,
            converters,
            revenueMicros,
            requests,
            clicks,
            costMicros,
            drawn,
            arms);
  }

  /** Days of people by the first verdict of each, with the clicks and the money of a week. */
  private static String drawn(List<Event> events, List<Send> sends, boolean sent) {
    Map<String, SendVerdict> first = new TreeMap<>();
    for (Send send : sends) {
      SendVerdict verdict = TestingModels.verdict(send);
      first.merge(
          send.recipientId() + verdict.decidedAt() / (24 * HOUR),
          verdict,
          (a, b) -> a.decidedAt() <= b.decidedAt() ? a : b);
    }
    long units = 0;
    long clicks = 0;
    long micros = 0;
    for (SendVerdict day : first.values()) {
      if ((day.verdict() == Verdict.ALLOW) == sent) {
        units++;
        clicks +=
            sends.stream()
                .filter(s -> s.recipientId().equals(day.recipientId()))
                .filter(s -> s.eventTime() >= day.decidedAt())
                .filter(
                    s ->
                        of(events, Click.class)
                            .filter(c -> s.messageId().equals(c.messageId()))
                            .mapToLong(Event::eventTime)
                            .min()
                            .stream()
                            .anyMatch(at -> at < day.decidedAt() + 168 * HOUR))
                .count();
        micros +=
            of(events, Conversion.class)
                .filter(c -> c.recipientId().equals(day.recipientId()))
                .filter(c -> c.eventTime() >= day.decidedAt())
                .filter(c -> c.eventTime() < day.decidedAt() + 168 * HOUR)
                .mapToLong(NaiveOutcomes::micros)
                .sum();
      }
    }
    return "[%d %d %d]".formatted(units, clicks, micros);
  }

  /** People who entered and left, the optimised first. */
  private static String arms(List<Event> events, String list) {
    long[] counts = new long[4];
    of(events, Assignment.class)
        .filter(a -> a.experimentId().equals("optimizer|" + list + "|1"))
        .forEach(
            a -> {
              int arm = a.variantId().equals("optimised") ? 0 : 2;
              counts[arm]++;
              counts[arm + 1] +=
                  of(events, OptOut.class)
                          .anyMatch(
                              o ->
                                  o.recipientId().equals(a.recipientId())
                                      && o.scope().equals(list)
                                      && o.eventTime() > a.eventTime())
                      ? 1
                      : 0;
            });
    return "[%d %d %d %d]".formatted(counts[0], counts[1], counts[2], counts[3]);
  }
}
