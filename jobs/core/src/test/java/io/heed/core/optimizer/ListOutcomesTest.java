package io.heed.core.optimizer;

import static org.assertj.core.api.Assertions.assertThat;

import io.heed.core.codec.BinaryException;
import io.heed.core.codec.BinaryReader;
import io.heed.core.codec.BinaryWriter;
import io.heed.core.optimizer.OutcomeCells.Measure;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ListOutcomesTest {
  private static final OptimiseSettings SETTINGS = OptimiseSettings.uncapped(10_000);
  private static final int DAYS = 12;

  @Property(tries = 5)
  void partsGiveTheSameModelInAnyOrder(@ForAll long seed) {
    List<ListOutcomes> parts = new ArrayList<>();
    for (int part = 0; part < 3; part++) {
      parts.add(TestingList.outcomes(seed + part, DAYS, 0.2));
    }
    ListOutcomes inOrder = new ListOutcomes();
    parts.forEach(inOrder::merge);
    Collections.shuffle(parts, new Random(seed));
    ListOutcomes shuffled = new ListOutcomes();
    parts.forEach(shuffled::merge);
    assertThat(TestingList.model(shuffled, DAYS, SETTINGS).version())
        .isEqualTo(TestingList.model(inOrder, DAYS, SETTINGS).version());
  }

  @Property(tries = 50)
  void cellsComeBackFromTheirBytes(@ForAll long seed) throws BinaryException {
    Random random = new Random(seed);
    OutcomeCells cells = new OutcomeCells();
    for (int i = random.nextInt(200); i > 0; i--) {
      cells.add(
          random.nextInt(Cell.COUNT),
          Measure.values()[random.nextInt(Measure.values().length)],
          random.nextLong() >> random.nextInt(64));
    }
    BinaryWriter out = new BinaryWriter();
    cells.write(out);
    BinaryReader in = new BinaryReader(out.toByteArray());
    assertThat(OutcomeCells.read(in)).isEqualTo(cells);
    in.expectEnd();
  }

  @Test
  void onlyWhatHasMaturedCounts() {
    ListOutcomes outcomes = TestingList.outcomes(1, 1, 0.2);
    ModelBuilder.close(outcomes, TestingList.FIRST_DAY + 2, SETTINGS, 0, null);
    assertThat(outcomes.messages()).isZero();
    ModelBuilder.close(outcomes, TestingList.FIRST_DAY + 3, SETTINGS, 0, null);
    assertThat(outcomes.messages()).isEqualTo(400);
  }
}
