package io.heed.replay;

import io.heed.core.model.Event;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/**
 * The events of all journeys of one kind that a row stands for, in order of time, made one journey
 * after the other as they are needed: a row may stand for a million.
 *
 * <p>The starts are the order statistics of independent uniform draws, found in rising order: of m
 * draws between p and 1, the least is 1 - (1 - p) U^(1/m) (Bentley and Saxe 1980). So arms that
 * share a window are interleaved as by a random permutation, though each knows nothing of the
 * others. Which journeys a mark falls on is selection sampling (Fan, Muller and Rezucha 1962): the
 * next one with probability (marks left) / (journeys left).
 */
final class JourneyEvents implements Iterator<Event> {
  /** By time; where that is equal, by id, so that the order is the same in every run. */
  static final Comparator<Event> ORDER =
      Comparator.comparingLong(Event::eventTime).thenComparing(Event::eventId);

  private final Journey journey;
  private final Scope scope;
  private final String idPrefix;
  private final SplittableRandom random;
  private final long[] marksLeft;
  private final double[] positions;

  /** Of times that are not relative, once needed: the same for all journeys of a row. */
  private final Long[] origins;

  private final List<Event> made = new ArrayList<>();
  private final PriorityQueue<Event> pending = new PriorityQueue<>(ORDER);
  private long journeysMade;

  JourneyEvents(Journey journey, Scope scope, String dataset) {
    this.journey = journey;
    this.scope = scope;
    this.idPrefix = dataset + "-" + scope.rowId + journey.idSuffix();
    this.random = new SplittableRandom(seed(idPrefix));
    this.marksLeft = new long[journey.draws().size()];
    this.positions = new double[journey.times().size()];
    this.origins = new Long[positions.length];
    try {
      scope.count = journey.count(scope);
      for (int i = 0; i < marksLeft.length; i++) {
        marksLeft[i] = journey.drawn(journey.draws().get(i), scope, scope.count);
      }
    } catch (RowException e) {
      throw unchecked(e);
    }
    drawStart();
  }

  @Override
  public boolean hasNext() {
    try {
      // A journey that starts at the same instant may hold the smaller id.
      while (journeysMade < scope.count
          && (pending.isEmpty() || pending.peek().eventTime() >= time(0))) {
        makeJourney();
      }
    } catch (RowException e) {
      throw unchecked(e);
    }
    return !pending.isEmpty();
  }

  @Override
  public Event next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return pending.remove();
  }

  private void makeJourney() throws RowException {
    long left = scope.count - journeysMade++;
    scope.number = journeysMade;
    scope.texts[journey.number()] = Long.toString(journeysMade);
    for (int i = 0; i < marksLeft.length; i++) {
      boolean marked = random.nextDouble() * left < marksLeft[i];
      marksLeft[i] -= marked ? 1 : 0;
      scope.texts[journey.draws().get(i).slot()] = Boolean.toString(marked);
    }
    for (int i = 1; i < positions.length; i++) {
      positions[i] = random.nextDouble();
    }
    String id = journey.count() == null ? idPrefix : idPrefix + journeysMade + "-";
    String recipient = null;
    made.clear();
    for (EventRule event : journey.events()) {
      if (event.applies(scope)) {
        recipient = recipient == null ? journey.recipient(scope) : recipient;
        event.make(scope, id, recipient, time(event.at()), made);
      }
    }
    pending.addAll(made);
    drawStart();
  }

  private void drawStart() {
    long left = scope.count - journeysMade;
    if (left > 0) {
      double position = 1 - (1 - positions[0]) * StrictMath.pow(random.nextDouble(), 1.0 / left);
      positions[0] = Math.min(position, Math.nextDown(1.0));
    }
  }

  private long time(int index) throws RowException {
    TimeRule rule = journey.times().get(index);
    if (rule.isRelative()) {
      return time(rule.after()) + rule.delayMillis(positions[index]);
    }
    if (origins[index] == null) {
      origins[index] = rule.origin(scope);
    }
    return origins[index] + rule.delayMillis(positions[index]);
  }

  private static long seed(String text) {
    byte[] hash = Rows.sha256().digest(text.getBytes(StandardCharsets.UTF_8));
    return ByteBuffer.wrap(hash).getLong();
  }

  private static IllegalStateException unchecked(RowException e) {
    return new IllegalStateException("a row that passed its check is broken after all", e);
  }
}
