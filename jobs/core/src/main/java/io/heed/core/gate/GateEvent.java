package io.heed.core.gate;

import io.heed.core.experiments.ExperimentAllocation.PriorAssignment;
import io.heed.core.model.Category;
import io.heed.core.model.DeliveryStatus;
import io.heed.core.model.Erasure;
import io.heed.core.model.SendRequest;
import io.heed.core.model.SuppressionDecision;
import io.heed.core.rules.ErrorClass;
import java.util.List;

/** The inputs of the gate, reduced to what it decides by. Instants are epoch milliseconds. */
public sealed interface GateEvent {
  String recipientId();

  /** When it happened. */
  long time();

  /**
   * A message went out.
   *
   * @param live whether it was reported at once, so that a breach is one of now; a back-fill is not
   * @param tags never null
   * @param exposure the variant that it was, or null
   */
  record Sent(
      String recipientId,
      long time,
      boolean live,
      String messageId,
      String campaignId,
      String listId,
      Category category,
      String region,
      String timeZone,
      String requestId,
      List<String> tags,
      PriorAssignment exposure)
      implements GateEvent {}

  /** A recipient was exposed to an experiment without a message, such as to its hold-out. */
  record Exposed(String recipientId, long time, PriorAssignment exposure) implements GateEvent {}

  /** A receipt of rank EXPIRED or higher; lower ones change nothing. */
  record Receipt(
      String recipientId, long time, String messageId, DeliveryStatus status, ErrorClass error)
      implements GateEvent {}

  /**
   * A click that is no link scanner's by its name.
   *
   * @param timed whether its time after the send is evidence of a machine
   */
  record Clicked(String recipientId, long time, String messageId, boolean timed)
      implements GateEvent {}

  /**
   * A revocation.
   *
   * @param scope a list id or {@code *}; null for a reply, whose message's list counts
   * @param messageId the message that is replied to, or null
   */
  record Revoked(
      String recipientId, long time, String scope, String messageId, RevocationMethod method)
      implements GateEvent {}

  /** A consent; scope and message as for a revocation. */
  record Consented(
      String recipientId, long time, String scope, String messageId, ConsentMethod method)
      implements GateEvent {}

  /** A reply that asks for help. */
  record HelpRequested(String recipientId, long time) implements GateEvent {}

  /** Another channel's touch. */
  record Touched(String recipientId, long time, String eventId, String channel)
      implements GateEvent {}

  /**
   * What the optimizer says about a message to a dormant recipient.
   *
   * @param time instant since which it is so
   * @param until until when a message costs more than it brings; 0 if it does not
   */
  record Sunset(String recipientId, long time, long until) implements GateEvent {}

  /** A request: may a message go out? */
  record Requested(SendRequest request, long appendTime) implements GateEvent {
    @Override
    public String recipientId() {
      return request.recipientId();
    }

    @Override
    public long time() {
      return request.eventTime();
    }
  }

  /** A request that breaks the rules, of which no more can be read. */
  record Invalid(String recipientId, long time, String requestId) implements GateEvent {}

  /** The recipient, whom the record names, is erased: what is known of them expires at once. */
  record Erased(Erasure erasure) implements GateEvent {
    @Override
    public String recipientId() {
      return erasure.recipientId();
    }

    @Override
    public long time() {
      return erasure.eventTime();
    }
  }

  /** A suppression decision of a previous run, from its topic. */
  record Recovered(SuppressionDecision decision) implements GateEvent {
    @Override
    public String recipientId() {
      return decision.recipientId();
    }

    @Override
    public long time() {
      return decision.since();
    }
  }
}
