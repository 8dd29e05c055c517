package io.heed.sim;

import io.heed.core.model.Decision;
import io.heed.core.model.Send;
import io.heed.core.model.SendVerdict;
import io.heed.core.model.SuppressionDecision;
import io.heed.core.model.SuppressionState;
import io.heed.core.model.Verdict;
import java.util.HashMap;
import java.util.Map;

/**
 * Checks the sending system: whether any text went out against a decision that was known by then.
 * Takes decisions and texts in the order of the sending system.
 */
final class SendAudit {
  private final long since;
  private final Map<String, SendVerdict> verdicts = new HashMap<>();
  private final Map<String, SuppressionDecision> suppressions = new HashMap<>();
  private long watched;
  private long breaches;

  /**
   * @param since texts from this instant on need a verdict, epoch milliseconds
   */
  SendAudit(long since) {
    this.since = since;
  }

  void decided(Decision decision) {
    if (decision instanceof SendVerdict verdict) {
      verdicts.put(verdict.requestId(), verdict);
    } else if (decision instanceof SuppressionDecision suppression) {
      suppressions.put(suppression.key(), suppression);
    }
  }

  void sent(Send send) {
    if (send.eventTime() >= since) {
      watched++;
      breaches += isAllowed(send) ? 0 : 1;
    }
  }

  private boolean isAllowed(Send send) {
    SendVerdict verdict = verdicts.get(send.requestId());
    boolean allowed =
        verdict != null
            && verdict.verdict() == Verdict.ALLOW
            && verdict.recipientId().equals(send.recipientId())
            && send.eventTime() < verdict.expiresAt();
    return allowed && (isConfirmation(send) || !isSuppressed(send));
  }

  private static boolean isConfirmation(Send send) {
    return send.tags() != null && send.tags().contains(SendingSystem.OPT_OUT_CONFIRMATION);
  }

  private boolean isSuppressed(Send send) {
    SuppressionDecision list = suppressions.get(send.recipientId() + "|" + send.listId());
    SuppressionDecision all = suppressions.get(send.recipientId() + "|*");
    if (list != null && list.state() == SuppressionState.SUPPRESSED) {
      return true;
    }
    // A later consent to the list opens the list alone.
    return all != null
        && all.state() == SuppressionState.SUPPRESSED
        && (list == null || list.since() <= all.since());
  }

  /** Texts that were checked. */
  long watched() {
    return watched;
  }

  /** Texts that no decision allowed, or that one forbade. */
  long breaches() {
    return breaches;
  }
}
