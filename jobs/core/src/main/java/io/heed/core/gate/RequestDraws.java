package io.heed.core.gate;

import io.heed.core.experiments.ExperimentAllocation.Draw;
import io.heed.core.experiments.ExperimentAllocation.Kind;
import io.heed.core.experiments.ExperimentAllocation.PriorAssignment;
import io.heed.core.experiments.ProgrammeHoldout;
import io.heed.core.gate.RecipientState.KnownRequest;
import io.heed.core.gate.ValueCheck.Worth;
import io.heed.core.model.Assignment;
import io.heed.core.model.SendRequest;

/**
 * What chance decides about a request that all rules allow: whether the recipient is held out of
 * the whole programme, and which arm of the request's experiment the recipient is in. Keeps what
 * was drawn, and emits an assignment, once, for a recipient who is exposed without a message.
 */
final class RequestDraws {
  private final GateCall call;
  private final PolicyBook policies;
  private final ExperimentBook experiments;

  RequestDraws(GateCall call, PolicyBook policies, ExperimentBook experiments) {
    this.call = call;
    this.policies = policies;
    this.experiments = experiments;
  }

  /** Whether the programme's hold-out keeps the recipient from the message; then it is kept. */
  boolean holdOut(SendRequest request) {
    ProgrammeHoldout holdout = policies.holdoutAt(request.eventTime());
    if (holdout == null
        || !holdout.categories().contains(request.category())
        || !holdout.holds(call.recipientId)) {
      return false;
    }
    PriorAssignment kept = new PriorAssignment(holdout.key(), ProgrammeHoldout.ARM, 0);
    if (expose(kept, request.eventTime())) {
      String eventId = Hash.id("assignment", call.recipientId, holdout.key());
      call.out.assign(
          new Assignment(
              eventId,
              request.eventTime(),
              call.recipientId,
              ProgrammeHoldout.EXPERIMENT,
              ProgrammeHoldout.ARM,
              null));
    }
    return true;
  }

  /**
   * Emits, once, that a person has come to the first message of a list that everything else allows
   * and that the optimizer has a part in: so both arms enter by the same rule.
   */
  void enter(SendRequest request, Optimise policy, Worth worth) {
    String key = policy.key(request.listId());
    if (call.state.enter((int) Hash.of(key))) {
      call.out.assign(
          new Assignment(
              Hash.id("assignment", call.recipientId, key),
              request.eventTime(),
              call.recipientId,
              key,
              worth.control() ? Optimise.CONTROL : Optimise.OPTIMISED,
              policy.epoch(),
              worth.subscriberMicros()));
    }
  }

  /** Draws the recipient's arm of the request's experiment. */
  Draw draw(SendRequest request) {
    return experiments.draw(request, call.state.draws());
  }

  /**
   * Keeps the first draw within a test.
   *
   * @param unsent whether the recipient is exposed without a message
   */
  void keep(SendRequest request, Draw draw, boolean unsent) {
    PriorAssignment drawn =
        new PriorAssignment(request.experimentId(), draw.variantId(), draw.epoch());
    boolean isNew =
        draw.test() ? expose(drawn, request.eventTime()) : !call.state.draws().contains(drawn);
    if (isNew && unsent) {
      call.out.assign(
          new Assignment(
              Hash.id(
                  "assignment",
                  call.recipientId,
                  drawn.experimentId(),
                  drawn.variantId(),
                  drawn.epoch()),
              request.eventTime(),
              call.recipientId,
              drawn.experimentId(),
              drawn.variantId(),
              drawn.epoch()));
    }
  }

  /** Keeps what was drawn for a verdict that has been read back. */
  void restore(KnownRequest known, SendRequest request, boolean heldOut) {
    if (heldOut && holdOut(request)) {
      return;
    }
    Draw draw = draw(request);
    if (heldOut && draw.kind() == Kind.HOLDOUT) {
      keep(request, draw, true);
    } else if (!heldOut && draw.test()) {
      keep(request, new Draw(Kind.VARIANT, known.variant, known.epoch, 0, true), false);
    }
  }

  private boolean expose(PriorAssignment drawn, long at) {
    boolean isNew = !call.state.draws().contains(drawn);
    call.state.exposed(drawn, at);
    return isNew;
  }
}
