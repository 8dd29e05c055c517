package io.heed.core.outcomes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.heed.core.model.ValueCurvePoint;
import io.heed.core.model.ValueFigure;
import io.heed.core.optimizer.Cell;
import io.heed.core.optimizer.TestingModel;
import io.heed.core.optimizer.ValueModel;
import java.util.List;
import org.junit.jupiter.api.Test;

class ModelFiguresTest {
  private final ValueModel model = TestingModel.of(2_000_000);

  @Test
  void figuresAreThoseOfTheModel() {
    List<ValueFigure> figures = ModelFigures.figures(model);
    assertThat(figures).hasSize(48);
    assertThat(figures.stream().map(ValueFigure::borneFrom).distinct())
        .containsExactly(0, 5, 15, 40, 100, 200);
    ValueFigure one = figures.get(2 * 8 + 3);
    assertThat(one.fatigue()).isEqualTo(2);
    int group = Cell.group(2, 2);
    assertThat(one.click()).isCloseTo(model.click(group, 2), within(1e-7));
    assertThat(one.hazard()).isCloseTo(model.hazard(group, 2), within(1e-7));
    assertThat(one.valueMicros()).isEqualTo(Math.round(model.value(group, 0, 2)));
  }

  /** By adding up a life of messages, month for month, in place of the closed form. */
  @Test
  void theCurveIsWhatALifeOfMessagesAddsUpTo() {
    for (ValueCurvePoint point : ModelFigures.curve(model)) {
      double days = 30.0 / point.messagesAMonth();
      double decay = Math.pow(0.5, days / model.halfLife().days());
      double fatigue = 0;
      for (int before = 0; before < 3_000; before++) {
        fatigue = (fatigue + 1) * decay;
      }
      int group = Cell.group(2, 2);
      double stays = 1;
      double value = 0;
      for (int message = 0; message < 20_000; message++) {
        double worthNow = Math.exp(-message * days / model.settings().horizonDays());
        value +=
            stays
                * worthNow
                * (model.click(group, fatigue) * model.valuePerClickMicros()
                    - model.settings().costMicros());
        stays *= 1 - model.hazard(group, fatigue);
      }
      assertThat((double) point.valueMicros())
          .as("%d a month", point.messagesAMonth())
          .isCloseTo(value, within(Math.abs(value) / 1_000 + 1));
      assertThat(point.optOutsAMonth())
          .isCloseTo(
              1 - Math.pow(1 - model.hazard(group, fatigue), point.messagesAMonth()), within(1e-6));
    }
  }
}
