package io.heed.core.gate;

import io.heed.core.gate.RecipientState.Scope;
import io.heed.core.model.Category;
import java.time.Duration;
import java.util.List;

/**
 * One message that a suppression does not hold back: the confirmation of an opt-out, or the reply
 * to a request for help.
 *
 * @param confirmation whether it confirms an opt-out
 * @param until the last instant at which it may go out
 */
record Exemption(boolean confirmation, long until) {
  /** Tag of the one message that confirms an opt-out. */
  static final String CONFIRMATION_TAG = "opt_out_confirmation";

  private static final long CONFIRMATION_MILLIS = Duration.ofMinutes(5).toMillis();
  private static final long HELP_MILLIS = Duration.ofHours(1).toMillis();

  /** Records that the message has gone out. */
  void use(RecipientState state, long at) {
    if (confirmation) {
      state.confirmedAt = Math.max(state.confirmedAt, at);
    } else {
      state.helpRepliedAt = Math.max(state.helpRepliedAt, at);
    }
  }

  /**
   * The exemption of a message; null for none.
   *
   * @param granted whether it was allowed while the suppression stood already
   */
  static Exemption of(
      RecipientState state,
      Category category,
      String list,
      List<String> tags,
      long at,
      boolean granted) {
    Scope own = state.scopeOrOthers(list);
    Scope all = Consent.all(state);
    long optedOutAt = Math.max(own == null ? 0 : own.softAt, all == null ? 0 : all.softAt);
    long confirmBy = optedOutAt + CONFIRMATION_MILLIS;
    if (category == Category.TRANSACTIONAL
        && tags.contains(CONFIRMATION_TAG)
        && at >= optedOutAt
        && at <= confirmBy
        && (granted || state.confirmedAt < optedOutAt)) {
      return new Exemption(true, confirmBy);
    }
    long helpBy = state.helpAt + HELP_MILLIS;
    if (category != Category.PROMOTIONAL
        && state.helpAt > 0
        && at >= state.helpAt
        && at <= helpBy
        && (granted || state.helpRepliedAt < state.helpAt)) {
      return new Exemption(false, helpBy);
    }
    return null;
  }
}
