package io.heed.core.attribution;

import io.heed.core.model.AttributionCreditRow;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * A conversion whose day has closed, waiting for the Markov model of that day.
 *
 * @param recipientId the recipient
 * @param before what was handed on earlier and holds no more, or null
 * @param after the conversion with its path; null if {@code before} is all taken back
 * @param seq version of its rows
 */
public record MarkovCredit(String recipientId, Attributed before, Attributed after, long seq) {
  /** The recipient is erased: what waits of them waits no more. */
  public static MarkovCredit erased(String recipientId) {
    return new MarkovCredit(recipientId, null, null, 0);
  }

  public boolean isErased() {
    return before == null && after == null;
  }

  /** The last day whose model is needed. */
  public int modelDay() {
    int beforeDay = before == null ? Integer.MIN_VALUE : before.modelDay();
    return Math.max(beforeDay, after == null ? Integer.MIN_VALUE : after.modelDay());
  }

  /**
   * The rows to write.
   *
   * @param removalEffects of a day, by channel; empty for a day without a model
   */
  public void rows(
      IntFunction<Map<String, Double>> removalEffects, Consumer<AttributionCreditRow> out) {
    CreditRows.changed(
        Model.MARKOV,
        recipientId,
        before,
        shares(before, removalEffects),
        after,
        shares(after, removalEffects),
        seq,
        out);
  }

  private static long[] shares(
      Attributed attributed, IntFunction<Map<String, Double>> removalEffects) {
    return attributed == null || attributed.path().isEmpty()
        ? null
        : Shares.proportional(
            Model.markovWeights(attributed.path(), removalEffects.apply(attributed.modelDay())));
  }
}
