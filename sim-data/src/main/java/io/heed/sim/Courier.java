package io.heed.sim;

import io.heed.core.model.Click;
import io.heed.core.model.Delivery;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.model.Event;
import io.heed.core.model.Send;
import io.heed.core.model.SendRequest;
import io.heed.sim.Arrival.Nature;
import io.heed.sim.Scenario.Disorder;
import java.time.Duration;
import java.util.PriorityQueue;

/**
 * The path of events to Kafka, on which they are delayed, overtaken, doubled, and accompanied by
 * records that cannot be read.
 */
final class Courier {
  private static final long MINUTE = Duration.ofMinutes(1).toMillis();
  private static final long HOUR = Duration.ofHours(1).toMillis();
  private static final long DAY = Duration.ofDays(1).toMillis();

  private record Parcel(Arrival arrival, long order) implements Comparable<Parcel> {
    @Override
    public int compareTo(Parcel other) {
      int byTime = Long.compare(arrival.at(), other.arrival.at());
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  private final PriorityQueue<Parcel> parcels = new PriorityQueue<>();
  private final Disorder disorder;
  private final Chance chance;
  private final Ids ids;
  private final Breakage breakage;
  private final long start;
  private final long tooLateFrom;
  private long order;

  /**
   * @param start end of the history
   * @param tooLateFrom from then on events from beyond the horizon turn up: not earlier, for as
   *     long as little was published there is no horizon to be beyond of
   */
  Courier(
      Disorder disorder, Chance chance, Ids ids, Breakage breakage, long start, long tooLateFrom) {
    this.disorder = disorder;
    this.chance = chance;
    this.ids = ids;
    this.breakage = breakage;
    this.start = start;
    this.tooLateFrom = tooLateFrom;
  }

  void post(Event event) {
    post(event, Nature.FACT);
  }

  /** Takes an event that happens now. */
  void post(Event event, Nature nature) {
    long delay = Math.min(chance.logNormal(120, 0.8), MINUTE);
    if (chance.happens(disorder.late())) {
      delay = lateness(event, delay);
    }
    long at = event.eventTime() + delay;
    add(Arrival.of(at, event, nature));
    if (chance.happens(disorder.duplicates())) {
      long again = at + Math.min(chance.logNormal(4_000, 2), 6 * HOUR);
      add(Arrival.of(again, event, Nature.DUPLICATE));
    }
    if (chance.happens(disorder.broken())) {
      add(Arrival.broken(at, event, breakage.broken(event, ids.next('e'))));
    }
    if (at >= tooLateFrom && chance.happens(disorder.tooLate())) {
      Event old = fromBeyondTheHorizon(event);
      if (old != null) {
        add(Arrival.of(at, old, Nature.TOO_LATE));
      }
    }
  }

  private long lateness(Event event, long inTime) {
    long late = chance.between(10 * MINUTE, 20 * HOUR);
    // A request that is held up gets its verdict when no client waits any more; and a text that is
    // still
    // on its way when the traffic stops would leave what people did about it without a list.
    boolean never =
        event instanceof SendRequest
            || (event instanceof Send && event.eventTime() + late >= start);
    return never ? inTime : late;
  }

  private Event fromBeyondTheHorizon(Event event) {
    long then = event.eventTime() - chance.between(45 * DAY, 90 * DAY);
    if (event instanceof Delivery d) {
      return new Delivery(
          ids.next('e'),
          then,
          d.recipientId(),
          ids.next('m'),
          DeliveryStatus.DELIVERED,
          null,
          d.vendor(),
          d.carrier());
    }
    if (event instanceof Click c) {
      return new Click(
          ids.next('e'),
          then,
          c.recipientId(),
          ids.next('m'),
          c.linkId(),
          c.url(),
          c.userAgent(),
          c.ipHash());
    }
    return null;
  }

  private void add(Arrival arrival) {
    parcels.add(new Parcel(arrival, order++));
  }

  /** When the next record arrives; {@link Long#MAX_VALUE} if none is on its way. */
  long nextAt() {
    Parcel next = parcels.peek();
    return next == null ? Long.MAX_VALUE : next.arrival.at();
  }

  Arrival next() {
    return parcels.remove().arrival;
  }
}
