package io.heed.flink.optimizer;

import io.heed.core.model.Category;
import io.heed.core.model.Click;
import io.heed.core.model.Conversion;
import io.heed.core.model.ConversionKind;
import io.heed.core.model.Delivery;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.model.Event;
import io.heed.core.model.Reply;
import io.heed.core.model.Send;
import io.heed.core.model.Signal;
import io.heed.core.optimizer.Cell;
import io.heed.core.optimizer.PersonState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The signals of one recipient, counted from all of the recipient's events. */
final class NaiveSignals {
  private static final long DAY = 86_400_000L;

  private NaiveSignals() {}

  /**
   * @param models of lists; each holds from two hours after its day has begun
   */
  static Set<Signal> at(List<Event> events, long now, List<ListModel> models) {
    List<Event> until = events.stream().filter(e -> e.eventTime() <= now).distinct().toList();
    List<Event> known = until.stream().filter(e -> e.eventTime() > now - 90 * DAY).toList();
    Set<Signal> held = EnumSet.noneOf(Signal.class);
    if (score(known, until, now) >= 6) {
      held.add(Signal.HOT);
    }
    if (isDormant(known, until, now)) {
      held.add(Signal.DORMANT);
      if (isSunset(until, known, now, models)) {
        held.add(Signal.SUNSET);
      }
    }
    if (isInvalid(known)) {
      held.add(Signal.INVALID_NUMBER);
    }
    return held;
  }

  private static double score(List<Event> known, List<Event> until, long now) {
    return responses(known, until).stream()
        .mapToDouble(r -> r[1] * Math.pow(2, (r[0] - now) / (14.0 * DAY)))
        .sum();
  }

  /** Instant and points of each; the first click on a message may lie before the window. */
  private static List<long[]> responses(List<Event> known, List<Event> until) {
    List<long[]> responses = new ArrayList<>();
    for (Event event : known) {
      if (event instanceof Reply reply && !reply.body().equals("STOP")) {
        responses.add(new long[] {event.eventTime(), 4});
      } else if (event instanceof Conversion c && c.kind() != ConversionKind.REFUND) {
        responses.add(new long[] {event.eventTime(), c.kind() == ConversionKind.PURCHASE ? 10 : 2});
      } else if (event instanceof Click click && isFirst(click, until)) {
        responses.add(new long[] {event.eventTime(), click.messageId() == null ? 1 : 2});
      }
    }
    return responses;
  }

  private static boolean isFirst(Click click, List<Event> known) {
    return isPerson(click, known)
        && (click.messageId() == null
            || clicks(known)
                .filter(c -> click.messageId().equals(c.messageId()) && isPerson(c, known))
                .allMatch(c -> c.eventTime() >= click.eventTime()));
  }

  private static Stream<Click> clicks(List<Event> known) {
    return known.stream().filter(Click.class::isInstance).map(Click.class::cast);
  }

  private static boolean isPerson(Click click, List<Event> known) {
    return click.userAgent() == null
        || (!click.userAgent().contains("bot")
            && sends(known)
                .filter(send -> send.messageId().equals(click.messageId()))
                .noneMatch(
                    send ->
                        click.eventTime() >= send.eventTime()
                            && click.eventTime() < send.eventTime() + 2_000));
  }

  private static Stream<Send> sends(List<Event> known) {
    return known.stream().filter(Send.class::isInstance).map(Send.class::cast);
  }

  private static Stream<Delivery> receipts(List<Event> known) {
    return known.stream().filter(Delivery.class::isInstance).map(Delivery.class::cast);
  }

  private static boolean isDelivered(String message, List<Event> known) {
    return receipts(known)
        .anyMatch(r -> r.messageId().equals(message) && r.status() == DeliveryStatus.DELIVERED);
  }

  private static Stream<Send> promoted(List<Event> known) {
    return sends(known)
        .filter(send -> send.category() == Category.PROMOTIONAL)
        .filter(
            send ->
                isDelivered(send.messageId(), known)
                    || receipts(known).noneMatch(r -> r.messageId().equals(send.messageId())));
  }

  private static boolean isDormant(List<Event> known, List<Event> until, long now) {
    List<Send> texted = promoted(known).toList();
    return texted.size() >= 3
        && texted.stream().anyMatch(send -> send.eventTime() > now - 60 * DAY)
        && texted.stream().anyMatch(send -> send.eventTime() <= now - 60 * DAY)
        && responses(known, until).stream().noneMatch(r -> r[0] > now - 60 * DAY);
  }

  private static boolean isInvalid(List<Event> known) {
    return receipts(known)
        .filter(r -> "30005".equals(r.errorCode()) && !isDelivered(r.messageId(), known))
        .anyMatch(
            invalid ->
                receipts(known)
                    .noneMatch(
                        r ->
                            r.status() == DeliveryStatus.DELIVERED
                                && r.eventTime() >= invalid.eventTime()));
  }

  /** No list that texted within 90 days brings the cost of a message, by its newest model. */
  private static boolean isSunset(
      List<Event> until, List<Event> known, long now, List<ListModel> models) {
    PersonState person = PersonState.NEW;
    for (Send send : sends(until).filter(s -> s.category() == Category.PROMOTIONAL).toList()) {
      int day = (int) (send.eventTime() / DAY);
      person = person.withMessage(day, PersonState.NOMINAL_CLICKS);
      if (clicks(until)
          .anyMatch(c -> send.messageId().equals(c.messageId()) && isPerson(c, until))) {
        person = person.withClick(day);
      }
    }
    int group = Cell.group(person);
    return promoted(known)
        .map(Send::listId)
        .distinct()
        .allMatch(
            list -> {
              ListModel newest =
                  models.stream()
                      .filter(m -> m.list().equals(list) && from(m) <= now)
                      .max(Comparator.comparingLong(NaiveSignals::from))
                      .orElse(null);
              return newest != null
                  && now - from(newest) <= 2 * DAY
                  && newest.model().click(group, 0) * newest.model().valuePerClickMicros()
                      < newest.model().settings().costMicros();
            });
  }

  private static long from(ListModel model) {
    return model.model().effectiveDay() * DAY + 2 * 3_600_000L;
  }
}
