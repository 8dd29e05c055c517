package io.heed.core.outcomes;

import io.heed.core.model.ValueCurvePoint;
import io.heed.core.model.ValueFigure;
import io.heed.core.optimizer.Cell;
import io.heed.core.optimizer.ValueModel;
import java.util.ArrayList;
import java.util.List;

/** The figures of a value model that people look at: those of average affinity. */
final class ModelFigures {
  /** Clicks as the average person does: a ratio of one. */
  private static final int AVERAGE_AFFINITY = 2;

  /** The class of messages borne that the curve is about: who has been there for some months. */
  private static final int SETTLED = 2;

  private static final double[] FATIGUE = {0, 0.5, 1, 2, 3, 4, 6, 8};
  private static final int[] MESSAGES_A_MONTH = {1, 2, 3, 4, 6, 8, 10, 12, 15, 20, 30};
  private static final int MONTH_DAYS = 30;
  private static final double RATE_PARTS = 1e7;

  private ModelFigures() {}

  static List<ValueFigure> figures(ValueModel model) {
    List<ValueFigure> figures = new ArrayList<>();
    for (int borne = 0; borne < Cell.BORNE; borne++) {
      int group = Cell.group(borne, AVERAGE_AFFINITY);
      for (double fatigue : FATIGUE) {
        figures.add(
            new ValueFigure(
                Cell.borneFrom(borne),
                fatigue,
                rounded(model.click(group, fatigue)),
                rounded(model.hazard(group, fatigue)),
                Math.round(model.value(group, 0, fatigue))));
      }
    }
    return figures;
  }

  /**
   * A person who gets a message every d days for ever is worth V = v / (1 − γ (1 − h)), where v is
   * what a message brings less its cost, h its hazard, both at the fatigue that such messages lead
   * to, δ / (1 − δ) with δ what is left of a message after d days, and γ what is left of the worth
   * of money by then.
   */
  static List<ValueCurvePoint> curve(ValueModel model) {
    int group = Cell.group(SETTLED, AVERAGE_AFFINITY);
    List<ValueCurvePoint> curve = new ArrayList<>();
    for (int messages : MESSAGES_A_MONTH) {
      double days = (double) MONTH_DAYS / messages;
      double left = model.halfLife().decay(days);
      double fatigue = left / (1 - left);
      double brings =
          model.click(group, fatigue) * model.valuePerClickMicros() - model.settings().costMicros();
      double hazard = model.hazard(group, fatigue);
      double gamma = StrictMath.exp(-days / model.settings().horizonDays());
      curve.add(
          new ValueCurvePoint(
              messages,
              Math.round(brings / (1 - gamma * (1 - hazard))),
              rounded(1 - StrictMath.pow(1 - hazard, messages))));
    }
    return curve;
  }

  private static double rounded(double rate) {
    return Math.rint(rate * RATE_PARTS) / RATE_PARTS;
  }
}
