package io.heed.core.experiments;

import io.heed.core.experiments.ExperimentConfig.AssignedBy;
import io.heed.core.experiments.ExperimentPlan.Epoch;
import io.heed.core.model.ExperimentDecision;
import io.heed.core.model.ExperimentState;
import io.heed.core.model.SendRequest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The assignment of a recipient in an experiment, for a request: a pure function of the plans, the
 * last decision, the request, and the recipient's prior assignments.
 *
 * <p>Meant for the send gate, once every other check allows:
 *
 * <pre>{@code
 * ExperimentAllocation.Draw draw = ExperimentAllocation.draw(plans, decision, request, prior);
 * switch (draw.kind()) {
 *   case VARIANT -> ALLOW with draw.variantId() and draw.epoch(), kept per recipient
 *   case HOLDOUT -> DENY with HOLDOUT; write sms.assignment the first time, kept
 *   case WAIT    -> DEFER with WAITING_FOR_RESULT, not_before = draw.notBefore()
 *   case OUTSIDE -> ALLOW without a variant: nothing is kept
 * }
 * }</pre>
 *
 * <p>The draw is a salted hash of the recipient, held against the cumulated shares. The salt is the
 * experiment's id, so that two experiments split recipients independently, and a changed weight
 * moves as few new recipients as possible. Where the sending system assigns, nothing is drawn: a
 * recipient keeps the variant that a send or an assignment has named. {@link Draw#test()} states
 * what is to be kept: only a draw within the test is sticky; what the remainder of a list gets
 * after the result is not part of the test, and its epoch is none of the evidence's.
 */
public final class ExperimentAllocation {
  private ExperimentAllocation() {}

  /** The kind of a draw. */
  public enum Kind {
    /** The recipient gets a variant. */
    VARIANT,
    /** The recipient gets no message, and is assigned to the hold-out. */
    HOLDOUT,
    /** The recipient belongs to the remainder of a planned list, which waits for the result. */
    WAIT,
    /** The recipient does not take part. */
    OUTSIDE
  }

  /**
   * The result of a draw.
   *
   * @param kind what it is
   * @param variantId of VARIANT and HOLDOUT, else null
   * @param epoch of VARIANT and HOLDOUT, to be put on the send or the assignment
   * @param notBefore of WAIT: when to request again, epoch milliseconds
   * @param test whether the recipient takes part in the test by it, and has to be kept
   */
  public record Draw(Kind kind, String variantId, int epoch, long notBefore, boolean test) {
    private static final Draw OUTSIDE = new Draw(Kind.OUTSIDE, null, 0, 0, false);
  }

  /**
   * What a recipient has got before.
   *
   * @param experimentId the experiment
   * @param variantId the variant or the hold-out
   * @param epoch the epoch of the first draw
   */
  public record PriorAssignment(String experimentId, String variantId, int epoch) {}

  /** How often the remainder of a list requests again while no hour is named for it. */
  private static final long RETRY_MILLIS = 15 * 60_000L;

  /**
   * Draws.
   *
   * @param plans the experiments
   * @param decision newest decision of the request's experiment, null before the first
   * @param request decided at its event time
   * @param prior what the recipient was assigned before, in every experiment
   */
  public static Draw draw(
      ExperimentPlans plans,
      ExperimentDecision decision,
      SendRequest request,
      List<PriorAssignment> prior) {
    ExperimentPlan plan = request.experimentId() == null ? null : plans.get(request.experimentId());
    if (plan == null) {
      return Draw.OUTSIDE;
    }
    ExperimentConfig config = plan.config();
    String recipientId = request.recipientId();
    long instant = request.eventTime();
    boolean isFinal = decision != null && decision.isFinal();
    for (PriorAssignment before : prior) {
      if (before.experimentId().equals(config.id())) {
        return isHarmed(config, decision)
            ? answer(plan, config.control(), decision.epoch(), false)
            : answer(plan, before.variantId(), before.epoch(), true);
      }
    }
    if (instant < config.start().toEpochMilli()
        || !plan.heldAt(instant).audience().includes(request.listId(), request.tags())
        || excluded(plans, config, prior)) {
      return Draw.OUTSIDE;
    }
    if (isFinal && (config.assignedBy() == AssignedBy.GATE || !isTest(decision))) {
      return pick(plan, decision.allocation(), decision.epoch(), recipientId, isTest(decision));
    }
    if (config.assignedBy() == AssignedBy.SENDER) {
      return Draw.OUTSIDE;
    }
    if (!plan.covers(instant)) {
      return control(plan, decision);
    }
    if (config.design() instanceof Design.PlannedList list && !inTest(config, list, recipientId)) {
      return remainder(plan, decision, list, instant);
    }
    if (decision != null && config.design() instanceof Design.Bandit) {
      return pick(plan, decision.allocation(), decision.epoch(), recipientId, true);
    }
    Epoch epoch = plan.epochAt(instant);
    return pick(plan, shares(plan, epoch), epoch.number(), recipientId, true);
  }

  /** The arm that a recipient who was assigned before is in now. */
  public static String arm(
      ExperimentConfig config, ExperimentDecision decision, PriorAssignment before) {
    return isHarmed(config, decision) ? config.control() : before.variantId();
  }

  private static boolean isHarmed(ExperimentConfig config, ExperimentDecision decision) {
    return decision != null
        && decision.isFinal()
        && decision.state() == ExperimentState.STOPPED_HARM
        && config.controlArm() != config.holdoutArm();
  }

  /**
   * Where a recipient stands between 0 (inclusive) and 1 (exclusive): the variants' shares follow
   * each other from 0 on in the file's order, then comes the hold-out. A sending system that draws
   * by itself and later requests verdicts of the gate keeps everybody's variant if it draws by
   * this.
   */
  public static double point(String experimentId, String recipientId) {
    return Hashing.unit("variant|" + experimentId + "|" + recipientId);
  }

  /** After a final decision that is announced only, the old allocation goes on, and so does it. */
  private static boolean isTest(ExperimentDecision decision) {
    return decision.allocation().values().stream().noneMatch(share -> share == 1);
  }

  private static boolean excluded(
      ExperimentPlans plans, ExperimentConfig config, List<PriorAssignment> prior) {
    return !config.exclusionGroup().isEmpty()
        && prior.stream()
            .map(before -> plans.get(before.experimentId()))
            .anyMatch(
                other ->
                    other != null
                        && other.config().exclusionGroup().equals(config.exclusionGroup()));
  }

  private static boolean inTest(
      ExperimentConfig config, Design.PlannedList list, String recipientId) {
    return Hashing.unit("test|" + config.id() + "|" + recipientId) < list.testShare();
  }

  private static Draw remainder(
      ExperimentPlan plan, ExperimentDecision decision, Design.PlannedList list, long instant) {
    if (list.waitUntil() == null) {
      return new Draw(Kind.WAIT, null, 0, instant + RETRY_MILLIS, false);
    }
    long until = list.waitUntil().toEpochMilli();
    if (instant < until) {
      return new Draw(Kind.WAIT, null, 0, Math.min(until, instant + RETRY_MILLIS), false);
    }
    return control(plan, decision);
  }

  /** What everybody gets without a decision: the control, or a message if that is the hold-out. */
  private static Draw control(ExperimentPlan plan, ExperimentDecision decision) {
    ExperimentConfig config = plan.config();
    return config.controlArm() == config.holdoutArm()
        ? Draw.OUTSIDE
        : answer(plan, config.control(), afterwards(plan, decision), false);
  }

  /** An epoch beyond those of the test. */
  private static int afterwards(ExperimentPlan plan, ExperimentDecision decision) {
    int last = plan.epochs().get(plan.epochs().size() - 1).number();
    return 1 + (decision == null ? last : Math.max(last, decision.epoch()));
  }

  private static Map<String, Double> shares(ExperimentPlan plan, Epoch epoch) {
    Map<String, Double> shares = new LinkedHashMap<>();
    for (int arm = 0; arm < plan.arms().size(); arm++) {
      shares.put(plan.arms().get(arm), epoch.shares().get(arm));
    }
    return shares;
  }

  private static Draw pick(
      ExperimentPlan plan,
      Map<String, Double> shares,
      int epoch,
      String recipientId,
      boolean test) {
    double point = point(plan.config().id(), recipientId);
    double reached = 0;
    List<String> sent = new ArrayList<>();
    for (String arm : plan.arms()) {
      double share = shares.getOrDefault(arm, 0.0);
      reached += share;
      if (share > 0) {
        sent.add(arm);
        if (point < reached) {
          return answer(plan, arm, epoch, test);
        }
      }
    }
    // Shares that sum to a hair less than 1.
    return answer(plan, sent.get(sent.size() - 1), epoch, test);
  }

  private static Draw answer(ExperimentPlan plan, String variantId, int epoch, boolean test) {
    Holdout holdout = plan.config().holdout();
    boolean held = holdout != null && holdout.id().equals(variantId);
    return new Draw(held ? Kind.HOLDOUT : Kind.VARIANT, variantId, epoch, 0, test);
  }
}
