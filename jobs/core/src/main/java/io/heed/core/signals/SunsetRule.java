package io.heed.core.signals;

import io.heed.core.optimizer.Cell;
import io.heed.core.optimizer.PersonState;
import io.heed.core.optimizer.ValueModel;
import java.util.Collection;
import java.util.Locale;

/**
 * SUNSET: a dormant recipient to whom a message costs more than it brings. On every list that
 * texted the recipient, click rate · value of a click − cost is negative, by the list's value
 * model, for an average campaign and a rested recipient of that class: the best that can be
 * expected. Where a list has no model that decides, nothing is known and nothing is set.
 */
final class SunsetRule {
  private static final double MICROS = 1e6;

  private SunsetRule() {}

  /**
   * Null if it does not hold.
   *
   * @param dormant the signal DORMANT
   * @param lists that texted the recipient
   */
  static HeldSignal of(
      HeldSignal dormant,
      Collection<String> lists,
      PersonState person,
      long instant,
      ListModels models) {
    String best = null;
    double bestBrings = 0;
    double bestCost = 0;
    for (String list : lists) {
      ValueModel model = models.at(list, instant);
      if (model == null) {
        return null;
      }
      double brings = model.click(Cell.group(person), 0) * model.valuePerClickMicros();
      double cost = model.settings().costMicros();
      if (brings >= cost) {
        return null;
      }
      if (best == null || brings - cost > bestBrings - bestCost) {
        best = list;
        bestBrings = brings;
        bestCost = cost;
      }
    }
    return new HeldSignal(
        dormant.validUntil(),
        null,
        String.format(
            Locale.ROOT,
            "%s; a message of list %s costs %.4f and would bring about %.4f",
            dormant.evidence(),
            best,
            bestCost / MICROS,
            bestBrings / MICROS));
  }
}
