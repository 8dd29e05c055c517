package io.heed.core.experiments;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * One recipient's part in one experiment: the earliest exposure to each variant. The earliest of
 * all assigns; order of arrival does not matter.
 *
 * @param experimentId the experiment
 * @param exposures at least one, the earliest first
 */
record Enrolment(String experimentId, List<Exposure> exposures) {
  private static final Tally HIT = Tally.of(1, 1);
  private static final Tally MISS = Tally.of(1, 0);

  private static final long ALL = Long.MAX_VALUE;

  private static final Comparator<Exposure> EARLIEST =
      Comparator.comparingLong(Exposure::time)
          .thenComparingInt(Exposure::arm)
          .thenComparingInt(Exposure::epoch)
          .thenComparingLong(Exposure::campaign);

  /**
   * An exposure.
   *
   * @param time when, epoch milliseconds
   * @param arm number of the arm
   * @param epoch number of the epoch
   * @param campaign hash of the campaign's id where the sending system assigns, else 0
   */
  record Exposure(long time, int arm, int epoch, long campaign) {}

  Enrolment {
    exposures = List.copyOf(exposures);
  }

  /** The exposure that assigns. */
  Exposure first() {
    return exposures.get(0);
  }

  /** With one more exposure; the same if it changes nothing. */
  Enrolment with(Exposure exposure) {
    for (Exposure known : exposures) {
      if (known.arm() == exposure.arm() && EARLIEST.compare(known, exposure) <= 0) {
        return this;
      }
    }
    List<Exposure> next = new ArrayList<>(exposures);
    next.removeIf(known -> known.arm() == exposure.arm());
    next.add(exposure);
    next.sort(EARLIEST);
    return new Enrolment(experimentId, next);
  }

  /**
   * Emits what a first or an earlier exposure changes.
   *
   * @param before the enrolment before, null for none
   * @param outcomes of the recipient
   * @param closed whether the unit has been counted for good, apart from contamination
   */
  void emitExposure(
      ExperimentPlan plan,
      Enrolment before,
      List<Outcome> outcomes,
      boolean closed,
      CountChanges changes) {
    boolean reassigned = before == null || !before.first().equals(first());
    if (before != null) {
      before.contamination(plan, -1, changes);
      if (reassigned && !closed) {
        before.count(plan, outcomes, -1, changes);
      }
    }
    contamination(plan, 1, changes);
    if (reassigned && !closed) {
      count(plan, outcomes, 1, changes);
    }
  }

  /** Emits that there is no such unit. */
  void takeBack(ExperimentPlan plan, List<Outcome> outcomes, CountChanges changes) {
    contamination(plan, -1, changes);
    count(plan, outcomes, -1, changes);
  }

  /**
   * Emits what one more outcome changes.
   *
   * @param before outcomes without it
   * @param now outcomes with it
   * @param unknownUntil instant up to which outcomes are not all known; what looks back to it stays
   */
  void emitOutcome(
      ExperimentPlan plan,
      Outcome added,
      List<Outcome> before,
      List<Outcome> now,
      long unknownUntil,
      CountChanges changes) {
    Exposure first = first();
    if (added.kind() == Outcome.Kind.DELIVERED
        && first.time() > unknownUntil
        && first.arm() != plan.config().holdoutArm()) {
      long until = first.time() + plan.deliveryWindow();
      if (isDelivered(now, until) && !isDelivered(before, until)) {
        emit(plan, until, Totals.DELIVERED, Tally.of(0, 1), changes);
      }
    }
    List<Metric> metrics = plan.metrics();
    for (int m = 0; m < metrics.size(); m++) {
      Metric metric = metrics.get(m);
      long covariate = plan.config().covariateWindowMillis();
      long looksBackTo = metric.isAdjustable() ? first.time() - covariate : first.time();
      if (looksBackTo > unknownUntil && concerns(metric, added)) {
        Tally was = unit(metric, before, first.time(), covariate);
        Tally is = unit(metric, now, first.time(), covariate);
        if (!is.equals(was)) {
          emit(plan, first.time() + metric.windowMillis(), m, is.plus(was.negated()), changes);
        }
      }
    }
  }

  private static boolean concerns(Metric metric, Outcome outcome) {
    return switch (outcome.kind()) {
      // A message can unmask a click, a refund takes revenue back.
      case SEND -> metric.event() == MetricEvent.CLICK || metric.per() == MetricEvent.CLICK;
      case REFUND -> metric.isMoney();
      default -> counts(metric, outcome) || isOf(metric.per(), outcome);
    };
  }

  private void contamination(ExperimentPlan plan, int sign, CountChanges changes) {
    if (exposures.size() > 1) {
      emit(plan, exposures.get(1).time() + 1, Totals.CONTAMINATED, Tally.of(sign, 0), changes);
    }
  }

  private void count(ExperimentPlan plan, List<Outcome> outcomes, int sign, CountChanges changes) {
    Exposure first = first();
    emit(plan, first.time() + 1, Totals.ASSIGNED, Tally.of(sign, 0), changes);
    if (first.campaign() != 0) {
      changes.add(
          experimentId,
          plan.stepOf(first.time() + 1),
          new Totals.Cell(first.epoch(), first.arm(), Totals.CAMPAIGN, first.campaign()),
          Tally.of(sign, 0));
    }
    if (first.arm() != plan.config().holdoutArm()) {
      long until = first.time() + plan.deliveryWindow();
      emit(
          plan,
          until,
          Totals.DELIVERED,
          Tally.of(sign, isDelivered(outcomes, until) ? sign : 0),
          changes);
    }
    List<Metric> metrics = plan.metrics();
    for (int m = 0; m < metrics.size(); m++) {
      Metric metric = metrics.get(m);
      Tally unit = unit(metric, outcomes, first.time(), plan.config().covariateWindowMillis());
      emit(
          plan, first.time() + metric.windowMillis(), m, sign > 0 ? unit : unit.negated(), changes);
    }
  }

  private void emit(ExperimentPlan plan, long due, int metric, Tally change, CountChanges changes) {
    Totals.Cell cell = new Totals.Cell(first().epoch(), first().arm(), metric);
    changes.add(experimentId, plan.stepOf(due), cell, change);
  }

  private boolean isDelivered(List<Outcome> outcomes, long until) {
    for (Outcome outcome : outcomes) {
      if (outcome.kind() == Outcome.Kind.DELIVERED && within(outcome, first().time(), until)) {
        return true;
      }
    }
    return false;
  }

  private static boolean within(Outcome outcome, long from, long until) {
    return outcome.time() >= from && outcome.time() < until;
  }

  private static Tally unit(
      Metric metric, List<Outcome> outcomes, long exposedAt, long covariateMillis) {
    long until = exposedAt + metric.windowMillis();
    return switch (metric.type()) {
      case BINARY -> number(metric, null, outcomes, exposedAt, until, 1) > 0 ? HIT : MISS;
      case REVENUE ->
          Tally.ofValue(
              revenue(metric, outcomes, exposedAt, until),
              revenue(metric, outcomes, exposedAt - covariateMillis, exposedAt));
      case COUNT ->
          Tally.ofValue(
              count(metric, outcomes, exposedAt, until),
              count(metric, outcomes, exposedAt - covariateMillis, exposedAt));
      case RATIO ->
          Tally.ofValue(
              revenue(metric, outcomes, exposedAt, until),
              number(metric, metric.per(), outcomes, exposedAt, until, ALL));
    };
  }

  private static long count(Metric metric, List<Outcome> outcomes, long from, long until) {
    return Metric.ONE
        * number(metric, null, outcomes, from, until, metric.capMicros() / Metric.ONE);
  }

  /** How many outcomes there are of the metric or, if one is given, of another event. */
  private static long number(
      Metric metric, MetricEvent other, List<Outcome> outcomes, long from, long until, long most) {
    long number = 0;
    for (Outcome outcome : outcomes) {
      if (number < most
          && within(outcome, from, until)
          && (other == null ? counts(metric, outcome) : isOf(other, outcome))
          && !isScanners(outcome, outcomes)) {
        number++;
      }
    }
    return number;
  }

  private static boolean isScanners(Outcome click, List<Outcome> outcomes) {
    if (click.kind() == Outcome.Kind.CLICK_WITH_AGENT) {
      for (Outcome send : outcomes) {
        if (click.isTooSoonAfter(send)) {
          return true;
        }
      }
    }
    return false;
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
    return Math.max(-metric.capMicros(), Math.min(metric.capMicros(), sum));
  }

  private static boolean counts(Metric metric, Outcome outcome) {
    return isOf(metric.event(), outcome)
        && (metric.event() != MetricEvent.CONVERSION
            || metric.kinds().contains(outcome.kind().conversion()));
  }

  private static boolean isOf(MetricEvent event, Outcome outcome) {
    return switch (outcome.kind()) {
      case SEND -> false;
      case CLICK, CLICK_WITH_AGENT -> event == MetricEvent.CLICK;
      case REPLY -> event == MetricEvent.REPLY;
      case REPLY_OPT_OUT -> event == MetricEvent.REPLY || event == MetricEvent.OPT_OUT;
      case OPT_OUT -> event == MetricEvent.OPT_OUT;
      case COMPLAINT -> event == MetricEvent.COMPLAINT || event == MetricEvent.OPT_OUT;
      case DELIVERED -> event == MetricEvent.DELIVERY;
      case LEAD, QUALIFIED, PURCHASE, REFUND -> event == MetricEvent.CONVERSION;
    };
  }
}
