package io.heed.core.experiments;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import io.heed.core.model.Assignment;
import io.heed.core.model.Click;
import io.heed.core.model.Delivery;
import io.heed.core.model.Event;
import io.heed.core.model.Send;
import io.heed.core.rules.LinkScanners;
import io.heed.core.rules.ReplyRecogniser;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * What experiments know of one recipient: its part in each of them, and what it did lately.
 * Immutable. The same facts in any order give the same value, and the same sum of emitted changes.
 *
 * <p>Nothing waits here for a window to pass: a unit is emitted at once, with the step of event
 * time from which on it counts, and emitted again when a later fact changes it. So no timer is
 * needed per unit, and what has matured is a function of exposure times alone.
 *
 * <p>Facts are bounded. Of {@value #OUTCOMES_KEPT} outcomes the oldest is evicted by its own time;
 * what looks back to it or beyond stays as it was counted, since whether a late outcome is one more
 * cannot be known. Of {@value #ENROLMENTS_KEPT} experiments that which the recipient joined last is
 * evicted, and its unit taken back.
 */
public final class Recipient {
  /** A recipient of whom nothing is known. */
  public static final Recipient UNKNOWN = new Recipient(List.of(), List.of(), 0, 0);

  static final int OUTCOMES_KEPT = 256;
  static final int ENROLMENTS_KEPT = 64;

  private static final Comparator<Enrolment> JOINED =
      Comparator.<Enrolment>comparingLong(each -> each.first().time())
          .thenComparing(Enrolment::experimentId);

  /** Format 2: version, outcomes (kind, delta of time, id and micros), enrolments, eviction. */
  private static final int FORMAT = 2;

  private final List<Outcome> outcomes;
  private final List<Enrolment> enrolments;
  private final long evictedUntil;
  private final long evicted;

  /**
   * @param evictedUntil instant of the newest outcome that was evicted, 0 for none
   * @param evicted how many facts were
   */
  private Recipient(
      List<Outcome> outcomes, List<Enrolment> enrolments, long evictedUntil, long evicted) {
    this.outcomes = outcomes;
    this.enrolments = enrolments;
    this.evictedUntil = evictedUntil;
    this.evicted = evicted;
  }

  /** How many facts were evicted to keep these bounded. */
  public long evicted() {
    return evicted;
  }

  /**
   * Whether an event can matter to any experiment: the others need not travel to their recipient.
   */
  public static boolean concerns(Event event) {
    return event instanceof Delivery delivery
        ? delivery.status().isDelivered()
        : !(event instanceof Click click && LinkScanners.standard().isScanner(click));
  }

  /** Whether nothing is known. */
  public boolean isUnknown() {
    return outcomes.isEmpty() && enrolments.isEmpty();
  }

  /**
   * After an event.
   *
   * @param plans the experiments
   * @param watermark no event before it is still to come, apart from late ones; epoch milliseconds
   * @param changes takes what changes by it
   * @return this if nothing has changed
   */
  public Recipient with(
      Event event,
      ExperimentPlans plans,
      ReplyRecogniser recogniser,
      long watermark,
      CountChanges changes) {
    Recipient next = this;
    if (plans.mayCount(event)) {
      Outcome outcome = Outcome.of(event, recogniser);
      if (outcome != null
          && plans.wants(outcome.kind())
          && plans.keepUntil(outcome) > watermark
          && outcome.time() > evictedUntil
          && Collections.binarySearch(outcomes, outcome, Outcome.ORDER) < 0) {
        next = next.withOutcome(outcome, plans, watermark, changes);
      }
    }
    if (event instanceof Send send && send.experimentId() != null && send.variantId() != null) {
      next =
          next.exposed(
              send.experimentId(),
              send.variantId(),
              send.epoch(),
              send.eventTime(),
              send.campaignId(),
              plans,
              watermark,
              changes);
    } else if (event instanceof Assignment a) {
      next =
          next.exposed(
              a.experimentId(),
              a.variantId(),
              a.epoch(),
              a.eventTime(),
              null,
              plans,
              watermark,
              changes);
    }
    return next;
  }

  private Recipient withOutcome(
      Outcome outcome, ExperimentPlans plans, long watermark, CountChanges changes) {
    List<Outcome> before = kept(outcomes, plans, watermark);
    List<Outcome> now = new ArrayList<>(before.size() + 1);
    now.addAll(before);
    now.add(-1 - Collections.binarySearch(now, outcome, Outcome.ORDER), outcome);
    for (Enrolment enrolment : enrolments) {
      ExperimentPlan plan = plans.get(enrolment.experimentId());
      if (plan != null && plans.closesAt(enrolment) > watermark) {
        enrolment.emitOutcome(plan, outcome, before, now, evictedUntil, changes);
      }
    }
    if (now.size() <= OUTCOMES_KEPT) {
      return new Recipient(now, enrolments, evictedUntil, evicted);
    }
    List<Outcome> newest = now.subList(now.size() - OUTCOMES_KEPT, now.size());
    int old = now.size() - OUTCOMES_KEPT;
    return new Recipient(List.copyOf(newest), enrolments, now.get(old - 1).time(), evicted + old);
  }

  private Recipient exposed(
      String experimentId,
      String variantId,
      Integer epoch,
      long time,
      String campaignId,
      ExperimentPlans plans,
      long watermark,
      CountChanges changes) {
    ExperimentPlan plan = plans.get(experimentId);
    int arm = plan == null ? -1 : plan.arms().indexOf(variantId);
    if (arm < 0 || !plan.covers(time)) {
      return this;
    }
    Enrolment.Exposure exposure =
        new Enrolment.Exposure(
            time,
            arm,
            epoch == null ? plan.epochAt(time).number() : epoch,
            campaignId != null && plan.config().assignedBy() == ExperimentConfig.AssignedBy.SENDER
                ? Hashing.hash64(campaignId)
                : 0);
    Enrolment before = null;
    for (Enrolment enrolment : enrolments) {
      before = enrolment.experimentId().equals(experimentId) ? enrolment : before;
    }
    Enrolment after =
        before == null
            // The plan's own string: it is kept for every recipient.
            ? new Enrolment(plan.config().id(), List.of(exposure))
            : before.with(exposure);
    boolean closed =
        plans.closesAt(after) <= watermark
            || (before != null
                && after.first().time() - plan.config().covariateWindowMillis() <= evictedUntil);
    // Too late to know what the recipient did: neither a new unit nor another assignment.
    if (after.equals(before)
        || (closed && (before == null || !before.first().equals(after.first())))) {
      return this;
    }
    List<Enrolment> now = new ArrayList<>(enrolments);
    now.remove(before);
    if (now.size() == ENROLMENTS_KEPT) {
      Enrolment last = Collections.max(now, JOINED);
      if (JOINED.compare(after, last) > 0) {
        return new Recipient(outcomes, enrolments, evictedUntil, evicted + 1);
      }
      now.remove(last);
      takeBack(last, plans, watermark, changes);
    }
    after.emitExposure(plan, before, outcomes, closed, changes);
    now.add(after);
    return new Recipient(
        outcomes,
        now,
        evictedUntil,
        evicted + enrolments.size() + (before == null ? 1 : 0) - now.size());
  }

  private void takeBack(
      Enrolment enrolment, ExperimentPlans plans, long watermark, CountChanges changes) {
    ExperimentPlan plan = plans.get(enrolment.experimentId());
    if (plan != null
        && plans.closesAt(enrolment) > watermark
        && enrolment.first().time() - plan.config().covariateWindowMillis() > evictedUntil) {
      enrolment.takeBack(plan, outcomes, changes);
    }
  }

  /** Without what no longer matters at that watermark. */
  public Recipient pruned(ExperimentPlans plans, long watermark) {
    List<Outcome> kept = kept(outcomes, plans, watermark);
    List<Enrolment> live = enrolments.stream().filter(e -> plans.expiryOf(e) > watermark).toList();
    return kept.isEmpty() && live.isEmpty()
        ? UNKNOWN
        : new Recipient(kept, live, evictedUntil, evicted);
  }

  /** A send takes the clicks along that came too soon after it: they would count without it. */
  private static List<Outcome> kept(List<Outcome> outcomes, ExperimentPlans plans, long watermark) {
    boolean old = false;
    for (Outcome outcome : outcomes) {
      old = old || plans.keepUntil(outcome) <= watermark;
    }
    if (!old) {
      return outcomes;
    }
    List<Outcome> kept = new ArrayList<>(outcomes.size());
    for (Outcome outcome : outcomes) {
      boolean goes = plans.keepUntil(outcome) <= watermark;
      for (Outcome send : outcomes) {
        goes = goes || (outcome.isTooSoonAfter(send) && plans.keepUntil(send) <= watermark);
      }
      if (!goes) {
        kept.add(outcome);
      }
    }
    return kept;
  }

  /** The instant from which on {@link #pruned} takes something away, epoch milliseconds. */
  public long prunableAt(ExperimentPlans plans) {
    long first = Long.MAX_VALUE;
    for (Outcome outcome : outcomes) {
      first = Math.min(first, plans.keepUntil(outcome));
    }
    for (Enrolment enrolment : enrolments) {
      first = Math.min(first, plans.expiryOf(enrolment));
    }
    return first;
  }

  /** Writes the binary form. */
  public void write(BinaryWriter out) {
    out.writeByte(FORMAT);
    out.writeCount(outcomes);
    long last = 0;
    for (Outcome outcome : outcomes) {
      outcome.write(out, last);
      last = outcome.time();
    }
    out.writeCount(enrolments);
    for (Enrolment enrolment : enrolments) {
      out.writeText(enrolment.experimentId());
      out.writeCount(enrolment.exposures());
      for (Enrolment.Exposure exposure : enrolment.exposures()) {
        out.writeSigned(exposure.time());
        out.writeSigned(exposure.campaign() == 0 ? exposure.arm() : -1 - exposure.arm());
        out.writeSigned(exposure.epoch());
        if (exposure.campaign() != 0) {
          out.writeLong(exposure.campaign());
        }
      }
    }
    out.writeSigned(evictedUntil);
    out.writeSigned(evicted);
  }

  /** Reads what {@link #write} has written. */
  public static Recipient read(BinaryReader in) throws BinaryException {
    in.expectFormat("state of a recipient", FORMAT);
    int size = in.readCount();
    List<Outcome> outcomes = new ArrayList<>(size);
    long last = 0;
    for (int i = 0; i < size; i++) {
      Outcome outcome = Outcome.read(in, last);
      outcomes.add(outcome);
      last = outcome.time();
    }
    size = in.readCount();
    List<Enrolment> enrolments = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      String experimentId = in.readText();
      int count = in.readCount();
      List<Enrolment.Exposure> exposures = new ArrayList<>(count);
      for (int e = 0; e < count; e++) {
        long time = in.readSigned();
        int arm = in.readSignedInt();
        int epoch = in.readSignedInt();
        exposures.add(
            arm < 0
                ? new Enrolment.Exposure(time, -1 - arm, epoch, in.readLong())
                : new Enrolment.Exposure(time, arm, epoch, 0));
      }
      enrolments.add(new Enrolment(experimentId, exposures));
    }
    return new Recipient(outcomes, enrolments, in.readSigned(), in.readSigned());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Recipient recipient
        && recipient.outcomes.equals(outcomes)
        && recipient.evictedUntil == evictedUntil
        && Set.copyOf(recipient.enrolments).equals(Set.copyOf(enrolments));
  }

  @Override
  public int hashCode() {
    return outcomes.hashCode();
  }
}
