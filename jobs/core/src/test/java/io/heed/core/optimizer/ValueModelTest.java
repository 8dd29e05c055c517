package io.heed.core.optimizer;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ValueModelTest {
  private static final int DAYS = 10;
  private static final int GROUPS = Cell.BORNE * Cell.AFFINITY;

  private static ValueModel model(long seed, double slope, int places) {
    OptimiseSettings free = OptimiseSettings.uncapped(1, 10_000);
    OptimiseSettings settings =
        new OptimiseSettings(
            free.horizonDays(),
            free.margin(),
            free.costMicros(),
            places,
            30,
            free.pilot(),
            free.withheld(),
            free.explored());
    return TestingList.model(TestingList.outcomes(seed, DAYS, slope), DAYS, settings);
  }

  @Property(tries = 8)
  void hazardNeverFallsAsFatigueGrows(
      @ForAll long seed, @ForAll @DoubleRange(min = -0.3, max = 0.4) double slope) {
    ValueModel model = model(seed, slope, 0);
    for (int group = 0; group < GROUPS; group++) {
      for (int k = 1; k < 200; k++) {
        assertThat(model.hazard(group, k / 10.0))
            .isGreaterThanOrEqualTo(model.hazard(group, (k - 1) / 10.0));
      }
    }
  }

  @Property(tries = 6)
  void pricesAreNeverNegativeAndMorePlacesNeverWorthLess(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 6) int places) {
    ValueModel model = model(seed, 0.2, places);
    ValueModel wider = model(seed, 0.2, places + 1);
    for (int group = 0; group < GROUPS; group++) {
      for (int k = 0; k < ValueGrid.POINTS; k++) {
        double fatigue = ValueGrid.fatigue(k);
        for (int used = 0; used < places; used++) {
          double value = model.value(group, used, fatigue);
          double price = value - model.value(group, used + 1, fatigue);
          assertThat(value).isNotNegative();
          assertThat(price).isGreaterThanOrEqualTo(-1);
          assertThat(wider.value(group, used, fatigue)).isGreaterThanOrEqualTo(value - 1);
        }
      }
    }
  }

  @Test
  void aSubscriberIsWorthLessTheMoreTired() {
    ValueModel model = model(3, 0.3, 0);
    for (int group = 0; group < GROUPS; group++) {
      for (int k = 1; k < ValueGrid.POINTS; k++) {
        assertThat(model.value(group, 0, ValueGrid.fatigue(k)))
            .isLessThanOrEqualTo(model.value(group, 0, ValueGrid.fatigue(k - 1)) + 1);
      }
    }
  }

  @Test
  void comesBackFromItsBytesWithTheSameVersion() throws BinaryException {
    ValueModel model = model(1, 0.2, 4);
    BinaryWriter out = new BinaryWriter();
    model.write(out);
    BinaryReader in = new BinaryReader(out.toByteArray());
    ValueModel read = ValueModel.read(in);
    in.expectEnd();
    assertThat(read.version()).isEqualTo(model.version()).hasSize(32);
    assertThat(model(2, 0.2, 4).version()).isNotEqualTo(model.version());
    assertThat(read.value(5, 1, 2.3)).isEqualTo(model.value(5, 1, 2.3));
  }

  @Test
  void priceOfAnOptOutRisesOnlyWhileMoreLeaveThanInTheControl() {
    assertThat(OptOutPrice.next(0, 1e6, 120, 1000, 100, 1000)).isPositive();
    assertThat(OptOutPrice.next(50_000, 1e6, 80, 1000, 100, 1000)).isLessThan(50_000);
    assertThat(OptOutPrice.next(0, 1e6, 80, 1000, 100, 1000)).isZero();
    assertThat(OptOutPrice.next(7, 1e6, 80, 1000, 0, 0)).isEqualTo(7);
  }
}
