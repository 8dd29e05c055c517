package io.heed.client;

import io.heed.core.model.Category;
import io.heed.core.model.ReasonCode;
import io.heed.core.model.Send;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.Verdict;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * What became of a request: the gate's verdict, or none. Call {@link #holds} right before the
 * message is handed over, and send only if it is true.
 */
public final class Permission {
  private static final long REPEAT_AFTER_MILLIS = 5_000;

  private final MessageRequest request;
  private final SendVerdict verdict;
  private final String problem;
  private final BooleanSupplier open;
  private final LongSupplier millis;
  private final long givenAt;

  /**
   * A verdict, or why there is none.
   *
   * @param verdict null without one
   * @param problem null with one
   * @param open whether what is known locally still allows a promotional message
   */
  Permission(
      MessageRequest request,
      SendVerdict verdict,
      String problem,
      BooleanSupplier open,
      LongSupplier millis) {
    this.request = request;
    this.verdict = verdict;
    this.problem = problem;
    this.open = open;
    this.millis = millis;
    this.givenAt = millis.getAsLong();
  }

  /**
   * Whether the message may go out now: the verdict is ALLOW and has not expired. A promotional
   * message needs a fresh heartbeat and a list that is still open by all suppressions, too. Without
   * a verdict nothing is allowed.
   */
  public boolean holds() {
    return verdict != null
        && verdict.verdict() == Verdict.ALLOW
        && isUnexpired()
        && (request.category() != Category.PROMOTIONAL || open.getAsBoolean());
  }

  private boolean isUnexpired() {
    return millis.getAsLong() < verdict.expiresAt();
  }

  /** The verdict, if one came in time. */
  public Optional<SendVerdict> verdict() {
    return Optional.ofNullable(verdict);
  }

  /** Why there is no verdict. */
  public Optional<String> problem() {
    return Optional.ofNullable(problem);
  }

  /**
   * When to repeat the request with the same id: 5 seconds after it has failed, or an ALLOW that
   * has not expired and does not hold, as after a start or without heartbeats; when a DEFER says.
   * Empty if its verdict is final.
   */
  public Optional<Instant> repeatAt() {
    if (verdict == null || (verdict.verdict() == Verdict.ALLOW && isUnexpired() && !holds())) {
      return Optional.of(Instant.ofEpochMilli(givenAt + REPEAT_AFTER_MILLIS));
    }
    return verdict.verdict() == Verdict.DEFER && verdict.notBefore() != null
        ? Optional.of(Instant.ofEpochMilli(verdict.notBefore()))
        : Optional.empty();
  }

  /** The verdict's reasons; none without a verdict. */
  public List<ReasonCode> reasons() {
    return verdict == null ? List.of() : verdict.reasons();
  }

  public MessageRequest request() {
    return request;
  }

  /**
   * The event that reports the message once the vendor has taken it, with the verdict's variant.
   * Its event_id follows from the message_id, so it may be reported again.
   *
   * @param messageId under which receipts and replies will come
   * @param segments that the carrier bills
   * @param costMicros in micros of the reporting currency
   */
  public Send sent(String messageId, int segments, long costMicros) {
    return new Send(
        "send:" + messageId,
        millis.getAsLong(),
        request.recipientId(),
        messageId,
        request.campaignId(),
        request.listId(),
        request.category(),
        request.experimentId(),
        verdict == null ? null : verdict.variantId(),
        verdict == null ? null : verdict.epoch(),
        null,
        request.region(),
        request.timeZone(),
        segments,
        costMicros,
        request.requestId(),
        request.tags());
  }

  @Override
  public String toString() {
    return verdict == null ? "no verdict: " + problem : verdict.verdict() + " " + reasons();
  }
}
