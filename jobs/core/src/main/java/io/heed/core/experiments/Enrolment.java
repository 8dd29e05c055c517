package io.heed.core.experiments;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * One recipient's part in one experiment: the earliest exposure to each variant that was seen. The
 * earliest of all assigns; order of arrival does not matter.
 *
 * @param experimentId the experiment
 * @param exposures at least one, the earliest first
 */
record Enrolment(String experimentId, List<Exposure> exposures) {
  private static final Comparator<Exposure> EARLIEST =
      Comparator.comparingLong(Exposure::time)
          .thenComparingInt(Exposure::arm)
          .thenComparingInt(Exposure::epoch);

  /**
   * An exposure.
   *
   * @param time when, epoch milliseconds
   * @param arm number of the arm
   * @param epoch number of the epoch
   */
  record Exposure(long time, int arm, int epoch) {}

  /** Where a unit is counted: from which step on, in which cell. */
  private record Place(long step, Totals.Cell cell) {}

  Enrolment {
    exposures = List.copyOf(exposures);
  }

  /** The exposure that assigns. */
  Exposure first() {
    return exposures.get(0);
  }

  /** With one more exposure; the same if it changes nothing. */
  Enrolment with(Exposure exposure) {
    List<Exposure> next = new ArrayList<>(exposures);
    for (Exposure known : exposures) {
      if (known.arm() == exposure.arm()) {
        if (EARLIEST.compare(known, exposure) <= 0) {
          return this;
        }
        next.remove(known);
      }
    }
    next.add(exposure);
    next.sort(EARLIEST);
    return new Enrolment(experimentId, next);
  }

  /**
   * Tells how what this recipient counts for has changed.
   *
   * @param before the enrolment before, null for none
   * @param after the enrolment now
   * @param knownBefore outcomes before
   * @param knownNow outcomes now
   * @param closed whether the unit has been counted for good, apart from contamination
   * @param out takes steps and changes
   */
  static void tellChange(
      ExperimentPlan plan,
      Enrolment before,
      Enrolment after,
      List<Outcome> knownBefore,
      List<Outcome> knownNow,
      boolean closed,
      BiConsumer<Long, Totals> out) {
    Map<Place, Tally> changes = new HashMap<>();
    if (before != null) {
      before.count(
          plan, knownBefore, closed, (place, tally) -> add(changes, place, tally.negated()));
    }
    after.count(plan, knownNow, closed, (place, tally) -> add(changes, place, tally));
    SortedMap<Long, Map<Totals.Cell, Tally>> bySteps = new TreeMap<>();
    changes.forEach(
        (place, tally) ->
            bySteps.computeIfAbsent(place.step(), s -> new TreeMap<>()).put(place.cell(), tally));
    bySteps.forEach(
        (step, cells) -> {
          Totals totals = Totals.of(cells);
          if (!totals.isEmpty()) {
            out.accept(step, totals);
          }
        });
  }

  private static void add(Map<Place, Tally> changes, Place place, Tally tally) {
    changes.merge(place, tally, Tally::plus);
  }

  private void count(
      ExperimentPlan plan, List<Outcome> outcomes, boolean closed, BiConsumer<Place, Tally> out) {
    Exposure first = first();
    if (exposures.size() > 1) {
      long seen = exposures.get(1).time();
      out.accept(place(plan, first, seen + 1, Totals.CONTAMINATED), Tally.of(1, 0));
    }
    if (closed) {
      return;
    }
    out.accept(place(plan, first, first.time() + 1, Totals.ASSIGNED), Tally.of(1, 0));
    if (first.arm() != plan.config().holdoutArm()) {
      long until = first.time() + plan.deliveryWindow();
      boolean delivered =
          outcomes.stream()
              .anyMatch(o -> o.kind() == Outcome.Kind.DELIVERED && within(o, first.time(), until));
      out.accept(place(plan, first, until, Totals.DELIVERED), Tally.of(1, delivered ? 1 : 0));
    }
    List<Metric> metrics = plan.metrics();
    for (int m = 0; m < metrics.size(); m++) {
      Metric metric = metrics.get(m);
      out.accept(
          place(plan, first, first.time() + metric.windowMillis(), m),
          unit(metric, outcomes, first.time(), plan.config().covariateWindowMillis()));
    }
  }

  private static Place place(ExperimentPlan plan, Exposure first, long due, int metric) {
    return new Place(plan.stepOf(due), new Totals.Cell(first.epoch(), first.arm(), metric));
  }

  private static boolean within(Outcome outcome, long from, long until) {
    return outcome.time() >= from && outcome.time() < until;
  }

  private static Tally unit(
      Metric metric, List<Outcome> outcomes, long exposedAt, long covariateMillis) {
    long until = exposedAt + metric.windowMillis();
    if (metric.revenue()) {
      return Tally.ofValue(
          revenue(metric, outcomes, exposedAt, until),
          revenue(metric, outcomes, exposedAt - covariateMillis, exposedAt));
    }
    boolean happened = false;
    for (Outcome outcome : outcomes) {
      happened =
          happened
              || (within(outcome, exposedAt, until)
                  && counts(metric, outcome)
                  && outcomes.stream().noneMatch(outcome::isTooSoonAfter));
    }
    return Tally.of(1, happened ? 1 : 0);
  }

  private static long revenue(Metric metric, List<Outcome> outcomes, long from, long until) {
    long sum = 0;
    for (Outcome outcome : outcomes) {
      if (within(outcome, from, until)) {
        if (outcome.kind() == Outcome.Kind.REFUND) {
          sum -= outcome.micros();
        } else if (counts(metric, outcome)) {
          sum += outcome.micros();
        }
      }
    }
    return sum;
  }

  private static boolean counts(Metric metric, Outcome outcome) {
    return switch (outcome.kind()) {
      case SEND -> false;
      case CLICK, CLICK_WITH_AGENT -> metric.event() == MetricEvent.CLICK;
      case REPLY -> metric.event() == MetricEvent.REPLY;
      case REPLY_OPT_OUT ->
          metric.event() == MetricEvent.REPLY || metric.event() == MetricEvent.OPT_OUT;
      case OPT_OUT -> metric.event() == MetricEvent.OPT_OUT;
      case COMPLAINT ->
          metric.event() == MetricEvent.COMPLAINT || metric.event() == MetricEvent.OPT_OUT;
      case DELIVERED -> metric.event() == MetricEvent.DELIVERY;
      case LEAD, QUALIFIED, PURCHASE, REFUND ->
          metric.event() == MetricEvent.CONVERSION
              && metric.kinds().stream().anyMatch(k -> Outcome.Kind.of(k) == outcome.kind());
    };
  }
}
